import { strict as assert } from 'node:assert';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { mlflowWhole } from '../../scripts/pythonClients.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen } from '../contract/plane.ts';
import { repository } from './session.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

const experiment = 'digits-sweep';
const trials = 200;
const filter = 'metrics.validation_accuracy > 0.6';
const order = ['metrics.validation_accuracy DESC', 'metrics.loss ASC'];

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
    if (size) await window.page.setViewportSize(size);
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
    await page.getByRole('button', { name: 'Compare the selected runs' }).click();
    await page.getByRole('radio', { name: 'baseline is the baseline' }).check();
    await page.getByText('sweep.py', { exact: true }).waitFor();
    await window.screenshot('sweep-compare-dark');
  });
});
