import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { DocumentGraph } from '../../src/protocol/graph.ts';
import { pathOfPage } from '../../src/protocol/pageLink.ts';
import type { ToGraphPage } from '../../src/protocol/webview.ts';
import type { TestPlane } from '../contract/plane.ts';
import { axeFaults, themeRules } from './axeFaults.ts';
import { closeBrowser, closeTab, openStudio, openTab, type Tab } from './browser.ts';
import { logCurves } from './chartRuns.ts';
import { type Frame, openFrame } from './editorFrame.ts';
import { openInEditor } from './editorPage.ts';
import { everyPage, type PageCase, type Place } from './everyPage.ts';
import { endRun, openRun, startStudio } from './fixture.ts';
import { type FullPlane, fullPlane } from './fullPlane.ts';
import { keyboardFaults } from './keyboardFaults.ts';
import type { ThemeName } from './themes.ts';

const wide = { width: 1000, height: 800 };
const narrow = { width: 420, height: 800 };

/**
 * axe-core's rules on each page and in each of its states: in the Studio's light theme with a wide window; in the dark theme of the editor in a narrow panel; those
 * of colours in high contrast too. Then the keyboard alone.
 */
describe('every page can be used by everyone', () => {
  let full: FullPlane;
  let empty: TestPlane;
  before(async () => {
    [full, empty] = await Promise.all([fullPlane(), startStudio()]);
  });
  after(async () => {
    await closeBrowser();
    await Promise.all([full?.plane.remove(), empty?.remove()]);
  });

  for (const each of everyPage)
    it(each.name, async () => {
      const plane = each.isEmpty ? empty : full.plane;
      const address = each.at(full);
      const open = (place: Place) =>
        place === 'Studio' ? openStudio(plane, pathOfPage(address), { ...wide, scheme: 'light' }) : openInEditor(plane, address, wide);
      const faults: string[] = [];
      // One after another: a page that is not in front is painted late.
      for (const place of each.in ?? (['Studio', 'editor'] as const)) faults.push(...(await faultsOf(await open(place), each, place)));
      assertNone(faults);
    });

  it('the graph of a file', async () => {
    const tab = await openFrame('graph', wide, (_message, send) => send({ type: 'init', uri, name: 'pipeline.yml' } satisfies ToGraphPage));
    const tell = (told: Partial<DocumentGraph>) =>
      tab.send({ type: 'graph', graph: { uri, state: 'current', graph, about: 'a pipeline job', ...told } } satisfies ToGraphPage);
    const faults = await faultsOf(
      tab,
      {
        in: ['editor'],
        ready: (page) => page.getByText('Loading the graph').waitFor(),
        tabs: {
          'its steps': async (page) => {
            await tell({});
            await page.getByRole('group', { name: /step evaluate, broken/ }).waitFor();
          },
          'a line that can not be read': async (page) => {
            await tell({ state: 'stale', problem: { message: 'Bad indentation', line: 3 } });
            await page.getByText('Line 3').waitFor();
          },
          'no pipeline': async (page) => {
            await tell({ state: 'other', graph: { nodes: [], edges: [] } });
            await page.getByText('pipeline.yml has no pipeline.').waitFor();
          },
        },
      },
      'editor',
    );
    assertNone(faults);
  });

  it('the view of the selected job', async () => {
    const tab = await openInEditor(full.plane, { page: 'job', name: '' }, { ...wide, bundle: 'selectedJob' });
    const select = (name: string) => tab.send({ type: 'navigate', address: { page: 'job', name } });
    const faults = await faultsOf(
      tab,
      {
        in: ['editor'],
        ready: (page) => page.getByText('No job is selected.').waitFor(),
        tabs: {
          'a pipeline': async (page) => {
            await select('digits_1');
            await page.getByRole('region', { name: 'Steps' }).waitFor();
          },
          'a run with metrics': async (page) => {
            await select(full.runs[0]!);
            await page.getByRole('region', { name: 'Metrics' }).waitFor();
          },
          'a job that failed': async (page) => {
            await select('wrong_file');
            await page.getByRole('alert').first().waitFor();
          },
        },
      },
      'editor',
    );
    assertNone(faults);
  });

  it('what Escape closes gives the focus back', async () => {
    const tab = await openStudio(full.plane, '/jobs/third', wide);
    const { page } = tab;
    const isBackAt = (name: string | RegExp) => page.getByRole('button', { name }).and(page.locator(':focus')).waitFor();
    for (const [button, opened] of [
      [/^Display name/, page.getByRole('textbox', { name: 'Display name' })],
      ['Add a tag', page.getByRole('textbox', { name: 'Name of the tag' })],
      ['Add a note', page.getByRole('textbox', { name: 'Notes, in Markdown' })],
      ['Cancel the job', page.getByRole('alertdialog')],
    ] as const) {
      await page.getByRole('button', { name: button }).press('Enter');
      await opened.and(page.locator(':focus')).waitFor();
      await page.keyboard.press('Escape');
      await isBackAt(button);
    }
    await page.goto(`${full.plane.url}/studio/runs/digits-sweep`);
    await page.getByRole('button', { name: 'Choose the columns' }).press('Enter');
    await page.getByRole('textbox', { name: 'Find a column' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await isBackAt('Choose the columns');
    await closeTab(tab);
  });

  it('a job that was deleted while one looked at it', async () => {
    const run = await openRun(full.plane, 'short-lived');
    await endRun(full.plane, run);
    const tab = await openStudio(full.plane, `/jobs/${run}`, { ...wide, scheme: 'light' });
    await tab.page.getByRole('heading', { name: 'short-lived' }).waitFor();
    await full.plane.client.deleteJob(run);
    assertNone(await faultsOf(tab, inStudio('This job was deleted.'), 'Studio'));
  });

  it('the Studio without a token, and with a wrong one', async () => {
    const stranger = await openTab({ ...wide, scheme: 'light' });
    await stranger.page.goto(`${full.plane.url}/studio/`);
    assertNone(await faultsOf(stranger, inStudio('Open the Studio from VS Code'), 'Studio'));
    const tab = await openStudio(full.plane, '/models', { ...wide, scheme: 'light' });
    await tab.page.getByRole('table', { name: 'Models' }).waitFor();
    await tab.page.goto(`${full.plane.url}/studio#token=wrong`);
    await tab.page.reload();
    assertNone(await faultsOf(tab, inStudio('no token that the control plane accepts'), 'Studio'));
  });

  it('a page whose control plane is away', async () => {
    const own = await startStudio();
    const run = await openRun(own, 'training');
    await logCurves(own, run, { loss: [3, 2, 1] });
    const tab = await openStudio(own, `/jobs/${run}?tab=metrics`, { ...wide, scheme: 'light' });
    await tab.page.locator('.plot[data-lines="1"]').waitFor();
    await own.stop();
    assertNone(await faultsOf(tab, inStudio('These are the last values that were read.'), 'Studio'));
    await own.remove();
  });
});

const inStudio = (words: string) => ({ in: ['Studio'] as const, ready: (page: Page) => page.getByText(words).waitFor() });
const uri = 'file:///w/pipeline.yml';
const graph: DocumentGraph['graph'] = {
  nodes: [
    { id: '#inputs.raw', kind: 'input', label: 'raw' },
    { id: 'train', kind: 'step', label: 'train', icon: 'beaker', detail: './train.yml' },
    {
      id: 'evaluate',
      kind: 'step',
      label: 'evaluate',
      icon: 'terminal',
      isBroken: true,
      detail: 'The step "train" has no output "modle".',
    },
    { id: 'report', kind: 'pipeline', label: 'report', icon: 'type-hierarchy-sub', isExpandable: true, isExpanded: false },
  ],
  edges: [
    { id: 'a', source: '#inputs.raw', target: 'train', label: 'data' },
    { id: 'b', source: 'train', target: 'evaluate', label: 'modle → model', isBroken: true },
    { id: 'c', source: 'train', target: 'report', label: 'model' },
  ],
};

/** Brings a page into all of its states, and closes it. Answers a line for each fault. */
async function faultsOf(
  tab: Tab | Frame,
  { ready, tabs = {}, parts = {}, in: places }: Omit<PageCase, 'name' | 'at'>,
  place: Place,
): Promise<string[]> {
  const { page } = tab;
  const faults: string[] = [];
  const note = (what: string, lines: readonly string[]) => faults.push(...lines.map((line) => `  ${place}, ${what}: ${line}`));
  const isOnlyPlace = places?.length === 1;
  const setTheme = async (theme: ThemeName) => {
    if ('setTheme' in tab) await tab.setTheme(theme);
    else await page.emulateMedia({ colorScheme: theme === 'light' ? 'light' : 'dark' });
  };
  for (const [name, show] of [['at first', ready] as const, ...Object.entries(tabs)]) {
    await show(page);
    if (place === 'editor' || isOnlyPlace) {
      await setTheme('dark');
      await page.setViewportSize(narrow);
      note(`${name}, dark and narrow`, await axeFaults(page));
      await page.setViewportSize(wide);
    }
    if (place === 'editor') {
      await setTheme('contrast');
      note(`${name}, high contrast`, await axeFaults(page, { rules: themeRules }));
    }
    if (place === 'Studio' || isOnlyPlace) {
      await setTheme('light');
      note(`${name}, light`, await axeFaults(page));
    }
    if (place === 'Studio' || isOnlyPlace || name === 'at first')
      note(`${name}, by keyboard`, await keyboardFaults(page, name === 'at first'));
  }
  for (const [name, show] of Object.entries(parts)) {
    await show(page);
    note(name, await axeFaults(page, { within: opened, ...(place === 'Studio' || isOnlyPlace ? {} : { rules: themeRules }) }));
    if (place === 'Studio') note(name, await axeFaults(page, { rules: ['region'] }));
  }
  await tab.context.close();
  return faults;
}

/** What is opened for a moment; the page behind it was looked at before. */
const opened = '[role=dialog], [role=alertdialog], dialog[open], [role=menu], [role=listbox], [role=alert], .state, input, textarea';

const assertNone = (faults: readonly string[]): void => assert.ok(faults.length === 0, `${faults.length} faults\n${faults.join('\n')}`);
