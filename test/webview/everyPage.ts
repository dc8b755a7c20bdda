import type { Page } from 'playwright-core';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { tinyModel } from './fixture.ts';
import type { FullPlane } from './fullPlane.ts';

/** A page, and the states that it is brought into one after another. */
export interface PageCase {
  name: string;
  at(full: FullPlane): PageAddress;
  /** Where it is shown: in both when absent. */
  in?: readonly Place[];
  /** On a plane that has nothing yet. */
  isEmpty?: boolean;
  /** Waits until it is painted. */
  ready: Show;
  /** Its tabs, and what else takes the place of what was shown. */
  tabs?: Record<string, Show>;
  /** What is opened in it for a moment: menus, panels, fields. */
  parts?: Record<string, Show>;
}
export type Place = 'Studio' | 'editor';
/** Brings the page into a state, and waits until it is painted. */
export type Show = (page: Page) => Promise<unknown>;

const runs = 'digits-sweep';
const text = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();
const figure = (page: Page) => page.locator('.charts-board .plot[data-lines]').first().waitFor();
const click = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
const press = (page: Page, key: string) => page.keyboard.press(key);
const openTab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();
const field = (page: Page, name: string) => page.getByRole('textbox', { name }).waitFor();
const filter = (page: Page) => page.getByRole('combobox', { name: 'Filter' });
const importance = async (page: Page) => {
  await page.getByRole('table', { name: 'Parameter importance' }).waitFor();
  await page
    .getByRole('slider', { name: /^Range of/ })
    .first()
    .waitFor();
};
const job = (name: string) => (): PageAddress => ({ page: 'job', name });
const list = (page: 'jobs' | 'models' | 'schedules' | 'endpoints' | 'registries') => ({
  at: (): PageAddress => ({ page, name: '' }),
  in: ['Studio'] as const,
});
const preview =
  (file: string, shown: string | RegExp): Show =>
  async (page) => {
    await page.getByRole('treeitem', { name: file, exact: true }).click();
    await page
      .getByRole('region', { name: `Preview of ${file}` })
      .getByText(shown)
      .first()
      .waitFor();
  };

