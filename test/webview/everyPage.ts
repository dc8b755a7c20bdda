import type { Page } from 'playwright-core';
import type { PageAddress } from '../../src/protocol/webview.ts';
import type { FullPlane } from './accessibilityFixture.ts';

/** A page as it is opened, or one of its states. */
export interface PageCase {
  name: string;
  at(full: FullPlane): PageAddress;
  /** Where it is shown: in both when absent. */
  in?: readonly ('Studio' | 'editor')[];
  /** On a plane that has nothing yet. */
  isEmpty?: boolean;
  /** Waits until it is painted. */
  ready(page: Page): Promise<unknown>;
  /** What can be opened in it, by name, one after another. */
  parts?: Record<string, (page: Page) => Promise<unknown>>;
}

const runs = 'digits-sweep';
const text = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();
const figure = (page: Page) => page.locator('.charts-board .plot[data-lines]').first().waitFor();
const click = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
const press = (page: Page, key: string) => page.keyboard.press(key);
const job =
  (name: string, tab?: string, state?: Record<string, unknown>) =>
  (full: FullPlane): PageAddress => ({
    page: 'job',
    name: name === 'assistant' ? full.assistant : name === 'quiet' ? full.quiet : name,
    ...(tab ? { tab } : {}),
    ...(state ? { state } : {}),
  });
const preview = (file: string, ready: (page: Page) => Promise<unknown>): PageCase => ({
  name: `the preview of ${file}`,
  at: job('assistant', 'outputs'),
  in: ['Studio'],
  ready: async (page) => {
    await page.getByRole('treeitem', { name: file, exact: true }).click();
    await ready(page);
  },
});
const list = (page: 'jobs' | 'models' | 'schedules', ready: (page: Page) => Promise<unknown>, more: Partial<PageCase> = {}): PageCase => ({
  name: `the list of ${page}`,
  at: () => ({ page, name: '' }),
  in: ['Studio'],
  ready,
  ...more,
});

