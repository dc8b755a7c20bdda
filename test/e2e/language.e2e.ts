import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('writing a pipeline', () => {
  let story: Story;
  let window: Workbench;
  const suggestion = (label: string) => window.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: label }).first();
  /** Asks for suggestions, again where the editor was still busy with what was typed before. */
  const suggest = async (label: string) => {
    for (let attempt = 1; ; attempt++) {
      await window.page.keyboard.press('ControlOrMeta+Space');
      try {
        return await suggestion(label).waitFor({ timeout: attempt * 5_000 });
      } catch (error) {
        if (attempt === 4) throw error;
        await window.page.keyboard.press('Escape');
      }
    }
  };
  /** Ends a line as typed, taking none of what is suggested. */
  const endLine = async () => {
    await window.page.keyboard.press('Escape');
    await window.page.locator('.suggest-widget.visible').waitFor({ state: 'hidden' });
    await window.page.keyboard.press('Enter');
  };
  const type = (text: string) => window.page.keyboard.type(text);

  before(async () => {
    story = await openStory('pipeline');
    window = story.window;
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('recognises the file, and completes keys, paths and expressions', async () => {
    await window.openFile('pipeline/pipeline.yml');
    await window.statusBarItem('Azure ML YAML').waitFor();
    await window.goTo(17, 1);
    await type('  score:');
    await endLine();
    await type('component: ./sc');
    await suggest('./score.yml');
    await suggestion('./score.yml').click();
    await window.line('component: ./score.yml').waitFor();
    await endLine();
    await type('inputs:');
    await endLine();
    // Where the editor puts the cursor is its own affair: the line is indented by hand.
    await window.page.keyboard.press('Shift+Home');
    await type('      ');
    await suggest('model');
    await window.screenshot('completion-inputs');
    await suggestion('model').click();
    // The list shows the end of the expression, whole, and where it comes from.
    await suggest('output of train');
    await window.screenshot('completion-expressions');
    await suggestion('output of train').click();
    await window.line('model: ${{parent.jobs.train.outputs.model}}').waitFor();
    await window.runCommand('File: Save');
    await window.page.locator('.tab.active:not(.dirty)').waitFor();
    const text = await readFile(join(window.folder, 'pipeline/pipeline.yml'), 'utf8');
    assert.match(text, / {2}score:\n {4}component: \.\/score\.yml\n {4}inputs:\n {6}model: \$\{\{parent\.jobs\.train\.outputs\.model\}\}/);
  });

  it('renames a step everywhere', async () => {
    await window.goTo(11, 4);
    await window.runCommand('Rename Symbol');
    const name = window.page.locator('input.rename-input');
    await name.fill('fit');
    await name.press('Enter');
    await window.line('${{parent.jobs.fit.outputs.model}}').waitFor();
    await window.runCommand('File: Save');
  });

  it('goes on after the server ended', async () => {
    const processes = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
    // Of this session alone: others may run on the machine.
    const server = processes.find((each) => each.includes(join('dist', 'language.cjs')) && each.includes(story.vscode.folder));
    assert.ok(server, 'the server is a process of its own');
    process.kill(Number(/\d+/.exec(server)![0]), 'SIGKILL');
    await window.notification('The language server for Azure ML YAML ended and was started again').waitFor();
    await window.goTo(2, 1);
    await type('dscription: x\n');
    await window.page.locator('.squiggly-error').first().waitFor();
    await window.codeLens('Validate').click();
    await window.notification(/pipeline\.yml has \d+ problems?/).waitFor();
    await window.runCommand('View: Toggle Panel Visibility');
    await window.runCommand('File: Revert File');
  });
});
