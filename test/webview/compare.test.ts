import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { PageAddress } from '../../src/protocol/webview.ts';
import type { TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { comparedJobs, hostileRun } from './compareFixture.ts';
import { openInEditor } from './editorPage.ts';
import { startStudio } from './fixture.ts';

const address = (...selected: string[]): PageAddress => ({ page: 'runs', name: 'comparison', tab: 'compare', state: { selected } });
const inStudio = (...selected: string[]) => `/runs/comparison?tab=compare&selected=${encodeURIComponent(JSON.stringify(selected))}`;

/** The texts of a row: its label, then a cell a run. */
const row = async (page: Page, label: string): Promise<string[]> => {
  const found = page
    .getByRole('table', { name: 'Comparison of runs' })
    .locator('tbody tr')
    .filter({
      has: page.locator('th .compare-key').getByText(label, { exact: true }),
    });
  await found.waitFor();
  return (await found.locator('td').allInnerTexts()).map((text) => text.trim());
};
const labels = (page: Page) => page.locator('tbody .compare-key').evaluateAll((keys) => keys.map((key: any) => key.textContent as string));

describe('the comparison of runs', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startStudio();
    await comparedJobs(plane);
  });
  after(() => plane.remove());

  it('has parameters that differ first, metrics against a baseline, data, code and artifacts', async () => {
    const tab = await openStudio(plane, inStudio('first', 'second'), { height: 1300 });
    const { page } = tab;
    assert.deepEqual(await row(page, 'lr'), ['0.1', '0.01']);
    await page.getByText('extra.py').waitFor();
    assert.deepEqual((await labels(page)).slice(0, 3), ['layers', 'lr', 'batch']);
    assert.deepEqual(await row(page, 'accuracy'), ['0.8', '0.84\n+0.04 (+5 %)']);
    assert.deepEqual(await row(page, 'data'), ['digits:1', 'digits:2']);
    assert.deepEqual(await row(page, 'team'), ['vision', 'vision']);
    assert.match((await row(page, 'outputs/same.txt'))[0]!, /^4 B · [0-9a-f]{8}$/);
    assert.deepEqual(
      (await row(page, 'extra.py')).map((text) => text.replace(/[0-9a-f]{8}/, 'hash')),
      ['–', '6 B · hash'],
    );
    await page.getByRole('radio', { name: 'second try is the baseline' }).check();
    assert.deepEqual(await row(page, 'accuracy'), ['0.8\n-0.04 (-4.76 %)', '0.84']);
    await page.getByRole('button', { name: 'accuracy: Say which way is better' }).click();
    assert.deepEqual(await row(page, 'accuracy'), ['0.8\n-0.04 (-4.76 %) worse', '0.84']);
    await page.getByRole('button', { name: 'accuracy: Larger is better' }).click();
    assert.deepEqual(await row(page, 'accuracy'), ['0.8\n-0.04 (-4.76 %) better', '0.84']);
    await page.getByTitle('Values of metrics').click();
    await page.getByRole('option', { name: 'Largest values' }).click();
    await page.getByText('0.9', { exact: true }).waitFor();
    assert.deepEqual(await row(page, 'accuracy'), ['0.9\n+0.06 (+7.14 %) worse', '0.84']);
    await shoot(page, 'compare-dark');
    await page.getByText('Only differences').click();
    await page.getByText('batch', { exact: true }).waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('extra.py').waitFor();
    assert.ok(!(await labels(page)).includes('batch'), 'what is chosen is kept');
    assert.deepEqual(await row(page, 'accuracy'), ['0.9\n+0.06 (+7.14 %) worse', '0.84']);
    await page.getByRole('button', { name: 'Remove second try' }).click();
    await page.getByText('Select a second run in the table').waitFor();
    await closeTab(tab);
  });

  it('starts anew, once, when a file of the page stops in the middle, and then says so', async () => {
    const tab = await openInEditor(plane, { ...address('first', 'second'), tab: 'table' });
    const { page } = tab;
    await page.getByRole('tab', { name: /^Compare/ }).waitFor();
    const asked: string[] = [];
    let isHeld = true;
    await page.route(/part-CompareTab/, async (route) => {
      asked.push(route.request().url());
      if (!isHeld) await route.fallback();
    });
    await page.clock.install();
    await page.getByRole('tab', { name: /^Compare/ }).click();
    await page.getByText('Loading the runs…').waitFor();
    const anew = page.waitForEvent('load');
    await page.clock.fastForward(16_000);
    await anew;
    // The page is where it was.
    await page.getByRole('tab', { name: /^Compare/, selected: true }).waitFor();
    await page.getByText('Loading the runs…').waitFor();
    await page.clock.fastForward(16_000);
    await page.getByRole('alert').getByText('Loading the runs takes longer than it should.').waitFor();
    await shoot(page, 'part-overdue-dark');
    isHeld = false;
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.getByText('extra.py').waitFor();
    assert.equal(asked.length, 3);
    await closeTab(tab);
  });

  it('lets go of a tab whose file has not come: the charts are back in full', async () => {
    const tab = await openInEditor(plane, { ...address('first', 'second'), tab: 'charts' });
    const { page } = tab;
    await page.route(/part-CompareTab/, () => {});
    const legend = page.getByRole('figure', { name: 'accuracy', exact: true }).getByText('second try', { exact: true }).first();
    await legend.waitFor();
    await page.getByRole('tab', { name: /^Compare/ }).click();
    await page.getByText('Loading the runs…').waitFor();
    await page.getByRole('tab', { name: /^Charts/ }).click();
    await legend.waitFor();
    await closeTab(tab);
  });

  it('says in its place what could not be loaded', async () => {
    const tab = await openInEditor(plane, { ...address('first', 'second'), tab: 'table' });
    const { page } = tab;
    await page.getByRole('tab', { name: /^Compare/ }).waitFor();
    await page.route(/part-CompareTab/, (route) => route.abort());
    await page.getByRole('tab', { name: /^Compare/ }).click();
    await page.getByText('Loading the runs has failed.').waitFor();
    await shoot(page, 'part-failed-dark');
    await page.unroute(/part-CompareTab/);
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.getByText('extra.py').waitFor();
    assert.ok(tab.errors.length > 0);
    await tab.context.close();
  });

  it('shows what differs in a file of code, in the Studio', async () => {
    const tab = await openStudio(plane, inStudio('first', 'second'));
    const { page } = tab;
    const inRow = (file: string) =>
      page
        .locator('tbody tr')
        .filter({ has: page.getByText(file, { exact: true }) })
        .getByRole('button');
    await inRow('train.py').click();
    const diff = page.getByRole('region', { name: 'Differences of train.py' });
    await diff.locator('.is-removed').getByText('rate = 0.1', { exact: true }).waitFor();
    await diff.locator('.is-added').getByText('rate = 0.01', { exact: true }).waitFor();
    await shoot(page, 'compare-code-dark');
    await inRow('extra.py').click();
    await page.getByRole('region', { name: 'Differences of extra.py' }).locator('.is-added').getByText('y = 2').waitFor();
    assert.equal(await inRow('shared.py').count(), 0);
    await page.getByRole('button', { name: 'Close the differences' }).click();
    await closeTab(tab);
  });

  it('has the editor compare code and YAML', async () => {
    const tab = await openInEditor(plane, address('first', 'second'));
    const { page } = tab;
    await page.getByRole('button', { name: 'Compare code' }).click();
    await page.getByRole('button', { name: 'Compare YAML' }).click();
    await page
      .locator('tbody tr')
      .filter({ has: page.getByText('train.py', { exact: true }) })
      .getByRole('button')
      .click();
    await page.getByRole('link', { name: 'second try' }).click();
    assert.deepEqual(
      tab.commands.map(({ command, args }) => [command, args]),
      [
        ['job.compareCode', { before: 'first', after: 'second' }],
        ['job.compareYaml', { before: 'first', after: 'second' }],
        ['job.compareCode', { before: 'first', after: 'second', path: 'train.py' }],
        ['job.open', { name: 'second' }],
      ],
    );
    await closeTab(tab);
  });

  it('names the packages that differ, and follows runs that change', async () => {
    const tab = await openStudio(plane, inStudio('third', 'fourth'));
    const { page } = tab;
    assert.deepEqual(await row(page, 'torch'), ['==2.1', '==2.2']);
    assert.deepEqual(await row(page, 'python'), ['=3.11', '=3.12']);
    assert.deepEqual(await row(page, 'numpy'), ['==2.0', '==2.0']);
    await plane.client.logBatch('third', { metrics: [{ key: 'late', value: 7, timestamp: 1, step: 0 }] });
    assert.deepEqual(await row(page, 'late'), ['7', '–']);
    await plane.client.cancelJob('fourth');
    await page.getByText('Canceled').first().waitFor();
    await closeTab(tab);
  });

  it('keeps the column of a run that is gone, and says what to do with none', async () => {
    const tab = await openStudio(plane, inStudio('first', 'nobody', 'second'));
    await tab.page.getByText('This job is not there.').waitFor();
    assert.deepEqual(await row(tab.page, 'lr'), ['0.1', '', '0.01']);
    // The browser tells of every answer that something is not there.
    tab.errors.splice(0, tab.errors.length, ...tab.errors.filter((error) => !error.includes('status of 404')));
    await closeTab(tab);
    const empty = await openStudio(plane, '/runs/comparison?tab=compare');
    await empty.page.getByText('No runs are selected.').waitFor();
    await closeTab(empty);
  });

  it('shows hostile values as the text that they are, and bounded', async () => {
    const hostile = await hostileRun(plane);
    const tab = await openStudio(plane, inStudio('first', hostile));
    const { page } = tab;
    await page.getByText('(6,000 characters)').waitFor();
    await page.getByText('<img src=x onerror="document.title=1">', { exact: true }).waitFor();
    const text = (await page.locator('table.compare').textContent())!;
    for (const each of ['⟨U+202E⟩</td><script>', '<b>name</b>⟨U+202E⟩␇']) assert.ok(text.includes(each), each);
    assert.equal(await page.locator('table.compare').locator('script, img, b').count(), 0);
    assert.ok(!text.includes('\u202e'));
    assert.notEqual(await page.title(), '1');
    await shoot(page, 'compare-hostile-dark');
    await closeTab(tab);
  });

  for (const [theme, width] of [
    ['light', 1000],
    ['contrast', 1000],
    ['dark', 420],
  ] as const)
    it(`looks right in ${theme}, ${width} pixels wide`, async () => {
      const tab = await openInEditor(plane, address('first', 'second', 'third', 'fourth'), { theme, width, height: 1000 });
      await tab.page.getByText('extra.py').waitFor();
      const wide = await tab.page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${wide} pixels too wide`);
      await shoot(tab.page, `compare-${width === 420 ? 'narrow' : theme}`);
      await closeTab(tab);
    });
});
