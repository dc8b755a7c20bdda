import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import type { Page, Request } from 'playwright-core';
import type { SeriesRequest } from '../../src/protocol/runTable.ts';
import type { TestPlane } from '../contract/plane.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { chartExperiment, chartRun, falling, logCurves } from './chartRuns.ts';
import { openInEditor } from './editorPage.ts';
import { startStudio } from './fixture.ts';

const long = (part: string) =>
  `${'a long name of a metric in Größe und Überfluß '.repeat(3)}${part}${' with the same end of many letters'.repeat(3)}`;

const card = (page: Page, name: string) => page.getByRole('figure', { name, exact: true });
const drawn = (page: Page, name: string, lines: number) => card(page, name).locator(`.plot[data-lines="${lines}"]`).waitFor();
const state = (values: Record<string, unknown>) =>
  new URLSearchParams(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  ).toString();
const seriesOf = (request: Request): SeriesRequest | undefined =>
  request.url().endsWith('/updraft/series') ? (request.postDataJSON() as SeriesRequest) : undefined;

/** Drags over a chart, from and to parts of its width and height. */
async function drag(page: Page, name: string, [x1, y1]: [number, number], [x2, y2]: [number, number]): Promise<void> {
  const plot = card(page, name).locator('.plot');
  await plot.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await plot.boundingBox())!;
  await page.mouse.move(x + width * x1, y + height * y1);
  await page.mouse.down();
  await page.mouse.move(x + width * x2, y + height * y2, { steps: 4 });
  await page.mouse.up();
}