/** Every page with each of its tabs, and the states that it can be in. What is new is put here, so that it is held to the same. */
export const everyPage: readonly PageCase[] = [
  list('jobs', (page) => page.getByRole('table', { name: 'Jobs' }).waitFor(), {
    parts: {
      'with a list of choices': async (page) => {
        await page.getByTitle('Status', { exact: true }).click();
        await page.getByRole('option', { name: 'Failed' }).waitFor();
      },
      'without a match': async (page) => {
        await press(page, 'Escape');
        await page.getByRole('textbox', { name: 'Search by name' }).fill('nothing is called so');
        await text(page, 'No job matches.');
      },
    },
  }),
  list('models', (page) => page.getByRole('table', { name: 'Models' }).waitFor()),
  list('schedules', (page) => text(page, 'Sends the report')),
  list('jobs', (page) => text(page, 'No jobs yet.'), { name: 'the empty list of jobs', isEmpty: true }),
  list('models', (page) => text(page, 'No models yet.'), { name: 'the empty list of models', isEmpty: true }),
  list('schedules', (page) => text(page, 'No schedules yet.'), { name: 'the empty list of schedules', isEmpty: true }),

  {
    name: 'the table of runs',
    at: () => ({ page: 'runs', name: runs }),
    ready: (page) => page.getByRole('grid').getByRole('link').first().waitFor(),
    parts: {
      'with completions of its filter': async (page) => {
        await page.getByRole('combobox', { name: 'Filter' }).fill('metrics.');
        await page.getByRole('option').first().waitFor();
      },
      'with a wrong filter': async (page) => {
        await page.getByRole('combobox', { name: 'Filter' }).fill('metrics.accuracy > high');
        await page.getByRole('alert').waitFor();
        await press(page, 'Escape');
      },
      'without a match': async (page) => {
        await page.getByRole('combobox', { name: 'Filter' }).fill('metrics.accuracy > 5');
        await text(page, 'No run matches.');
        await press(page, 'Escape');
      },
      'with its columns to choose': async (page) => {
        await click(page, 'Clear the filter');
        await page.getByRole('grid').getByRole('link').first().waitFor();
        await press(page, 'Escape');
        await click(page, 'Choose the columns');
        await page.getByRole('textbox', { name: 'Find a column' }).waitFor();
      },
      'with its groups to choose': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Group the runs');
        await page.getByRole('textbox', { name: 'Find a field' }).waitFor();
      },
      'with its saved views': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Saved views');
        await page.getByRole('textbox', { name: 'Name of a new view' }).fill('Best');
        await press(page, 'Enter');
        await click(page, 'Delete the view “Best”').catch(() => {});
      },
      'with its ways to export': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Export');
      },
      'with its settings': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Which runs are shown');
      },
      'with the menu of a column': async (page) => {
        await press(page, 'Escape');
        await page.getByRole('columnheader', { name: /layers/ }).click({ button: 'right' });
        await page.getByRole('menu').waitFor();
      },
      'with selected runs and a question': async (page) => {
        await press(page, 'Escape');
        await page.getByTitle('Select (Space)').first().click();
        await page.getByTitle('Select (Space)').nth(2).click();
        await click(page, /Delete the selected runs/);
        await page.getByRole('alertdialog').waitFor();
      },
    },
  },
  {
    name: 'all runs',
    at: () => ({ page: 'runs', name: '' }),
    ready: (page) => page.getByRole('grid').getByRole('link').first().waitFor(),
  },
  {
    name: 'runs in groups',
    at: () => ({ page: 'runs', name: runs, state: { group: 'params.lr' } }),
    ready: (page) => page.getByRole('table', { name: 'Runs by lr' }).waitFor(),
  },
  {
    name: 'the table without runs',
    at: () => ({ page: 'runs', name: '' }),
    isEmpty: true,
    ready: (page) => text(page, 'No runs yet.'),
  },
  {
    name: 'charts of runs',
    at: () => ({ page: 'runs', name: runs, tab: 'charts' }),
    ready: figure,
    parts: {
      'with the menu of a chart': async (page) => {
        await page.locator('.chart').first().hover();
        await click(page, /^More for/);
      },
      'with metrics to choose': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Choose metrics');
        await page.getByRole('dialog', { name: 'Choose metrics' }).waitFor();
      },
      'with the dialog of a new chart': async (page) => {
        await press(page, 'Escape');
        await click(page, 'A chart of several metrics');
        await page.getByRole('dialog', { name: 'A chart of several metrics' }).waitFor();
      },
      'with a chart on the full screen': async (page) => {
        await press(page, 'Escape');
        await page.locator('.chart').first().hover();
        await click(page, /on the full screen$/);
        await page.locator('dialog .plot[data-lines]').waitFor();
      },
      'with points that are kept in view': async (page) => {
        await press(page, 'Escape');
        await page.getByRole('application').first().focus();
        await press(page, 'ArrowRight');
        await press(page, 'ArrowRight');
        await press(page, 'Enter');
        await page.getByRole('dialog', { name: 'Points' }).waitFor();
      },
    },
  },
  {
    name: 'the comparison of runs',
    at: () => ({ page: 'runs', name: 'comparison', tab: 'compare', state: { selected: ['first', 'second', 'third', 'fourth'] } }),
    ready: (page) => text(page, 'extra.py'),
  },
  {
    name: 'the comparison with the differences of a file',
    at: () => ({ page: 'runs', name: 'comparison', tab: 'compare', state: { selected: ['first', 'second'] } }),
    in: ['Studio'],
    ready: async (page) => {
      await page.getByRole('row', { name: /train\.py/ }).getByRole('button').click();
      await page.getByRole('region', { name: 'Lines that differ' }).waitFor();
    },
  },
  {
    name: 'the comparison of no runs',
    at: () => ({ page: 'runs', name: 'comparison', tab: 'compare' }),
    ready: (page) => text(page, 'No runs are selected.'),
  },
  {
    name: 'the analysis of runs',
    at: () => ({ page: 'runs', name: runs, tab: 'analysis' }),
    ready: async (page) => {
      await page.getByRole('table', { name: 'Parameter importance' }).waitFor();
      await page.getByRole('slider', { name: /^Range of/ }).first().waitFor();
    },
  },

  {
    name: 'the overview of a pipeline',
    at: job('digits_1'),
    ready: (page) => page.getByRole('link', { name: 'train', exact: true }).waitFor(),
    parts: {
      'with a new tag': async (page) => {
        await click(page, 'Add a tag');
        await page.getByRole('textbox', { name: 'Name of the tag' }).waitFor();
      },
      'with a note to write': async (page) => {
        await click(page, 'Add a note');
        await page.getByRole('textbox', { name: 'Notes, in Markdown' }).waitFor();
      },
      'with a name to change': async (page) => {
        await click(page, /^Display name/);
        await page.getByRole('textbox', { name: 'Display name' }).waitFor();
      },
    },
  },
  { name: 'the overview of a run with notes and packages', at: job('assistant'), ready: (page) => text(page, 'Installed packages') },
  {
    name: 'the overview of a job that failed',
    at: job('wrong_file'),
    ready: (page) => text(page, 'no rows in missing.csv'),
  },
  { name: 'the overview of a sweep', at: job('tuned'), ready: (page) => page.getByRole('table', { name: 'Trials' }).waitFor() },
  {
    name: 'the overview of a job that waits',
    at: job('third'),
    ready: (page) => page.getByRole('button', { name: 'Cancel the job' }).waitFor(),
  },
  { name: 'a job that is not there', at: job('nobody'), ready: (page) => text(page, 'This job is not there.') },
  {
    name: 'the trials of a sweep',
    at: job('tuned', 'trials'),
    ready: async (page) => {
      await page.getByRole('table', { name: 'Parameter importance' }).waitFor();
      await page.getByRole('slider', { name: /^Range of/ }).first().waitFor();
    },
  },
  { name: 'the metrics of a job', at: job('assistant', 'metrics'), ready: figure },
  { name: 'the metrics of a job without any', at: job('quiet', 'metrics'), ready: (page) => text(page, 'No metrics yet.') },
  {
    name: 'the graph of a job',
    at: job('digits_1', 'graph'),
    ready: (page) => page.getByRole('group', { name: /step train/ }).waitFor(),
    parts: {
      'with a step': async (page) => {
        await page.getByRole('group', { name: /step train/ }).click();
        await page.getByRole('complementary', { name: 'Details of train' }).getByText('python3 train.py').waitFor();
      },
    },
  },
  { name: 'the outputs of a job', at: job('digits_1', 'outputs'), ready: (page) => page.getByRole('treeitem', { name: 'weights.bin' }).waitFor() },
  preview('results.md', (page) => page.getByRole('heading', { name: 'Results' }).waitFor()),
  preview('report.html', (page) => page.locator('iframe').waitFor()),
  preview('table.parquet', (page) => text(page, '1200 rows')),
  preview('rows.csv', (page) => text(page, '2 rows, 2 columns')),
  preview('settings.json', (page) => text(page, 'layers')),
  preview('dot.png', (page) => text(page, '1 × 1')),
  preview('study.ipynb', (page) => text(page, 'loss 0.3')),
  preview('broken.parquet', (page) => text(page, 'This Parquet file can’t be read')),
  {
    name: 'the log of a job',
    at: job('wrong_file', 'log'),
    ready: (page) => text(page, 'FileNotFoundError: no rows'),
    parts: {
      'with a search': async (page) => {
        await page.getByRole('textbox', { name: 'Search' }).fill('row 1');
        await text(page, '1 of 111');
      },
    },
  },
  { name: 'the log of a pipeline', at: job('digits_1', 'log'), ready: (page) => page.getByTitle('Step', { exact: true }).waitFor() },
  { name: 'the machine of a job', at: job('assistant', 'system'), ready: figure },
  { name: 'the machine of a job that was not measured', at: job('wrong_file', 'system'), ready: (page) => text(page, 'The machine was not measured.') },
  { name: 'the traces of a job', at: job('assistant', 'traces'), ready: (page) => page.getByRole('button', { name: 'answer late' }).waitFor() },
  {
    name: 'a trace',
    at: job('assistant', 'traces'),
    ready: async (page) => {
      await click(page, 'answer late');
      await page.getByRole('treeitem', { name: /^complete/ }).click();
      await page.getByRole('region', { name: 'Span complete' }).waitFor();
    },
  },
  { name: 'a job without traces', at: job('quiet', 'traces'), ready: (page) => text(page, 'This job has no traces.') },
  { name: 'the lineage of a job', at: job('digits_1', 'lineage'), ready: (page) => text(page, 'Led to') },

  {
    name: 'a model',
    at: () => ({ page: 'model', name: 'flowers' }),
    ready: (page) => page.getByRole('table', { name: 'Inputs' }).waitFor(),
    parts: {
      'with a new alias': async (page) => {
        await click(page, 'Add an alias');
        await page.getByRole('textbox', { name: 'Name of the alias' }).waitFor();
      },
    },
  },
  {
    name: 'the files of a model',
    at: () => ({ page: 'model', name: 'flowers', tab: 'files' }),
    ready: (page) => page.getByRole('treeitem').first().waitFor(),
  },
  {
    name: 'the comparison of versions',
    at: () => ({ page: 'model', name: 'flowers', tab: 'compare' }),
    ready: (page) => page.getByRole('table', { name: 'Comparison of versions' }).waitFor(),
  },
  { name: 'a model that is not there', at: () => ({ page: 'model', name: 'nobody' }), ready: (page) => text(page, 'This model is not there.') },
  { name: 'data', at: () => ({ page: 'data', name: 'rows' }), ready: (page) => text(page, 'a.csv') },
  { name: 'an environment', at: () => ({ page: 'environment', name: 'torch' }), ready: (page) => text(page, 'ubuntu:22.04') },
  { name: 'a component', at: () => ({ page: 'component', name: 'pages_train' }), ready: (page) => text(page, 'Definition') },
];
