import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { fixture, type Story, startStory } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('the graph of a pipeline beside its text', () => {
  let story: Story;
  let window: Workbench;
  let page: FrameLocator;
  const node = (name: string) => page.getByRole('group', { name: new RegExp(`^(?:step|pipeline) ${name}\\b`) });
  const chosen = (name: string) => page.locator('.react-flow__node.selected', { hasText: name });

  before(async () => {
    story = await startStory();
    window = await story.vscode.open({ folder: fixture('authoring') });
    await window.openFile('pipeline.yml');
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.vscode.evidence(this.currentTest);
  });

  it('opens from the lens, follows the cursor, and leads to the text', async () => {
    await window.codeLens('Graph').click();
    page = await window.webview('Graph: pipeline.yml');
    await node('train').waitFor();
    await window.goTo(15, 5);
    await chosen('prepare').waitFor();
    await node('report').click();
    await window.statusBarItem('Ln 34').waitFor();
    await window.screenshot('graph');
  });

  it('shows a nested component in place, and leads into its file', async () => {
    await page.getByRole('button', { name: 'Show the steps of report' }).click();
    await node('draw').click();
    await window.tab('report.yml').waitFor();
    await window.statusBarItem('Ln 13').waitFor();
    await chosen('draw').waitFor();
    await window.openFile('pipeline.yml');
  });

  it('is redrawn while one types: what is wrong in red, what can not be read as it was before', async () => {
    const { keyboard } = window.page;
    await window.goTo(30, 45);
    await keyboard.press('Shift+End');
    await keyboard.type('nowhere}}');
    await page.getByRole('group', { name: /step train, broken: .*nowhere/ }).waitFor();
    await page.locator('.react-flow__edge.broken').waitFor({ state: 'attached' });
    await window.goTo(33, 1);
    await keyboard.press('End');
    await keyboard.press('Enter');
    await keyboard.type('half');
    await page.getByRole('status').getByText("can't be read").waitFor();
    await node('train').waitFor();
    await window.screenshot('graph-broken');
    await window.runCommand('File: Revert File');
    await page.getByRole('status').waitFor({ state: 'detached' });
    await page.getByRole('group', { name: 'step train, components/train.yml' }).waitFor();
  });

  it('is saved as a picture', async () => {
    await page.getByRole('button', { name: 'Save the graph as SVG' }).click();
    await window.quickInput.field.waitFor();
    await window.quickInput.field.fill(join(window.folder, 'picture.svg'));
    await window.quickInput.field.press('Enter');
    await window.quickInput.widget.waitFor({ state: 'hidden' });
    await window.quickInput.openFile('picture.svg');
    await window.tab('picture.svg').waitFor();
    assert.match(await readFile(join(window.folder, 'picture.svg'), 'utf8'), /^<svg[\s\S]*train/);
    await window.runCommand('View: Close Editor');
  });

  it('comes back after a reload of the window, with what was open in place', async () => {
    await window.reload('"expanded":["report"]');
    page = await window.webview('Graph: pipeline.yml');
    await node('draw').waitFor();
    await node('train').click();
    await window.statusBarItem('Ln 26').waitFor();
    await chosen('train').waitFor();
  });

  it('says so where there is no pipeline', async () => {
    await window.openFile('train.yml');
    await window.statusBarItem('Azure ML YAML').waitFor();
    await window.runCommand('Updraft: Open Pipeline Graph');
    const other = await window.webview('Graph: train.yml');
    await other.getByText('It is a command job.').waitFor();
  });
});