describe('charts of runs', () => {
  let plane: TestPlane;
  const ids: string[] = [];
  before(async () => {
    plane = await startStudio();
    const experiment = await chartExperiment(plane, 'curves');
    for (let at = 0; at < 12; at++)
      ids.push(
        await chartRun(plane, experiment, `run ${at}`, {
          loss: falling(at, 400),
          'train/acc': falling(at, 100).map((value) => 1 - value),
          'val/acc': falling(at + 3, 100).map((value) => 0.9 - value),
          'train/f1': falling(at + 1, 60).map((value) => 1 - value),
          'system/cpu': falling(at, 50).map((value) => 100 * value),
          score: [0.1 + 0.2 + at],
        }),
      );
  });
  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  const open = (values: Record<string, unknown> = {}, options: Parameters<typeof openStudio>[2] = {}, experiment = 'curves') =>
    openStudio(plane, `/runs/${experiment}?${state({ tab: 'charts', ...values })}`, { height: 900, ...options });

  it('overlay the selected runs in cards by prefix, with the machine last and closed', async () => {
    const tab = await open();
    const { page } = tab;
    await drawn(page, 'loss', 10);
    await page.getByText('The first 10 of 12 runs.').waitFor();
    await card(page, 'score')
      .getByRole('row', { name: /run 11/ })
      .first()
      .waitFor();
    const sections = page.locator('.charts-section button');
    await page.locator('.charts-scroll').evaluate((element) => element.scrollTo(0, 1e6));
    await page.getByRole('button', { name: /Machine/, expanded: false }).waitFor();
    assert.deepEqual((await sections.allTextContents()).at(-1), 'Machine (system)1');
    await page.getByRole('button', { name: /Machine/ }).click();
    await page.locator('.charts-scroll').evaluate((element) => element.scrollTo(0, 1e6));
    await drawn(page, 'system/cpu', 10);
    await page.locator('.charts-scroll').evaluate((element) => element.scrollTo(0, 0));
    await shoot(page, 'charts-runs-dark');
    await closeTab(tab);
    const chosen = await open({ selected: ids.slice(0, 3), hidden: ids.slice(1, 2) });
    await drawn(chosen.page, 'loss', 2);
    await closeTab(chosen);
  });

  it('zoom by a box, keep it through a reload, and say when nothing is there', async () => {
    const tab = await open();
    const { page } = tab;
    await drawn(page, 'loss', 10);
    const detail = page.waitForRequest((request) => seriesOf(request)?.from !== undefined);
    await drag(page, 'loss', [0.5, 0.3], [0.75, 0.35]);
    const { axis, from, to } = seriesOf(await detail)!;
    assert.ok(axis === 'step' && from! > 150 && to! < 310, `${from} to ${to}`);
    await page
      .getByRole('button', { name: /Show all/ })
      .first()
      .waitFor();
    await card(page, 'train/acc').getByText('Nothing was logged in this range.').waitFor();
    await shoot(page, 'charts-zoomed-dark');
    await page.reload();
    await card(page, 'train/acc').getByText('Nothing was logged in this range.').waitFor();
    await drag(page, 'loss', [0.4, 0.2], [0.6, 0.7]);
    await page.waitForFunction(() => new URLSearchParams(location.search).has('cards'));
    await card(page, 'loss').getByRole('application').press('Escape');
    await page.waitForFunction(() => !new URLSearchParams(location.search).has('zoom'));
    await drawn(page, 'train/acc', 10);
    await closeTab(tab);
  });

  it('move by Shift and by keys', async () => {
    const tab = await open({ zoom: { axis: 'step', range: [100, 200] } });
    const { page } = tab;
    await drawn(page, 'loss', 10);
    const range = () =>
      page.evaluate(() => JSON.parse(new URLSearchParams(location.search).get('zoom') ?? 'null')?.range as [number, number] | undefined);
    const changed = async (before: unknown) => {
      await page.waitForFunction((old) => new URLSearchParams(location.search).get('zoom') !== old, before);
      return (await range())!;
    };
    const kept = () => page.evaluate(() => new URLSearchParams(location.search).get('zoom'));
    let before = await kept();
    await page.keyboard.down('Shift');
    await drag(page, 'loss', [0.8, 0.5], [0.4, 0.5]);
    await page.keyboard.up('Shift');
    const [from, to] = await changed(before);
    assert.ok(from > 110 && Math.abs(to - from - 100) < 0.01, `${from} to ${to}`);
    before = await kept();
    await card(page, 'loss').getByRole('application').press('Shift+ArrowLeft');
    assert.ok((await changed(before))[0] < from);
    before = await kept();
    await card(page, 'loss').getByRole('application').press('+');
    const [closeFrom, closeTo] = await changed(before);
    assert.ok(Math.abs(closeTo - closeFrom - 50) < 0.01);
    await closeTab(tab);
  });

  it('tell run, step and exact value of the lines near the pointer, to be copied, and show the cursor in every chart', async () => {
    const tab = await open({ selected: ids.slice(0, 2) });
    const { page } = tab;
    await tab.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await drawn(page, 'loss', 2);
    await card(page, 'loss').getByRole('application').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const tip = card(page, 'loss').locator('.chart-tip');
    await tip.getByText('step 1', { exact: true }).waitFor();
    const exact = String(falling(0, 400)[1]);
    await tip.getByText(exact, { exact: true }).waitFor();
    await page.locator('[data-card="train/acc"] .plot-cursor').and(page.locator(':visible')).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copy these values' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.ok((await page.evaluate(() => navigator.clipboard.readText())).split('\n').includes(`run 0\t1\t${exact}`));
    await shoot(page, 'charts-tip-dark');
    await page.getByRole('button', { name: 'Close' }).click();
    await card(page, 'loss').locator('.legend tbody tr').first().hover();
    await page.locator('[data-card="loss"] .plot-lines[style*="opacity: 0.25"]').waitFor();
    await closeTab(tab);
  });

  it('can be made of several metrics, pinned, arranged, and stay through a reload', async () => {
    const tab = await open({ selected: ids.slice(0, 2) });
    const { page } = tab;
    await page.getByRole('button', { name: 'A chart of several metrics' }).click();
    const dialog = page.getByRole('dialog', { name: 'A chart of several metrics' });
    await page.keyboard.type('acc$');
    await dialog.getByRole('button', { name: 'Use a regular expression' }).click();
    await dialog.getByRole('button', { name: 'Select all 2 matches' }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Accuracy of both');
    await shoot(page, 'charts-own-dark');
    await dialog.getByRole('button', { name: 'Add the chart' }).click();
    await drawn(page, 'Accuracy of both', 4);
    await card(page, 'train/f1').hover();
    await page.getByRole('button', { name: 'Pin train/f1 to the top' }).click();
    await card(page, 'loss').getByRole('application').press('Alt+ArrowRight');
    await page.reload();
    await drawn(page, 'Accuracy of both', 4);
    const cards = () => page.locator('[data-card]').evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
    assert.deepEqual((await cards()).slice(0, 4), ['train/f1', 'Accuracy of both', 'score', 'loss']);
    await page.locator('.charts-scroll').evaluate((element) => element.scrollTo(0, 400));
    const from = (await card(page, 'loss').locator('.chart-title').boundingBox())!;
    const to = (await card(page, 'score').boundingBox())!;
    await page.mouse.move(from.x + 10, from.y + 8);
    await page.mouse.down();
    await page.mouse.move(from.x - 40, from.y + 40, { steps: 5 });
    await page.mouse.move(to.x + 60, to.y + 20, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction(() => {
      const names = [...document.querySelectorAll('[data-card]')].map((each) => each.ariaLabel);
      return names.indexOf('loss') >= 0 && names.indexOf('loss') < names.indexOf('score');
    });
    await shoot(page, 'charts-pinned-dark');
    await closeTab(tab);
  });

  it('are found by a regular expression, and chosen together', async () => {
    const tab = await open();
    const { page } = tab;
    await page.getByRole('textbox', { name: 'Search charts' }).fill('^(train|val).*acc');
    await page.getByText('No chart has this in its name.').waitFor();
    await page.getByRole('button', { name: 'Search by a regular expression' }).click();
    await drawn(page, 'val/acc', 10);
    await card(page, 'loss').waitFor({ state: 'detached' });
    await page.getByRole('textbox', { name: 'Search charts' }).fill('(');
    await page.getByText(/Unterminated group/).waitFor();
    await page.getByRole('textbox', { name: 'Search charts' }).fill('');
    await page.getByRole('button', { name: 'Choose metrics' }).click();
    await page.keyboard.type('train');
    await page.getByRole('button', { name: 'Select all 2 matches' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Choose metrics' }).getByText('2 of 6 metrics').waitFor();
    await card(page, 'loss').waitFor({ state: 'detached' });
    await closeTab(tab);
  });

  it('are saved as a picture and as a table with all digits, in a browser and in the editor', async () => {
    const tab = await open({ selected: ids.slice(0, 2) });
    const { page } = tab;
    await drawn(page, 'loss', 2);
    const save = async (what: string) => {
      await card(page, 'loss').hover();
      if (!(await page.getByRole('button', { name: what }).isVisible())) await page.getByRole('button', { name: 'More for loss' }).click();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: what }).click()]);
      return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) };
    };
    const csv = await save('Save points as CSV');
    assert.equal(csv.name, 'loss.csv');
    const rows = csv.bytes.toString().trim().split('\n');
    assert.equal(rows.length, 1 + 2 * 400);
    assert.ok(rows.includes(`${ids[0]},run 0,loss,1,${new Date(1_700_000_001_000).toISOString()},${falling(0, 400)[1]}`));
    const png = await save('Save as PNG');
    assert.deepEqual([png.name, png.bytes.subarray(1, 4).toString()], ['loss.png', 'PNG']);
    const svg = await save('Save as SVG');
    assert.match(svg.bytes.toString(), /^<svg [\s\S]*run 1<\/text>[\s\S]*<\/svg>\s*$/);
    await closeTab(tab);

    const editor = await openInEditor(plane, { page: 'job', name: ids[0]!, tab: 'metrics' });
    await drawn(editor.page, 'loss', 1);
    await card(editor.page, 'loss').hover();
    await editor.page.getByRole('button', { name: 'More for loss' }).click();
    await editor.page.getByRole('button', { name: 'Save points as CSV' }).click();
    await editor.page.waitForFunction(() => true);
    for (let turn = 0; editor.commands.length === 0 && turn < 100; turn++)
      await editor.page.evaluate(() => new Promise(requestAnimationFrame));
    const { command, args } = editor.commands[0]!;
    assert.deepEqual([command, args.name], ['file.save', 'loss.csv']);
    assert.match(Buffer.from(args.content!, 'base64').toString(), /,loss,399,/);
    await closeTab(editor);
  });

  it('take in what runs log, and ask for that alone', async () => {
    const experiment = await chartExperiment(plane, 'live');
    const runs = [
      await chartRun(plane, experiment, 'one', { loss: falling(1, 200) }),
      await chartRun(plane, experiment, 'two', { loss: falling(2, 200) }),
    ];
    const tab = await open({}, {}, 'live');
    const { page } = tab;
    await drawn(page, 'loss', 2);
    const asked: SeriesRequest[] = [];
    page.on('request', (request) => asked.push(...[seriesOf(request)].filter((each) => each !== undefined)));
    await logCurves(plane, runs[0]!, { loss: [0.625] }, 200);
    await card(page, 'loss').getByRole('cell', { name: '0.625' }).first().waitFor();
    await logCurves(plane, runs[1]!, { loss: [0.375, Number.NaN] }, 200);
    await card(page, 'loss').getByRole('row', { name: /two/ }).getByRole('cell', { name: 'NaN' }).first().waitFor();
    assert.ok(asked.length >= 2 && asked.every(({ axis, from }) => axis === 'time' && from! >= 1_700_000_199_000), JSON.stringify(asked));
    // A metric that is new gets a chart.
    await logCurves(plane, runs[1]!, { fresh: [1, 2] });
    await drawn(page, 'fresh', 1);
    await closeTab(tab);
  });

  it('mount and ask for only what is in view, of a thousand metrics', async () => {
    const experiment = await chartExperiment(plane, 'many');
    const keys = Array.from({ length: 1000 }, (_, at) => `layer ${at}/norm`);
    await chartRun(plane, experiment, 'one', Object.fromEntries(keys.map((key, at) => [key, [at, at + 1]])));
    const tab = await openStudio(plane, '/studio');
    const { page } = tab;
    const asked = new Set<string>();
    page.on('request', (request) => {
      for (const key of seriesOf(request)?.keys ?? []) asked.add(key);
    });
    await page.goto(`${plane.url}/studio/runs/many?tab=charts`);
    await drawn(page, 'layer 0/norm', 1);
    assert.ok((await page.locator('[data-card]').count()) < 20);
    assert.ok(asked.size < 20, `${asked.size}`);
    await page.locator('.charts-scroll').evaluate((element) => element.scrollTo(0, 1e9));
    await drawn(page, 'layer 999/norm', 1);
    assert.ok(asked.size < 60, `${asked.size}`);
    await page.getByRole('textbox', { name: 'Search charts' }).fill('layer 512');
    await drawn(page, 'layer 512/norm', 1);
    await closeTab(tab);
  });
});

