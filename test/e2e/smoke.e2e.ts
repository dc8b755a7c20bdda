import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { VsCode } from './vscode.ts';
import type { Workbench } from './workbench.ts';

const fixture = (name: string) => resolve(import.meta.dirname, '../fixtures', name);
const extension = fixture('hello-extension');
const folder = fixture('hello-folder');

describe('the harness, with a hello-world extension', () => {
  let vscode: VsCode;
  let window: Workbench;

  before(async () => {
    vscode = await VsCode.start({ extension });
    window = await vscode.open({ folder });
  });
  after(() => vscode?.stop());
  afterEach(function () {
    return vscode?.evidence(this.currentTest);
  });

  it('opens a trusted window in which the extension has started', async () => {
    await window.statusBarItem('Hello (trusted)').waitFor();
  });

  it('reads, expands and acts on the rows of a view', async () => {
    await window.showViews('Hello');
    const tree = window.tree('Planets');
    assert.deepEqual(await tree.rows(), [
      { label: 'Inner', description: '4 planets', level: 1, expanded: false },
      { label: 'Outer', description: '4 planets', level: 1, expanded: false },
    ]);
    await tree.expand('Inner');
    await tree.row('Mars').waitFor();
    await tree.inlineAction('Mars', 'Visit');
    await window.notification('Visited Mars').waitFor();
    await tree.contextMenu('Venus', 'Visit');
    await window.notification('Visited Venus').waitFor();
  });

  it('runs a command and sees its notification', async () => {
    await window.runCommand('Hello: Greet');
    await window.notificationButton('Hello from the extension host', 'Answer').click();
    await window.notification('Hello from the extension host').waitFor({ state: 'detached' });
  });

  it('answers a quick pick and an input box', async () => {
    await window.runCommand('Hello: Pick a Planet');
    await window.quickInput.pick('Earth');
    await window.quickInput.answer('Apollo');
    await window.notification('Apollo flies to Earth').waitFor();
  });

  it('opens a file and clicks a CodeLens', async () => {
    await window.openFile('notes.txt');
    await window.runCommand('Notifications: Clear All Notifications');
    await window.codeLens('Greet from here').click();
    await window.notification('Hello from the extension host').waitFor();
  });

  it('reaches into a webview, both ways', async () => {
    await window.runCommand('Hello: Open Page');
    const page = await window.webview('Hello Page');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('Question 1 is answered').waitFor();
    assert.deepEqual(await window.tabs(), ['notes.txt', 'Hello Page']);
    // The focus is inside the webview now; the palette must open all the same.
    await window.runCommand('Hello: Greet');
    await window.notification('Hello from the extension host').first().waitFor();
  });

  it('takes pictures in every theme', async () => {
    for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern'] as const) {
      await window.setTheme(theme);
      assert.ok(existsSync(await window.screenshot(`hello-${theme.toLowerCase().replaceAll(' ', '-')}`)));
    }
  });

  it('opens a second window beside the first', async () => {
    const second = await vscode.open({ folder });
    await second.runCommand('Hello: Greet');
    await second.notification('Hello from the extension host').waitFor();
    assert.notEqual(second.folder, window.folder);
    await second.close();
    assert.equal(await window.activeTab().textContent(), 'Hello Page');
  });

  it('keeps the open files over a reload', async () => {
    await window.reload('notes.txt');
    await window.tab('notes.txt').waitFor();
    await window.statusBarItem('Hello (trusted)').waitFor();
    await window.runCommand('Hello: Greet');
    await window.notification('Hello from the extension host').waitFor();
  });

  it('runs a test module inside the extension host', async () => {
    await vscode.runInExtensionHost(resolve(extension, 'hostTest.cjs'), { folder });
    await assert.rejects(vscode.runInExtensionHost(resolve(extension, 'failingHostTest.cjs'), { folder }), /fails on purpose/);
  });
});

describe('a folder that is not trusted', () => {
  let vscode: VsCode;
  after(() => vscode?.stop());
  afterEach(function () {
    return vscode?.evidence(this.currentTest);
  });

  it('opens in Restricted Mode and can be trusted later', async () => {
    vscode = await VsCode.start({ extension, trust: 'restricted' });
    const window = await vscode.open({ folder });
    await window.statusBarItem('Hello (restricted)').waitFor();
    await window.statusBarItem('Restricted Mode').waitFor();
    await window.trustFolder();
    await window.statusBarItem('Hello (trusted)').waitFor();
  });

  it('is asked about where VS Code asks', async () => {
    await vscode.configure({ 'security.workspace.trust.startupPrompt': 'always' });
    const window = await vscode.open({ folder });
    await window.dialogButton('Yes, I trust the authors').click();
    await window.statusBarItem('Hello (trusted)').waitFor();
  });
});
