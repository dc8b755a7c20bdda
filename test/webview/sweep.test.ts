import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Page, Request } from 'playwright-core';
import { jobWhen, type TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { startStudio } from './fixture.ts';
import { completedSweeps, startSweep } from './sweeps.ts';

const rowsOf = (page: Page) => page.getByRole('table', { name: 'Trials' }).locator('tbody tr');
const column = (page: Page, index: number): Promise<string[]> =>
  rowsOf(page).evaluateAll((rows, at) => rows.map((row) => (row as any).cells[at].textContent.trim()), index);
const rising = (values: readonly number[]) => [...values].sort((a, b) => a - b);

describe('the page of a sweep', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startStudio();
    const job = await completedSweeps(plane);
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
  });
  after(() => plane.remove());

  it('has its trials with parameters and objective, the best first, and sorts them', async () => {
    const tab = await openStudio(plane, '/jobs/tuned?tab=trials');
    const { page } = tab;
    await page.getByText('24 trials: 24 completed').waitFor();
    const losses = (await column(page, 1)).map(Number);
    assert.equal(losses.length, 24);
    assert.deepEqual(losses, rising(losses));
    await rowsOf(page).first().getByText('best', { exact: true }).waitFor();
    await page.getByRole('table', { name: 'Trials' }).getByRole('button', { name: 'lr' }).click();
    await page.getByRole('columnheader', { name: 'lr', exact: true }).and(page.locator('[aria-sort=ascending]')).waitFor();
    const rates = (await column(page, 2)).map(Number);
    assert.deepEqual(rates, rising(rates));
    await page.reload();
    await rowsOf(page).first().waitFor();
    assert.deepEqual((await column(page, 2)).map(Number), rates, 'the order is kept');
    await closeTab(tab);
  });

  it('says which parameter matters, and marks ranges of axes by pointer and keyboard', async () => {
    const tab = await openStudio(plane, '/jobs/tuned?tab=trials', { height: 1500 });
    const { page } = tab;
    const importance = page.getByRole('table', { name: 'Parameter importance' });
    await importance.getByRole('row').nth(1).getByRole('button', { name: 'lr' }).waitFor();
    await page.getByText('From 24 runs: how much worse a random forest').waitFor();
    const axis = page.getByRole('slider', { name: 'Range of lr' });
    await axis.focus();
    for (let times = 0; times < 6; times++) await page.keyboard.press('ArrowDown');
    await page.getByText(/^\d+ of 24 runs within the marked ranges$/).waitFor();
    assert.match((await axis.getAttribute('aria-valuetext'))!, /^marked from 0\.000\d+ to 0\.0\d+$/);
    await page.keyboard.press('Escape');
    await page.getByText('24 runs', { exact: true }).waitFor();
    const box = (await page.getByRole('slider', { name: 'Range of momentum' }).boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await page.getByText(/^\d+ of 24 runs within the marked ranges$/).waitFor();
    await page.getByRole('button', { name: 'Clear the ranges' }).click();
    await page.getByRole('slider', { name: 'Step through the runs' }).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    assert.match(
      (await page.getByRole('slider', { name: 'Step through the runs' }).getAttribute('aria-valuetext'))!,
      /^trial_\d+, lr .*, loss /,
    );
    await shoot(page, 'sweep-dark');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save Parallel coordinates as SVG' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'Parallel coordinates.svg');
    await closeTab(tab);
  });

  it('says of a trial that it was stopped early, and why', async () => {
    const tab = await openStudio(plane, '/jobs/stopped?tab=trials');
    await tab.page.getByText('2 trials of at most 10: 1 completed, 1 stopped early').waitFor();
    await tab.page.getByText(/Stopped early: Bandit: 0\.9 after 1 reports, against 0\.1/).waitFor();
    await tab.page.getByText('It is worked out from 8 runs on').waitFor();
    await closeTab(tab);
  });

  it('shows the best on its overview', async () => {
    const tab = await openStudio(plane, '/jobs/tuned');
    await tab.page.getByText('The best 8 of 24: 24 completed').waitFor();
    const losses = (await column(tab.page, 1)).map(Number);
    assert.deepEqual(losses, rising(losses));
    await shoot(tab.page, 'sweep-overview-dark');
    await tab.page.getByRole('button', { name: 'All trials' }).click();
    await tab.page.getByText('24 trials: 24 completed').waitFor();
    await closeTab(tab);
  });

  it('follows a sweep that runs', async () => {
    const gate = path.join(plane.folder, 'gate');
    await startSweep(
      plane,
      'running',
      `report loss \${{search_space.lr}} 1; until [ \${{search_space.lr}} = 0.5 -o -e '${gate}' ]; do sleep 0.05; done`,
      {
        searchSpace: { lr: ['choice', [[0.5, 0.25, 0.125]]] },
        samplingAlgorithm: { samplingAlgorithmType: 'Grid' },
        limits: { maxTotalTrials: 3, maxConcurrentTrials: 1 },
      },
    );
    const tab = await openStudio(plane, '/jobs/running?tab=trials');
    await tab.page.getByText('2 trials of at most 3: 1 completed, 1 running').waitFor();
    await tab.page.getByRole('cell', { name: '0.25' }).first().waitFor();
    assert.deepEqual(await column(tab.page, 1), ['0.25', '0.5']);
    writeFileSync(gate, '');
    await tab.page.getByText('3 trials: 3 completed').waitFor();
    await rowsOf(tab.page).filter({ hasText: 'best' }).getByText('0.125').first().waitFor();
    await rowsOf(tab.page).first().getByText('0.125').first().waitFor();
    assert.deepEqual(await column(tab.page, 1), ['0.125', '0.25', '0.5']);
    await closeTab(tab);
  });

  it('has the objective of a trial that it came to know after the end of the trial', async () => {
    const gate = path.join(plane.folder, 'late');
    await startSweep(
      plane,
      'late',
      `until [ \${{search_space.lr}} = 0.5 -o -e '${gate}' ]; do sleep 0.05; done; report loss \${{search_space.lr}} 1`,
      {
        searchSpace: { lr: ['choice', [[0.5, 0.25, 0.125]]] },
        samplingAlgorithm: { samplingAlgorithmType: 'Grid' },
        limits: { maxTotalTrials: 3, maxConcurrentTrials: 1 },
      },
    );
    const tab = await openStudio(plane, '/jobs/late?tab=trials');
    await tab.page.getByText('2 trials of at most 3: 1 completed, 1 running').waitFor();
    const jobs = Promise.withResolvers<void>();
    await tab.page.route(/\/jobs\/late_\d\?/, async (route) => {
      await jobs.promise;
      await route.continue();
    });
    const readings: Request[] = [];
    tab.page.on('request', (request) => request.url().endsWith('/updraft/series') && readings.push(request));
    await tab.page.clock.install();
    writeFileSync(gate, '');
    await jobWhen(plane.client, 'late');
    await tab.page.getByText('Completed', { exact: true }).first().waitFor();
    // All that the changes ask for is read while the page knows nothing of the last trial yet.
    await tab.page.clock.runFor(2000);
    await Promise.all(readings.map((request) => request.response()));
    jobs.resolve();
    await tab.page.getByText('3 trials: 3 completed').waitFor();
    await rowsOf(tab.page).first().getByText('0.125').first().waitFor();
    assert.deepEqual(await column(tab.page, 1), ['0.125', '0.25', '0.5']);
    await closeTab(tab);
  });

  for (const [theme, width] of [
    ['light', 1000],
    ['contrast', 1000],
    ['dark', 420],
  ] as const)
    it(`looks right in ${theme}, ${width} pixels wide`, async () => {
      const tab = await openInEditor(plane, { page: 'job', name: 'tuned', tab: 'trials' }, { theme, width, height: 1400 });
      await tab.page.getByRole('table', { name: 'Parameter importance' }).waitFor();
      await tab.page.getByRole('img', { name: 'loss by lr', exact: true }).waitFor();
      const wide = await tab.page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${wide} pixels too wide`);
      await shoot(tab.page, `sweep-${width === 420 ? 'narrow' : theme}`);
      await closeTab(tab);
    });
});