/** Every page with each of its tabs, and the states that it can be in. A new one is added here, and is held to the same as the others. */
export const everyPage: readonly PageCase[] = [
  {
    ...list('jobs'),
    name: 'the list of jobs',
    ready: (page) => page.getByRole('table', { name: 'Jobs' }).waitFor(),
    parts: {
      'a list of choices': async (page) => {
        await page.getByTitle('Status', { exact: true }).click();
        await page.getByRole('option', { name: 'Failed' }).waitFor();
      },
      'no match': async (page) => {
        await press(page, 'Escape');
        await page.getByRole('textbox', { name: 'Search by name' }).fill('nothing is called so');
        await text(page, 'No job matches.');
      },
    },
  },
  {
    name: 'the models',
    at: () => ({ page: 'models', name: '' }),
    ready: async (page) => {
      await page.getByRole('table', { name: 'Models' }).waitFor();
      await text(page, tinyModel.name);
    },
    parts: {
      'all about a model': async (page) => {
        await click(page, `More about ${tinyModel.name}`);
        await text(page, 'Architecture');
      },
      'two models side by side': async (page) => {
        await click(page, `Compare ${tinyModel.name}`);
        await click(page, 'Compare smollm2-360m-instruct');
        await page.getByRole('table', { name: 'Comparison of two models' }).waitFor();
      },
      'what the hub has': async (page) => {
        await page.getByRole('textbox', { name: /^Words to search/ }).fill('chat');
        await press(page, 'Enter');
        await page.getByRole('button', { name: 'Get org/chat' }).waitFor();
      },
      'several models to choose from': async (page) => {
        await page.getByRole('button', { name: 'Get org/chat' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'chat-F16.gguf' }).waitFor();
      },
      'a licence to accept': async (page) => {
        await page.getByRole('dialog').getByRole('button', { name: 'chat-F16.gguf' }).click();
        await page.getByRole('button', { name: /^Accept the licence and get/ }).waitFor();
      },
    },
  },
  { ...list('schedules'), name: 'the list of schedules', ready: (page) => text(page, 'Sends the report') },
  { ...list('registries'), name: 'the list of registries', ready: (page) => page.getByRole('table', { name: 'Registries' }).waitFor() },
  { ...list('registries'), name: 'an empty list of registries', isEmpty: true, ready: (page) => field(page, 'Name of a new registry') },
  {
    name: 'a registry',
    at: () => ({ page: 'registry', name: 'lab' }),
    in: ['Studio'],
    ready: (page) => page.getByRole('link', { name: 'flowers' }).waitFor(),
    tabs: {
      Data: async (page) => {
        await openTab(page, 'Data');
        await page.getByRole('link', { name: 'rows' }).waitFor();
      },
      'nothing of a kind': async (page) => {
        await openTab(page, 'Components');
        await text(page, 'No components in this registry yet.');
      },
    },
    parts: {
      'no match': async (page) => {
        await openTab(page, 'Models');
        await page.getByRole('textbox', { name: 'Search models by name' }).fill('nothing is called so');
        await text(page, 'Nothing matches.');
      },
    },
  },
  {
    name: 'a registry that is not there',
    at: () => ({ page: 'registry', name: 'nowhere' }),
    in: ['Studio'],
    ready: (page) => text(page, 'This registry is not there.'),
  },
  {
    name: 'a model of a registry',
    at: () => ({ page: 'model', name: 'flowers', registry: 'lab' }),
    ready: (page) => page.getByRole('table', { name: 'Inputs' }).waitFor(),
    tabs: {
      Files: async (page) => {
        await openTab(page, 'Files');
        await page.getByRole('treeitem').first().waitFor();
      },
      'Compare versions': async (page) => {
        await openTab(page, 'Compare versions');
        await page.getByRole('table', { name: 'Comparison of versions' }).waitFor();
      },
    },
  },
  {
    name: 'data of a registry',
    at: () => ({ page: 'data', name: 'rows', registry: 'lab' }),
    ready: (page) => page.getByRole('treeitem', { name: 'a.csv' }).waitFor(),
  },
  { ...list('endpoints'), name: 'the list of endpoints', ready: (page) => page.getByRole('table', { name: 'Endpoints' }).waitFor() },
  { ...list('endpoints'), name: 'an empty list of endpoints', isEmpty: true, ready: (page) => text(page, 'No endpoints yet.') },
  { ...list('jobs'), name: 'an empty list of jobs', isEmpty: true, ready: (page) => text(page, 'No jobs yet.') },
  { ...list('models'), name: 'an empty list of models', isEmpty: true, ready: (page) => text(page, 'No models yet.') },
  { ...list('schedules'), name: 'an empty list of schedules', isEmpty: true, ready: (page) => text(page, 'No schedules yet.') },

  {
    name: 'the table of runs',
    at: () => ({ page: 'runs', name: runs }),
    ready: (page) => page.getByRole('grid').getByRole('link').first().waitFor(),
    parts: {
      'completions of the filter': async (page) => {
        await filter(page).fill('metrics.');
        await page.getByRole('option').first().waitFor();
      },
      'a wrong filter': async (page) => {
        await filter(page).fill('metrics.accuracy > high');
        await page.getByRole('alert').waitFor();
      },
      'no match': async (page) => {
        await filter(page).fill('metrics.accuracy > 5');
        await text(page, 'No run matches.');
      },
      'columns to choose': async (page) => {
        await click(page, 'Clear the filter');
        await text(page, '12 runs');
        await click(page, 'Choose the columns');
        await field(page, 'Find a column');
      },
      'groups to choose': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Group the runs');
        await field(page, 'Find a field');
      },
      'saved views': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Saved views');
        await page.getByRole('textbox', { name: 'Name of a new view' }).fill('Best');
        await press(page, 'Enter');
        await page.getByRole('button', { name: 'Delete the view “Best”' }).waitFor();
      },
      'ways to export': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Export');
        await page.getByRole('button', { name: 'Parquet' }).waitFor();
      },
      'which runs to show': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Which runs are shown');
        await page.getByRole('radio').first().waitFor();
      },
      'the menu of a column': async (page) => {
        await press(page, 'Escape');
        await page.getByRole('columnheader', { name: 'Metric val/loss' }).click({ button: 'right' });
        await page.getByRole('menu').waitFor();
      },
      'selected runs and a question': async (page) => {
        await press(page, 'Escape');
        await page.getByTitle('Select (Space)').first().click();
        await page.getByTitle('Select (Space)').nth(2).click();
        await click(page, /Delete the selected runs/);
        await page.getByRole('alertdialog').waitFor();
      },
    },
  },
  {
    name: 'runs in groups',
    at: () => ({ page: 'runs', name: runs, state: { groups: ['params.lr'] } }),
    ready: (page) => page.getByRole('table', { name: 'Runs by lr' }).waitFor(),
  },
  { name: 'a table without runs', at: () => ({ page: 'runs', name: '' }), isEmpty: true, ready: (page) => text(page, 'No runs yet.') },
  {
    name: 'charts of runs',
    at: () => ({ page: 'runs', name: runs, tab: 'charts' }),
    ready: figure,
    parts: {
      'the menu of a chart': async (page) => {
        await page.locator('.chart').first().hover();
        await click(page, /^More for/);
        await page.getByRole('dialog', { name: /^More for/ }).waitFor();
      },
      'metrics to choose': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Choose metrics');
        await page.getByRole('dialog', { name: 'Choose metrics' }).waitFor();
      },
      'the dialog of a new chart': async (page) => {
        await press(page, 'Escape');
        await click(page, 'A chart of several metrics');
        await page.getByRole('dialog', { name: 'A chart of several metrics' }).waitFor();
      },
      'a chart on the full screen': async (page) => {
        await press(page, 'Escape');
        await page.locator('.chart').first().hover();
        await click(page, /on the full screen$/);
        await page.locator('dialog .plot[data-lines]').waitFor();
      },
      'points that stay in view': async (page) => {
        await press(page, 'Escape');
        await page.getByRole('application').first().focus();
        for (const key of ['ArrowRight', 'ArrowRight', 'Enter']) await press(page, key);
        await page.getByRole('dialog', { name: 'Points' }).waitFor();
      },
    },
  },
  {
    name: 'a comparison of runs',
    at: () => ({ page: 'runs', name: 'comparison', tab: 'compare', state: { selected: ['first', 'second', 'third', 'nobody'] } }),
    ready: (page) => text(page, 'extra.py'),
  },
  {
    name: 'a comparison of files',
    at: () => ({ page: 'runs', name: 'comparison', tab: 'compare', state: { selected: ['first', 'second'] } }),
    in: ['Studio'],
    ready: async (page) => {
      await page
        .getByRole('row', { name: /train\.py/ })
        .getByRole('button')
        .click();
      await page.getByRole('region', { name: 'Lines that differ' }).waitFor();
    },
  },
  {
    name: 'a comparison of no runs',
    at: () => ({ page: 'runs', name: 'comparison', tab: 'compare' }),
    ready: (page) => text(page, 'No runs are selected.'),
  },
  { name: 'an analysis of runs', at: () => ({ page: 'runs', name: runs, tab: 'analysis' }), ready: importance },

  {
    name: 'a pipeline',
    at: job('digits_1'),
    ready: (page) => page.getByRole('link', { name: 'train', exact: true }).waitFor(),
    tabs: {
      Graph: async (page) => {
        await openTab(page, 'Graph');
        await page.getByRole('group', { name: /step train/ }).waitFor();
      },
      'Graph, with a step': async (page) => {
        await page.getByRole('group', { name: /step train/ }).click();
        await page.getByRole('complementary', { name: 'Details of train' }).getByText('python3 train.py').waitFor();
      },
      Log: async (page) => {
        await openTab(page, 'Log');
        await page.getByTitle('Step', { exact: true }).waitFor();
        await page.locator('.text-line').first().waitFor();
      },
      Lineage: async (page) => {
        await openTab(page, 'Lineage');
        await text(page, 'Led to');
      },
    },
    parts: {
      'a name to change': async (page) => {
        await openTab(page, 'Overview');
        await click(page, /^Display name/);
        await field(page, 'Display name');
      },
      'a new tag': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Add a tag');
        await field(page, 'Name of the tag');
      },
    },
  },
  {
    name: 'a run with notes, files and traces',
    at: ({ assistant }) => ({ page: 'job', name: assistant }),
    ready: (page) => text(page, 'Installed packages'),
    tabs: {
      Metrics: async (page) => {
        await openTab(page, 'Metrics');
        await figure(page);
      },
      Outputs: async (page) => {
        await openTab(page, 'Outputs');
        await text(page, 'Choose a file');
      },
      Markdown: preview('results.md', 'Results'),
      HTML: preview('report.html', 'Scripts'),
      Parquet: preview('table.parquet', '1200 rows'),
      JSON: preview('settings.json', 'layers'),
      'a picture': preview('dot.png', '1 × 1'),
      'a notebook': preview('study.ipynb', 'loss 0.3'),
      'a broken file': preview('broken.parquet', 'This Parquet file can’t be read'),
      System: async (page) => {
        await openTab(page, 'System');
        await figure(page);
      },
      Traces: async (page) => {
        await openTab(page, 'Traces');
        await page.getByRole('button', { name: 'answer late' }).waitFor();
      },
      'a trace': async (page) => {
        await click(page, 'answer late');
        await page.getByRole('treeitem', { name: /^complete/ }).click();
        await page.getByRole('region', { name: 'Span complete' }).waitFor();
      },
    },
    parts: {
      'what may be done with a comment': async (page) => {
        await openTab(page, 'Comments');
        await text(page, 'The loss falls.');
        await click(page, /^More for the comment/);
        await page.getByRole('menu').waitFor();
      },
      'a comment to change': async (page) => {
        await page.getByRole('menuitem', { name: 'Edit' }).click();
        await field(page, 'Text of the comment');
      },
      'a comment to delete': async (page) => {
        await click(page, 'Cancel');
        await click(page, /^More for the comment/);
        await page.getByRole('menuitem', { name: 'Delete' }).click();
        await page.getByRole('alertdialog').waitFor();
      },
      'a note to write': async (page) => {
        await openTab(page, 'Overview');
        await click(page, 'Edit the notes');
        await field(page, 'Notes, in Markdown');
      },
    },
  },
  {
    name: 'a job that failed',
    at: job('wrong_file'),
    ready: (page) => text(page, 'no rows in missing.csv'),
    tabs: {
      Log: async (page) => {
        await openTab(page, 'Log');
        await text(page, 'FileNotFoundError: no rows');
      },
      'Log, with a search': async (page) => {
        await page.getByRole('textbox', { name: 'Search' }).fill('row 1');
        await text(page, '1 of 111');
      },
    },
  },
  {
    name: 'a sweep',
    at: job('tuned'),
    ready: (page) => page.getByRole('table', { name: 'Trials' }).waitFor(),
    tabs: {
      Trials: async (page) => {
        await openTab(page, 'Trials');
        await importance(page);
      },
    },
  },
  { name: 'a job that waits', at: job('third'), ready: (page) => page.getByRole('button', { name: 'Cancel the job' }).waitFor() },
  {
    name: 'a run that logged nothing',
    at: ({ quiet }) => ({ page: 'job', name: quiet }),
    ready: (page) => page.getByRole('button', { name: 'Add a note' }).waitFor(),
    tabs: {
      Comments: async (page) => {
        await openTab(page, 'Comments');
        await text(page, 'No comments yet.');
      },
      Metrics: async (page) => {
        await openTab(page, 'Metrics');
        await text(page, 'No metrics yet.');
      },
      Traces: async (page) => {
        await openTab(page, 'Traces');
        await text(page, 'This job has no traces.');
      },
    },
  },
  { name: 'a job that is not there', at: job('nobody'), ready: (page) => text(page, 'This job is not there.') },

  {
    name: 'a model',
    at: () => ({ page: 'model', name: 'flowers' }),
    ready: (page) => page.getByRole('table', { name: 'Inputs' }).waitFor(),
    tabs: {
      Files: async (page) => {
        await openTab(page, 'Files');
        await page.getByRole('treeitem').first().waitFor();
      },
      'Compare versions': async (page) => {
        await openTab(page, 'Compare versions');
        await page.getByRole('table', { name: 'Comparison of versions' }).waitFor();
      },
      Comments: async (page) => {
        await openTab(page, 'Comments');
        await page.getByRole('textbox', { name: 'Comment' }).waitFor();
      },
    },
    parts: {
      'a new alias': async (page) => {
        await openTab(page, 'Overview');
        await click(page, 'Add an alias');
        await field(page, 'Name of the alias');
      },
      'a registry to share to': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Share to a registry…');
        await page.getByRole('dialog').getByRole('combobox', { name: 'Registry' }).waitFor();
      },
      'a version that was shared': async (page) => {
        await page.getByRole('dialog').getByRole('button', { name: 'Share', exact: true }).click();
        await text(page, 'Shared to the registry lab.');
      },
    },
  },
  {
    name: 'requests to an endpoint',
    at: () => ({ page: 'endpoint', name: 'scores', state: { deployment: 'blue' } }),
    ready: (page) => page.getByRole('button', { name: 'Send' }).waitFor(),
    tabs: {
      'an answer': async (page) => {
        const body = page.getByRole('textbox', { name: 'Body of the request' });
        await body.fill('{"words": [1, 2]}');
        await body.press('Control+Enter');
        await text(page, '200 OK');
        await page.getByRole('complementary').getByRole('button', { name: /200/ }).first().waitFor();
      },
      'a past answer': async (page) => {
        await page.getByRole('complementary').getByRole('button', { name: /200/ }).first().click();
        await page.getByRole('region', { name: 'Past answer' }).waitFor();
      },
    },
    parts: {
      'what is no JSON': async (page) => {
        await page.getByRole('textbox', { name: 'Body of the request' }).fill('{');
        await text(page, /^This is no JSON/);
      },
      'past requests to forget': async (page) => {
        await click(page, 'Forget the past requests');
        await page.getByRole('alertdialog').waitFor();
      },
    },
  },
  {
    name: 'the playground',
    at: () => ({ page: 'playground', name: '', state: { models: [tinyModel.name] } }),
    ready: (page) => text(page, 'Ask something.'),
    tabs: {
      'an answer': async (page) => {
        await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('what colour is the sky?');
        await press(page, 'Control+Enter');
        await text(page, /tokens in/);
      },
      settings: async (page) => {
        await click(page, /^Settings/);
        await page.getByLabel('Temperature').fill('hot');
        await text(page, 'A number from 0 to 2.');
      },
      code: async (page) => {
        await page.getByLabel('Temperature').fill('0');
        await click(page, /^View code/);
        await page.getByRole('region', { name: 'Code' }).waitFor();
      },
    },
    parts: {
      'models to choose': async (page) => {
        await click(page, /^Choose the models/);
        await page.getByRole('dialog', { name: 'Choose the models' }).waitFor();
      },
      'a test case to save': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Save as a test case');
        await page.getByRole('region', { name: 'New test case' }).waitFor();
      },
      'a prompt to edit': async (page) => {
        await click(page, 'Cancel');
        await click(page, 'Edit the prompt');
        await field(page, 'Prompt of this turn');
      },
      'a conversation to clear': async (page) => {
        await press(page, 'Escape');
        await click(page, 'Clear the conversation');
        await page.getByRole('alertdialog').waitFor();
      },
      'test cases': async (page) => {
        await press(page, 'Escape');
        await click(page, /^Test cases/);
        await text(page, 'No test cases yet.');
      },
    },
  },
  {
    name: 'the form of a fine-tuning',
    at: ({ examples }) => ({ page: 'finetuning', name: '', state: { model: tinyModel.name, training: examples } }),
    ready: async (page) => {
      await text(page, /tokens in all/);
      await text(page, /to validate/);
    },
    tabs: {
      'all settings, one of them wrong': async (page) => {
        await page.getByText('More', { exact: true }).click();
        await page.getByRole('textbox', { name: 'Dropout' }).fill('much');
        await text(page, 'A number from 0 to 0.9.');
      },
    },
    parts: {
      'rows that are too long': async (page) => {
        await page.getByRole('textbox', { name: 'Sequence length' }).fill('8');
        await page.getByRole('list', { name: 'Problems of the training data' }).getByText('max_seq_length is 8').first().waitFor();
      },
      'what the estimate rests on': async (page) => {
        await page.getByRole('textbox', { name: 'Sequence length' }).fill('256');
        await page.getByRole('textbox', { name: 'Dropout' }).fill('0');
        await page.getByText('What this rests on').click();
        await text(page, /^A training step of SmolLM2/);
      },
      'a file that is not there': async (page) => {
        await page.getByRole('textbox', { name: 'Training data', exact: true }).fill('/nowhere/train.jsonl');
        await text(page, 'There is no file');
      },
    },
  },
  {
    name: 'the form of a fine-tuning, empty',
    at: () => ({ page: 'finetuning', name: '' }),
    isEmpty: true,
    ready: (page) => text(page, /^Choose (?:a base model|training data) first/),
  },
  {
    name: 'a registered adapter',
    at: () => ({ page: 'model', name: 'colours' }),
    ready: (page) => page.getByRole('region', { name: 'Before and after' }).waitFor(),
  },
  {
    name: 'a registered adapter whose base model is missing',
    at: () => ({ page: 'model', name: 'orders' }),
    ready: (page) => text(page, 'It does not run here.'),
  },
  {
    name: 'a model that is not there',
    at: () => ({ page: 'model', name: 'nobody' }),
    ready: (page) => text(page, 'This model is not there.'),
  },
  { name: 'data', at: () => ({ page: 'data', name: 'rows' }), ready: (page) => text(page, 'a.csv') },
  { name: 'an environment', at: () => ({ page: 'environment', name: 'torch' }), ready: (page) => text(page, 'ubuntu:22.04') },
  {
    name: 'a component',
    at: () => ({ page: 'component', name: 'trainer' }),
    ready: (page) => text(page, 'Definition'),
  },
];
