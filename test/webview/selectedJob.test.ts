import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { TestPlane } from '../contract/plane.ts';
import { closeTab, shoot } from './browser.ts';
import { type EditorTab, openInEditor } from './editorPage.ts';
import { endRun, fixturePlane, openRun } from './fixture.ts';
import type { ThemeName } from './themes.ts';

const job = (name: string) => ({ page: 'job' as const, name });

describe('the view of the selected job', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await fixturePlane();
  });

  const open = (name: string, options: { theme?: ThemeName; width?: number; height?: number } = {}) =>
    openInEditor(plane, job(name), { bundle: 'selectedJob', width: 340, height: 700, ...options });
  const select = (tab: EditorTab, name: string) => tab.send({ type: 'navigate', address: job(name) });
  const log = (run: string, metrics: Record<string, number>, step: number) =>
    plane.client.http.json('POST', '/api/2.0/mlflow/runs/log-batch', {
      run_id: run,
      metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, step, timestamp: Date.now() })),
    });
  const assertFits = async ({ page }: EditorTab) =>
    assert.equal(await page.evaluate(() => document.scrollingElement!.scrollWidth > innerWidth), false, 'it is too wide');

  it('says what to do before one is selected, follows the selection, and says when the job is gone', async () => {
    const tab = await open('');
    const { page } = tab;
    await page.getByText('No job is selected.').waitFor();
    await shoot(page, 'selected-none');
    await select(tab, 'digits_1');
    await page.getByRole('heading', { name: 'Digits, two layers' }).waitFor();
    await page.getByText('Completed', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Steps' }).getByRole('link', { name: 'train' }).waitFor();
    await shoot(page, 'selected-pipeline');
    await select(tab, 'wrong_file');
    await page.getByRole('alert').getByText('no rows in missing.csv').first().waitFor();
    await assertFits(tab);
    await shoot(page, 'selected-failed');
    await select(tab, 'nobody');
    await page.getByText('This job is not there.').waitFor();
    await closeTab(tab);
  });

  it('shows metrics as they come, the most telling first and none of the machine, and leads to the page', async () => {
    const run = await openRun(plane, 'watched');
    await plane.client.http.json('POST', '/api/2.0/mlflow/runs/log-parameter', { run_id: run, key: 'lr', value: '0.01' });
    const tab = await open(run);
    const { page } = tab;
    await page.getByText('No metrics yet.').waitFor();
    for (let step = 0; step < 30; step++)
      await log(run, { speed: 100 - step, 'val/acc': 1 - 1 / (step + 2), 'system/cpu_utilization_percentage': 50 }, step);
    const rows = page.getByRole('region', { name: 'Metrics' }).getByRole('listitem');
    await rows.filter({ hasText: 'val/acc' }).getByText('0.9677').waitFor();
    assert.deepEqual(
      (await rows.allInnerTexts()).map((text) => text.split('\n')[0]),
      ['val/acc', 'speed'],
    );
    assert.equal(await page.locator('.sparkline path').count(), 2);
    await page.getByRole('region', { name: 'Parameters' }).getByText('0.01').waitFor();
    await log(run, { 'val/acc': 0.99, 'a metric with a name that is longer than a narrow view has room for': Number.MAX_VALUE }, 30);
    await rows.filter({ hasText: 'val/acc' }).getByText('0.99', { exact: true }).waitFor();
    await assertFits(tab);
    await endRun(plane, run);
    await page.getByText('Completed', { exact: true }).waitFor();
    await page.getByRole('button', { name: /^val\/acc/ }).click();
    assert.deepEqual(tab.commands.at(-1)?.args, { name: run, tab: 'metrics' });
    await page.getByRole('link', { name: 'watched' }).click();
    assert.deepEqual(tab.commands.at(-1)?.args, { name: run });
    await closeTab(tab);
    for (const [theme, width] of [
      ['dark', 300],
      ['light', 420],
      ['contrast', 340],
      ['dark', 1000],
    ] as const) {
      const each = await open(run, { theme, width });
      await each.page.getByRole('button', { name: /^val\/acc/ }).waitFor();
      await assertFits(each);
      await shoot(each.page, `selected-metrics-${theme}-${width}`);
      await closeTab(each);
    }
  });
});