describe('charts of what is unusual', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startStudio();
  });
  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  it('mark what is no number, keep a lone point, and tell what a logarithm hides', async () => {
    const experiment = await chartExperiment(plane, 'odd');
    await chartRun(plane, experiment, 'run', {
      diverged: [1, 2, Number.NaN, 4, Number.NaN, Number.NaN],
      'all nan': [Number.NaN, Number.NaN],
      'below zero': [-1, -2, -3],
      mixed: [-1, 10, 100, 1000],
      [long('one')]: [1, 2],
      [long('two')]: [2, 1],
    });
    for (const [scheme, width] of [
      ['dark', 1280],
      ['light', 1280],
      ['dark', 420],
    ] as const) {
      const tab = await openStudio(plane, `/runs/odd?${state({ tab: 'charts', smoothing: 0.9 })}`, { scheme, width, height: 1400 });
      const { page } = tab;
      await card(page, 'all nan').getByText('All values are NaN.').waitFor();
      await card(page, 'diverged').getByText('3 NaN (×)').waitFor();
      await page.getByText('Log scale', { exact: true }).click();
      await card(page, 'below zero').getByText("3 values not above 0 can't be shown on a log scale.").waitFor();
      const titles = await page.locator('.chart-title').allTextContents();
      assert.equal(new Set(titles).size, titles.length);
      assert.ok(await page.evaluate(() => document.scrollingElement!.scrollWidth <= innerWidth));
      await shoot(page, `charts-odd-${scheme}-${width}`);
      await closeTab(tab);
    }
  });

  it('say what there is when there is nothing to draw', async () => {
    const empty = await chartExperiment(plane, 'empty');
    const tab = await openStudio(plane, '/runs/empty?tab=charts');
    const { page } = tab;
    await page.getByText('No runs.').waitFor();
    const run = await chartRun(plane, empty, 'first', {});
    await page.getByText('No metrics yet.').waitFor();
    await plane.client.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: run, status: 'FAILED' });
    await page.getByText('All of these runs failed before they logged a metric.').waitFor();
    await page.goto(`${plane.url}/studio/jobs/${run}?tab=metrics`);
    await page.getByText('This job failed before it logged a metric.').waitFor();
    await closeTab(tab);
  });

  it('stay as they were while the plane is away, and say so, until it is back', async () => {
    let own = await startStudio();
    const run = await chartRun(own, await chartExperiment(own, 'away'), 'run', { loss: falling(1, 50) });
    const tab = await openStudio(own, '/runs/away?tab=charts');
    const { page } = tab;
    await drawn(page, 'loss', 1);
    await own.stop();
    await page.getByText('These are the last values that were read.').waitFor();
    await drawn(page, 'loss', 1);
    await shoot(page, 'charts-away-dark');
    own = await startStudio(own.folder);
    await page.getByText('These are the last values that were read.').waitFor({ state: 'detached' });
    await logCurves(own, run, { loss: [0.625] }, 50);
    await card(page, 'loss').getByRole('cell', { name: '0.625' }).first().waitFor();
    // The browser tells of every request that did not get through.
    await tab.context.close();
    await own.remove();
  });

  it('are drawn in high contrast', async () => {
    const experiment = await chartExperiment(plane, 'contrast');
    const ids = [];
    for (let at = 0; at < 5; at++)
      ids.push(await chartRun(plane, experiment, `run ${at}`, { loss: falling(at, 100), acc: falling(at + 2, 100), score: [at] }));
    const tab = await openInEditor(plane, { page: 'job', name: ids[0]!, tab: 'metrics' }, { theme: 'contrast', width: 900 });
    await drawn(tab.page, 'loss', 1);
    await shoot(tab.page, 'charts-job-contrast');
    await closeTab(tab);
  });
});
