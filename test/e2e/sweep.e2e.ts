import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { mlflowWhole } from '../../scripts/pythonClients.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen } from '../contract/plane.ts';
import { waitInPage } from '../waitInPage.ts';
import { repository } from './session.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

const experiment = 'digits-sweep';
const trials = 200;
const filter = 'metrics.validation_accuracy > 0.5';
const order = ['metrics.validation_accuracy DESC', 'metrics.loss ASC'];

const endsALine = (content: Buffer): boolean => content.at(-1) === 10;

/** A data scientist's afternoon: a sweep over the digits example that really trains, with mlflow's own client. */
describe('two hundred runs of a sweep, from the Jobs view to a link', () => {
  let story: Story;
  let window: Workbench;
  let page: FrameLocator;
  /** Names and ids of the runs that match, the best first. */
  let best: { id: string; name: string }[];
  let size: { width: number; height: number };

  before(async function () {
    // The first run on a machine installs MLflow.
    this.timeout(1_200_000);
    const python = await mlflowWhole();
    story = await openStory('digits-sweep');
    window = story.window;
    size = window.page.viewportSize()!;
    await window.page.setViewportSize({ width: 1440, height: 900 });
    const folder = join(window.folder, 'digits-sweep');
    const example = (part: string) => join(repository, `examples/digits/components/${part}/src/${part}.py`);
    await cp(example('train'), join(folder, 'baseline/train.py'));
    for (const code of ['baseline', 'sweep']) await cp(example('prepare'), join(folder, code, 'prepare.py'));
    for (const name of ['baseline', 'sweep'])
      await submitJob({
        client: story.client,
        file: join(folder, `${name}.yml`),
        name: `digits_${name}`,
        overrides: [`environment_variables.PYTHON=${python}`],
      });
  });
  after(async () => {
    if (size) {
      await window.page.setViewportSize(size);
      await window.chooseTheme('Dark Modern');
    }
    await story?.end();
  });
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  const head = (name: RegExp) => page.getByRole('columnheader', { name });
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const show = (tab: string) => page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
  const total = (text: string) => page.locator('.runs-footer').getByText(text, { exact: true }).waitFor();
  async function filterBy(text: string): Promise<void> {
    const line = page.getByRole('combobox', { name: 'Filter', exact: true });
    await line.fill(text);
    await line.press('Enter');
  }

  it('follows the sweep, filters and sorts its runs, and finds the best', async () => {
    await window.tree('Jobs').contextMenu(experiment, 'Open Runs…');
    page = await window.webview(`Runs: ${experiment}`);
    await page
      .getByRole('grid', { name: `Runs of ${experiment}` })
      .getByRole('link', { name: /^trial/ })
      .first()
      .waitFor();
    await Promise.all(
      ['baseline', 'sweep'].map(async (name) => {
        const { properties } = await jobWhen(story.client, `digits_${name}`);
        assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
      }),
    );
    await total(`${trials + 2} runs`);
    await filterBy(filter);
    await head(/^Metric validation_accuracy/).click();
    await head(/^Metric loss/).click({ modifiers: ['Shift'] });
    await head(/^Metric loss/).click({ modifiers: ['Shift'] });
    const found = await story.client.runTable({
      experiments: [experiment],
      filter,
      orderBy: order,
      columns: [{ of: 'attribute', key: 'run_name' }],
      offset: 0,
      limit: trials + 2,
    });
    best = found.runs.map((id, at) => ({ id, name: String(found.columns[0]![at]) }));
    assert.ok(best.length > 20 && best.length < trials, `${best.length} of the runs match`);
    await total(`${best.length} runs match`);
    await page.locator('.grid-row[data-row="0"]').getByRole('link', { name: best[0]!.name, exact: true }).waitFor();
    await window.screenshot('sweep-table-dark');
  });

  it('shows which parameter matters', async () => {
    await show('Analysis');
    await page.getByTitle('Metric to be explained').click();
    await page.getByRole('option', { name: 'validation_accuracy' }).click();
    await page.getByTitle('Which values are better').click();
    await page.getByRole('option', { name: 'Larger is better' }).click();
    const first = page.getByRole('table', { name: 'Parameter importance' }).locator('tbody tr').first();
    await first.getByRole('button', { name: 'learning_rate' }).waitFor();
    await window.screenshot('sweep-analysis-dark');
  });

  it('compares the best three with the baseline, including their code', async () => {
    await show('Table');
    await row(best[0]!.name).getByRole('gridcell').nth(2).click();
    for (const { name } of best.slice(1, 3))
      await row(name)
        .getByRole('gridcell')
        .nth(2)
        .click({ modifiers: ['Control'] });
    // The selection stays while one looks for another run.
    await filterBy("attributes.run_name = 'baseline'");
    await total('1 run matches');
    await row('baseline')
      .getByRole('gridcell')
      .nth(2)
      .click({ modifiers: ['Control'] });
    await filterBy(filter);
    await total(`${best.length} runs match`);
    await page.getByText('4 runs selected').waitFor();
    await window.screenshot('sweep-selected-dark');
    const colors = await Promise.all(
      best.slice(0, 3).map(({ name }) =>
        row(name)
          .locator('.grid-swatch')
          .evaluate((swatch) => getComputedStyle(swatch).color),
      ),
    );
    await page.getByRole('button', { name: 'Compare the selected runs' }).click();
    await page.getByRole('radio', { name: 'baseline is the baseline' }).check();
    await page.getByText('sweep.py', { exact: true }).waitFor();
    const [learned, accuracy] = await Promise.all(['learning_rate', 'validation_accuracy'].map(compared));
    assert.equal(new Set(learned).size, 4, 'each has its own');
    for (const text of accuracy!.slice(0, 3)) assert.match(text, /^0\.\d+\n\+0\.\d+ \(\+[\d.]+ %\)$/);
    const swatches = await page
      .locator('.run-swatch')
      .evaluateAll((found) => found.map((swatch) => getComputedStyle(swatch).backgroundColor));
    assert.deepEqual(swatches.slice(0, 3), colors, 'a run has one colour');
    assert.equal(new Set(swatches).size, 4, 'and no other run has it');
    const labels = await page.locator('tbody .compare-key').allInnerTexts();
    assert.deepEqual(labels.slice(0, 4), ['activation', 'alpha', 'hidden_units', 'learning_rate'], 'what differs stands first');
    await window.screenshot('sweep-compare-dark');
  });

  it("shows what differs in the code, and in the YAML, in the editor's own view", async () => {
    const [first] = best;
    await page.getByRole('button', { name: 'Compare code' }).first().click();
    await window.tab(`Code: baseline ↔ ${first!.name}`).waitFor();
    await window.page.locator('.multiDiffEntry', { hasText: 'train.py' }).waitFor();
    await window.screenshot('sweep-code-dark');
    await back();
    await inCode('train.py').first().click();
    await window.tab(`train.py: baseline ↔ ${first!.name}`).waitFor();
    const { original, modified } = diffEditor();
    await original.getByText('hidden_layer_sizes=(48,)').first().waitFor();
    await modified.getByText('hidden_layer_sizes=(hidden_units,)').first().waitFor();
    await window.screenshot('sweep-file-dark');
    await back();
    await page.getByRole('button', { name: 'Compare YAML' }).first().click();
    // A trial is a run that the script of the sweep made.
    await window.tab('YAML: baseline ↔ sweep').waitFor();
    await diffEditor().original.getByText('learning_rate').first().waitFor();
    await diffEditor().modified.getByText('sweep.py').first().waitFor();
    await window.screenshot('sweep-yaml-dark');
    await back();
  });

  it('pins two charts, and saves a picture, the points, and the table', async () => {
    await show('Charts');
    // Of charts only those in view are in the document: one that is further down is found by its name.
    const search = page.getByRole('textbox', { name: 'Search charts' });
    for (const name of ['validation_accuracy', 'loss']) {
      await search.fill(name);
      await page.getByRole('button', { name: `Pin ${name} to the top` }).click();
      await page.getByRole('button', { name: `Unpin ${name}` }).waitFor();
    }
    await search.fill('');
    await page.getByRole('figure', { name: 'accuracy', exact: true }).waitFor();
    await window.screenshot('sweep-charts-dark');
    await page.getByRole('button', { name: 'More for validation_accuracy' }).click();
    await page.getByRole('button', { name: 'Save as PNG' }).click();
    const picture = await saved('validation_accuracy.png', (content) => content.includes('IEND'));
    assert.deepEqual([...picture.subarray(1, 4)].map((code) => String.fromCharCode(code)).join(''), 'PNG');
    const [width, height] = [picture.readUInt32BE(16), picture.readUInt32BE(20)];
    assert.ok(width === 1800 && height > 840, `the plot with its legend, not ${width} × ${height}`);
    assert.ok(picture.length > 10_000, `a picture of ${picture.length} bytes shows nothing`);
    // The menu is still open.
    await page.getByRole('button', { name: 'Save points as CSV' }).click();
    const points = String(await saved('validation_accuracy.csv'));
    await show('Table');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('button', { name: 'CSV', exact: true }).click();
    const table = String(await saved(`${experiment}.csv`));
    const epochs = 3;
    const shown = [...best.slice(0, 3), { id: 'digits_baseline', name: 'baseline' }];
    for (const { id, name } of shown) {
      const lines = points.split('\n').filter((line) => line.startsWith(`${id},${name},validation_accuracy,`));
      const values = await story.client.http.json<{ metrics: { step: number; value: number }[] }>(
        'GET',
        `/api/2.0/mlflow/metrics/get-history?run_id=${id}&metric_key=validation_accuracy`,
      );
      assert.equal(values.metrics.length, epochs);
      assert.deepEqual(
        lines.map((line) => line.split(',')).map((cells) => [Number(cells[3]), Number(cells.at(-1))]),
        values.metrics.map(({ step, value }) => [step, value]),
      );
    }
    assert.equal(points.trim().split('\n').length, 1 + epochs * shown.length);
    const [titles, ...rows] = table.trim().split('\r\n');
    assert.match(titles!, /^run_id,run_name,start_time,duration,.*metrics\.validation_accuracy.*params\.learning_rate/);
    assert.deepEqual(
      rows.map((each) => each.split(',').slice(0, 2)),
      best.map(({ id, name }) => [id, name]),
    );
  });

  it('opens in the Studio as it is, from its link', async () => {
    await page.getByRole('button', { name: 'Copy a link to this view' }).click();
    await page.getByRole('button', { name: 'For the Studio in a browser' }).click();
    // Until then the clipboard has what another story copied.
    await waitInPage(window.page, async (part) => (await navigator.clipboard.readText()).includes(part), '/studio/runs/');
    const link = await window.page.evaluate(() => navigator.clipboard.readText());
    const { url, token } = (await findPlane(story.home))!;
    assert.ok(link.startsWith(`${url}/studio/runs/${experiment}?`) && !link.includes(token), link);
    const studio = await window.page.context().newPage();
    try {
      // A browser that has the Studio open already, as "Open Studio" opens it.
      await studio.goto(`${url}/studio/?token=${token}`);
      await studio.getByRole('table', { name: 'Jobs' }).waitFor();
      await studio.goto(link);
      await studio.getByRole('tab', { name: 'Table', selected: true }).waitFor();
      await studio.locator('.grid-row[data-row="0"]').getByRole('link', { name: best[0]!.name, exact: true }).waitFor();
      await studio.screenshot({ path: join(repository, 'test-artifacts/screenshots/sweep-studio-dark.png') });
      await studio.getByText('4 runs selected').waitFor();
      assert.equal(await studio.getByRole('combobox', { name: 'Filter', exact: true }).inputValue(), filter);
      await studio.getByRole('tab', { name: /^Charts/ }).click();
      for (const name of ['validation_accuracy', 'loss']) await studio.getByRole('button', { name: `Unpin ${name}` }).waitFor();
      await studio.getByRole('tab', { name: /^Compare/ }).click();
      await studio.getByRole('radio', { name: 'baseline is the baseline', checked: true }).waitFor();
    } finally {
      await studio.close();
    }
  });

  for (const [name, theme, look] of [
    ['light', 'Light Modern', 'vscode-light'],
    ['contrast', 'Dark High Contrast', 'vscode-high-contrast'],
  ] as const)
    it(`is shown in ${theme}, too`, async () => {
      await window.chooseTheme(theme);
      await page.locator(`body.${look}`).waitFor();
      const shown = {
        Charts: page.getByRole('figure', { name: 'validation_accuracy', exact: true }).getByText('baseline', { exact: true }),
        Compare: comparedRow('sweep.py'),
        Table: row(best[0]!.name),
      };
      for (const [tab, content] of Object.entries(shown)) {
        await show(tab);
        await content.first().waitFor();
        await window.screenshot(`sweep-${tab.toLowerCase()}-${name}`);
      }
    });

  /** Saves what the page hands over, and reads it once it is whole. */
  async function saved(name: string, isWhole: (content: Buffer) => boolean = endsALine): Promise<Buffer> {
    const folder = join(story.vscode.folder, 'saved');
    await mkdir(folder, { recursive: true });
    const changes = watch(folder);
    try {
      await window.quickInput.saveAs(join(folder, name));
      for (;;) {
        const changed = once(changes, 'change');
        const content = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
        if (isWhole(content)) return content;
        await changed;
      }
    } finally {
      changes.close();
    }
  }
  /** Leaves the editor that was opened over the page, which is made anew then. */
  async function back(): Promise<void> {
    await window.runCommand('View: Close Editor');
    page = await window.webview(`Runs: ${experiment}`);
  }
  function diffEditor() {
    const diff = window.page.locator('.monaco-diff-editor').filter({ visible: true });
    return { original: diff.locator('.editor.original .view-lines'), modified: diff.locator('.editor.modified .view-lines') };
  }
  /** The texts of a row of the comparison, a cell a run. */
  const compared = async (label: string): Promise<string[]> =>
    (await comparedRow(label).locator('td').allInnerTexts()).map((text) => text.trim());
  const comparedRow = (label: string) =>
    page
      .getByRole('table', { name: 'Comparison of runs' })
      .getByRole('row')
      .filter({ has: page.locator('.compare-key').getByText(label, { exact: true }) });
  /** What opens the differences of a file, a run each. */
  const inCode = (file: string) => comparedRow(file).getByRole('button');
});
