import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('a pipeline in the making', () => {
  let story: Story;
  let window: Workbench;
  let page: FrameLocator;
  const node = (name: string) => page.getByRole('group', { name: new RegExp(`^(?:step|pipeline) ${name}\\b`) });
  const chosen = (name: string) => page.locator('.react-flow__node.selected', { hasText: name });

  before(async () => {
    story = await openStory('authoring');
    window = story.window;
    await window.openFile('authoring/pipeline.yml');
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('explains what is under the pointer, colours steps and shows types that are not written', async () => {
    await window.line(/table:.*:.uri_folder/).waitFor();
    await window.goTo(28, 20);
    await window.runCommand('Show or Focus Hover');
    await window.page.locator('.monaco-hover', { hasText: 'Fits a classifier.' }).first().waitFor();
    await window.screenshot('hover');
    await window.page.keyboard.press('Escape');
    // A step is declared in another colour than a key that Azure knows.
    const colour = (line: string, word: string) =>
      window
        .line(line)
        .locator('span', { hasText: new RegExp(`^\\s*${word}$`) })
        .last()
        .evaluate((span) => getComputedStyle(span).color);
    assert.notEqual(await colour('report:', 'report'), await colour('components/report.yml', 'component'));
  });

  it('leads to definitions and references, and lists what the file has', async () => {
    const { keyboard } = window.page;
    await window.goTo(30, 32);
    await keyboard.press('F12');
    await window.statusBarItem('Ln 14').waitFor();
    await window.goTo(28, 25);
    await keyboard.press('F12');
    await window.tab('train.yml').first().waitFor();
    await window.openFile('authoring/pipeline.yml');
    await window.goTo(26, 4);
    await keyboard.press('Shift+F12');
    // To the only one, without a list.
    await window.statusBarItem('Ln 38').waitFor();
    await window.runCommand('Go to Symbol in Editor...');
    await window.quickInput.pick('report');
    await window.statusBarItem('Ln 34').waitFor();
  });

  it('underlines a mistake and mends it', async () => {
    const { keyboard } = window.page;
    await window.goTo(4, 1);
    await keyboard.press('Shift+End');
    await keyboard.type('experimnt_name: authoring');
    await keyboard.press('Escape');
    await window.page.locator('.squiggly-error').first().waitFor();
    await window.goTo(4, 4);
    await keyboard.press('ControlOrMeta+Period');
    const fix = window.page.locator('.action-widget').getByText('"experiment_name"').first();
    await fix.waitFor();
    await window.screenshot('quick-fix');
    await fix.click();
    await window.line(/^experiment_name:.authoring/).waitFor();
    await window.runCommand('File: Revert File');
    await window.page.locator('.tab.active:not(.dirty)').first().waitFor();
  });

  it('opens from the lens, follows the cursor, and leads to the text', async () => {
    await window.goTo(1);
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
    await window.openFile('authoring/pipeline.yml');
  });

  it('is redrawn while one types: what is wrong in red, what can not be read as it was before', async () => {
    const { keyboard } = window.page;
    await window.goTo(30, 45);
    await keyboard.press('Shift+End');
    await keyboard.type('nowhere}}');
    await page.getByRole('group', { name: /step train, broken: .*nowhere/ }).waitFor();
    await page.locator('.react-flow__edge.broken').waitFor({ state: 'attached' });
    // No word, so that nothing is offered that the next key would take.
    await window.goTo(34, 1);
    await keyboard.type(']');
    await page.getByRole('status').getByText("can't be read").waitFor();
    await node('train').waitFor();
    await window.screenshot('graph-broken');
    await window.runCommand('File: Revert File');
    await page.getByRole('status').waitFor({ state: 'detached' });
    await page.getByRole('group', { name: 'step train, components/train.yml' }).waitFor();
  });

  it('is saved as a picture', async () => {
    await page.getByRole('button', { name: 'Save the graph as SVG' }).click();
    // The dialog lists the folder that it starts in before it takes another name.
    await window.quickInput.widget.locator('.monaco-list-row').first().waitFor();
    await window.quickInput.field.fill(join(window.folder, 'authoring/picture.svg'));
    await window.quickInput.field.press('Enter');
    await window.quickInput.widget.waitFor({ state: 'hidden' });
    await window.quickInput.openFile('picture.svg');
    await window.tab('picture.svg').waitFor();
    assert.match(await readFile(join(window.folder, 'authoring/picture.svg'), 'utf8'), /^<svg[\s\S]*train/);
    await window.runCommand('View: Close Editor');
  });

  it('says so where there is no pipeline', async () => {
    await window.openFile('authoring/single.yml');
    await window.statusBarItem('Azure ML YAML').waitFor();
    await window.runCommand('Updraft: Open Pipeline Graph');
    const other = await window.webview('Graph: single.yml');
    await other.getByText('It is a command job.').waitFor();
    await window.runCommand('View: Close All Editors');
  });

  it('says what will run before anything ran', async () => {
    await window.openFile('authoring/pipeline.yml');
    await window.goTo(1);
    await window.codeLens('What will run').click();
    await window.tab('What will run: pipeline.yml').waitFor();
    await window.line('Runs: it has not run before').waitFor();
  });

  it('says which steps are reused after a run, and why others are not after an edit', async () => {
    await window.goTo(1);
    await window.codeLens('Submit').first().click();
    await (await window.webview('digits')).getByText('Completed').first().waitFor();
    await window.runCommand('View: Close All Editors');
    await window.runCommand('Notifications: Clear All Notifications');
    await window.openFile('authoring/pipeline.yml');
    await window.runCommand('Updraft: Show What Will Run');
    await window.line('Nothing has to be uploaded').waitFor();
    await window.line(/Reused.from.*-train/).waitFor();
    await window.goTo(9, 9);
    await window.page.keyboard.press('Shift+End');
    await window.page.keyboard.type('0.2');
    await window.runCommand('File: Save');
    await window.line(/the.input."rate".changed/).waitFor();
    await window.screenshot('what-will-run');
  });

  it('compares with the last run', async () => {
    await window.runCommand('Updraft: Compare with the Last Run');
    await window.tab(/pipeline\.yml: last run/).waitFor();
    await window.page.locator('.monaco-diff-editor .line-insert').first().waitFor();
    await window.screenshot('compare');
    await window.runCommand('View: Close All Editors');
  });

  it('makes a component of a step in place', async () => {
    await window.openFile('authoring/pipeline.yml');
    await window.goTo(14, 4);
    await window.page.keyboard.press('ControlOrMeta+Shift+KeyR');
    await window.page.locator('.action-widget').getByText('Extract "prepare" to a component file').click();
    await window.line(/component:.\.\/prepare\.yml/).waitFor();
    await window.runCommand('File: Save All Files');
    await window.openFile('authoring/prepare.yml');
    await window.line(/name:.prepare/).waitFor();
    assert.match(
      await readFile(join(window.folder, 'authoring/pipeline.yml'), 'utf8'),
      /prepare:\n {4}type: command\n {4}component: \.\/prepare\.yml/,
    );
  });

  it('writes a new file by asking only what it must, and goes back', async () => {
    const { quickInput } = window;
    await window.runCommand('Updraft: New Azure ML YAML…');
    await quickInput.field.fill('Command component');
    await quickInput.pick('Command component');
    await quickInput.answer('measure');
    await quickInput.widget.getByText('command: What the shell runs').waitFor();
    await quickInput.widget.getByRole('button', { name: 'Back' }).click();
    await quickInput.widget.getByText('name: Name').waitFor();
    assert.equal(await quickInput.field.inputValue(), 'measure');
    await quickInput.answer('measure');
    await quickInput.widget.getByText('command: What the shell runs').waitFor();
    await quickInput.answer('wc -l ${{inputs.table}}/rows.csv > ${{outputs.count}}/lines');
    await quickInput.widget.getByText('environment: What').waitFor();
    await window.screenshot('new-question');
    await quickInput.field.press('Enter');
    await quickInput.widget.getByText('code: Folder').waitFor();
    await quickInput.field.press('Enter');
    await quickInput.widget.getByText('Name of the file').waitFor();
    await quickInput.field.press('Enter');
    await window.tab('measure.yml').waitFor();
    await window.line(/count:/).waitFor();
    await window.codeLens('Create').waitFor();
    assert.equal(await window.page.locator('.squiggly-error').count(), 0);
  });

  it('puts a pipeline together from components that are picked', async () => {
    const { quickInput } = window;
    await window.runCommand('Updraft: New Pipeline from Components…');
    for (const [component, next] of [
      ['train', 'step 2'],
      ['score', 'step 3'],
      ['measure', 'step 4'],
    ] as const) {
      await quickInput.pick(component);
      await quickInput.widget.getByText(`New pipeline: ${next}`).waitFor();
    }
    await window.screenshot('new-pipeline');
    await quickInput.pick('Done');
    await quickInput.widget.getByText('Name of the file').waitFor();
    await quickInput.answer('assembled.yml');
    await window.line('${{parent.jobs.train.outputs.model}}').waitFor();
    await window.codeLens('Graph').click();
    const graph = await window.webview('Graph: assembled.yml');
    await graph.getByRole('group', { name: /^step measure/ }).waitFor();
    await window.screenshot('new-pipeline-graph');
  });
});
