import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { TestPlane } from '../contract/plane.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { cardRuns, hostile, imagePath, logFiles } from './cardsFixture.ts';
import { chartRun } from './chartRuns.ts';
import { openInEditor } from './editorPage.ts';
import { startStudio } from './fixture.ts';
import { png } from './pictures.ts';

const samples = 'val/samples';
const card = (page: Page, name: string) => page.getByRole('figure', { name, exact: true });
const panel = (page: Page, name: string, run: string) => card(page, name).getByRole('listitem', { name: run, exact: true });
const pictures = (page: Page, name: string) => card(page, name).getByRole('img');
const state = (values: Record<string, unknown>) =>
  new URLSearchParams(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  ).toString();

/** Waits for so many pictures of a card that are decoded. */
async function decoded(page: Page, name: string, steps: Readonly<Record<string, number>>): Promise<void> {
  for (const [run, step] of Object.entries(steps)) {
    const image = card(page, name).getByRole('img', { name: `${name}, ${run}, step ${step}`, exact: true });
    await image.waitFor();
    await image.evaluate((element: HTMLImageElement) => element.decode());
  }
}

describe('cards of what runs logged beside metrics', () => {
  let plane: TestPlane;
  let ids: string[];
  before(async () => {
    plane = await startStudio();
    ids = await cardRuns(plane, 'cards');
  });
  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  const open = (values: Record<string, unknown> = {}, options: Parameters<typeof openStudio>[2] = {}) =>
    openStudio(plane, `/runs/cards?${state({ tab: 'charts', selected: ids.slice(0, 2), ...values })}`, { height: 1500, ...options });

  it('show pictures of the runs side by side, through steps by the keys of a slider, kept through a reload', async () => {
    const tab = await open();
    const { page } = tab;
    await decoded(page, samples, { 'wide net': 5, 'deep net': 5 });
    const [left, right] = await Promise.all(['wide net', 'deep net'].map((run) => panel(page, samples, run).boundingBox()));
    assert.ok(left!.y === right!.y && left!.x + left!.width <= right!.x, 'not side by side');
    await shoot(page, 'cards-runs-dark');
    const slider = card(page, samples).getByRole('slider', { name: `Step of ${samples}` });
    await slider.press('ArrowLeft');
    assert.equal(await slider.getAttribute('aria-valuetext'), 'step 4');
    // The second run has nothing at step 4: the step before is shown, and said.
    await decoded(page, samples, { 'wide net': 4, 'deep net': 3 });
    await panel(page, samples, 'deep net').getByText('step 3', { exact: true }).waitFor();
    await slider.press('Home');
    await decoded(page, samples, { 'wide net': 1, 'deep net': 1 });
    await page.waitForFunction(() => new URLSearchParams(location.search).get('cards')?.includes('"step":1'));
    await page.reload();
    await decoded(page, samples, { 'wide net': 1, 'deep net': 1 });
    await slider.press('End');
    await decoded(page, samples, { 'wide net': 5, 'deep net': 5 });
    await closeTab(tab);
  });

  it('follow what is logged', async () => {
    const tab = await open();
    const { page } = tab;
    await decoded(page, samples, { 'wide net': 5 });
    await logFiles(plane, ids[0]!, { [imagePath(samples, 9)]: png(8, 8, (x) => [x * 30, 0, 0]) });
    await decoded(page, samples, { 'wide net': 9, 'deep net': 5 });
    await logFiles(plane, ids[0]!, { 'fresh.txt': 'just now' });
    await page.getByRole('textbox', { name: 'Search charts' }).fill('fresh');
    await panel(page, 'fresh.txt', 'wide net').getByText('just now').waitFor();
    await closeTab(tab);
  });

  it('are there only for what the shown runs have, metrics too', async () => {
    const tab = await open({ selected: ids.slice(2) });
    const { page } = tab;
    await card(page, 'only here').waitFor();
    await page.getByRole('button', { name: /Images/, expanded: true }).waitFor();
    assert.equal(await card(page, samples).count(), 0);
    assert.equal(await card(page, 'loss').count(), 0);
    await page.goto(`${plane.url}/studio/runs/cards?${state({ tab: 'charts', selected: ids.slice(1, 2) })}`);
    await card(page, 'loss').waitFor();
    await card(page, samples).waitFor();
    assert.equal(await card(page, 'acc').count(), 0);
    assert.equal(await card(page, 'only here').count(), 0);
    await closeTab(tab);
  });

  it('show a confusion matrix as a table with counts and shares, and save it as CSV and PNG', async () => {
    const tab = await open({ search: 'confusion' });
    const { page } = tab;
    const table = panel(page, 'confusion_matrix.json', 'wide net').getByRole('table', { name: /Confusion matrix/ });
    await table.getByRole('columnheader', { name: 'three' }).waitFor();
    const cells = table.getByRole('row', { name: /^zero 40/ }).getByRole('cell');
    assert.deepEqual((await cells.allTextContents()).slice(0, 2), ['4080 %', '12 %']);
    assert.equal(await cells.nth(1).getAttribute('title'), 'zero taken for one: 1, 2 % of the row');
    const save = async (what: string) => {
      await card(page, 'confusion_matrix.json').hover();
      if (!(await page.getByRole('button', { name: what }).isVisible()))
        await page.getByRole('button', { name: 'More for confusion_matrix.json' }).click();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: what }).click()]);
      return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) };
    };
    const csv = await save('Save values as CSV');
    assert.equal(csv.name, 'confusion_matrix.csv');
    const rows = csv.bytes.toString().trim().split('\r\n');
    assert.equal(rows.length, 1 + 2 * 25);
    assert.ok(rows.includes(`${ids[0]},wide net,,zero,one,1,0.02`), rows.slice(0, 3).join('\n'));
    const picture = await save('Save side by side as PNG');
    assert.deepEqual([picture.name, picture.bytes.subarray(1, 4).toString()], ['confusion_matrix.png', 'PNG']);
    await closeTab(tab);
  });

  it('show tables, histograms through steps, and text', async () => {
    const tab = await open({ search: '' });
    const { page } = tab;
    await page.getByRole('textbox', { name: 'Search charts' }).fill('answers');
    await panel(page, 'answers.json', 'deep net').scrollIntoViewIfNeeded();
    await panel(page, 'answers.json', 'deep net').getByText('1200 rows, 3 columns · only the first 1000 rows are shown').waitFor();
    await panel(page, 'answers.json', 'deep net').getByRole('cell', { name: 'question: How many legs have 1 cats?' }).waitFor();
    await page.getByRole('textbox', { name: 'Search charts' }).fill('weights');
    const histogram = card(page, 'weights/epoch_*.json');
    await histogram.getByRole('img', { name: /Histogram .*wide net, step 2: 30 bins from -1.5 to 1.5/ }).waitFor();
    await histogram.getByRole('slider').press('ArrowLeft');
    await histogram.getByRole('img', { name: /wide net, step 1/ }).waitFor();
    await page.getByRole('textbox', { name: 'Search charts' }).fill('notes');
    await panel(page, 'notes.txt', 'wide net').getByText(hostile).waitFor();
    await closeTab(tab);
  });

  it('can be pinned, and fill the screen', async () => {
    const tab = await open({ search: '' });
    const { page } = tab;
    await decoded(page, samples, { 'wide net': 9 });
    await card(page, samples).hover();
    await page.getByRole('button', { name: `Pin ${samples} to the top` }).click();
    await page.locator('.charts-section-name').first().getByText('Pinned').waitFor();
    await card(page, samples).hover();
    await page.getByRole('button', { name: `Show ${samples} on the full screen` }).click();
    const full = page.getByRole('dialog', { name: samples });
    await full.getByRole('img', { name: /wide net/ }).waitFor();
    await shoot(page, 'cards-full-dark');
    await page.keyboard.press('Escape');
    await full.waitFor({ state: 'detached' });
    await closeTab(tab);
  });

  it('say what is wrong with files that are not what they seem, and run nothing of them', async () => {
    const tab = await open({ selected: ids.slice(2) }, { height: 2600 });
    const { page } = tab;
    const says = (name: string, text: string | RegExp) => panel(page, name, 'odd one').getByText(text).waitFor();
    await says('bomb.png', 'This image has 900 million pixels, which is too many to show.');
    await says('lies.png', /This image can’t be read/);
    await says('cut.png', /This image can’t be read/);
    await says('confusion_matrix.json', 'This should be a confusion matrix, but its row 2 has 1 value for 2 classes.');
    await says('residuals.json', /4 counts and 3 edges/);
    await says('broken.json', /This is not valid JSON/);
    await says('zeros.json', /This file is not text/);
    const odd = panel(page, 'nan_confusion.json', 'odd one');
    await odd.getByRole('cell', { name: 'NaN' }).waitFor();
    await odd.getByRole('rowheader').first().waitFor();
    await panel(page, 'big_confusion.json', 'odd one')
      .getByRole('img', { name: /of 1000 classes/ })
      .waitFor();
    await shoot(page, 'cards-odd-dark');
    assert.equal(await page.evaluate(() => (globalThis as { hacked?: number }).hacked), undefined);
    await closeTab(tab);
  });

  it('read and mount only what is in view', async () => {
    const many = await chartRun(plane, '0', 'many', {});
    for (let at = 0; at < 60; at++) await logFiles(plane, many, { [`plots/figure ${at}.png`]: png(4, 4, () => [at, at, at]) });
    const tab = await openStudio(plane, '/studio');
    const { page } = tab;
    const asked = new Set<string>();
    page.on('request', (request) => {
      if (request.url().includes(`/updraft/artifacts/${many}/`)) asked.add(request.url());
    });
    await page.goto(`${plane.url}/studio/jobs/${many}?tab=metrics`);
    await pictures(page, 'plots/figure 0.png').waitFor();
    assert.ok((await page.locator('[data-card]').count()) < 20);
    assert.ok(asked.size < 20, `${asked.size}`);
    await page.locator('.charts-scroll').evaluate((element) => element.scrollTo(0, 1e9));
    await pictures(page, 'plots/figure 59.png').waitFor();
    assert.ok(asked.size < 40, `${asked.size}`);
    await closeTab(tab);
  });

  for (const [theme, width] of [
    ['light', 1100],
    ['contrast', 1100],
    ['dark', 420],
  ] as const)
    it(`look right in ${theme}, ${width} pixels wide`, async () => {
      const tab = await openInEditor(
        plane,
        { page: 'runs', name: 'cards', state: { tab: 'charts', selected: ids.slice(0, 2) } },
        { theme, width, height: 2200 },
      );
      const { page } = tab;
      await page.getByRole('tab', { name: 'Charts' }).click();
      await decoded(page, samples, { 'wide net': 9 });
      await page
        .getByRole('table', { name: /Confusion matrix/ })
        .first()
        .waitFor();
      assert.ok(await page.evaluate(() => document.scrollingElement!.scrollWidth <= innerWidth));
      await shoot(page, `cards-${theme}-${width}`);
      await closeTab(tab);
    });
});
