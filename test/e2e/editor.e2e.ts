import { strict as assert } from 'node:assert';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixture, type Story, startStory } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('YAML in the editor, the log, and the reason of a failure', () => {
  let story: Story;
  let window: Workbench;

  before(async () => {
    story = await startStory();
    window = await story.vscode.open({ folder: fixture('stories') });
    await window.showViews('Updraft');
    await window.page.getByText('No jobs yet.').waitFor();
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.vscode.evidence(this.currentTest);
  });

  it('shows what is wrong at the right line, with the nearest names, and submits nothing', async () => {
    await window.openFile('broken.yml');
    await window.codeLens('Submit').first().click();
    await window.notificationButton(/broken\.yml has 2 problems/, 'Show Problems').click();
    const problems = window.page.locator('.markers-panel');
    await problems.getByText('Did you mean "environment"?').first().waitFor();
    await problems
      .getByText('parent.jobs.first.outputs.out')
      .or(problems.getByText('Did you mean ${{parent.jobs.first}}?'))
      .first()
      .waitFor();
    await problems.getByText('[Ln 8, Col 5]').waitFor();
    await window.screenshot('problems');
    await window.runCommand('View: Toggle Panel Visibility');
    assert.equal((await (await story.client()).listJobs()).value.length, 0);
  });

  it('says when a file is valid', async () => {
    await window.openFile('hello.yml');
    await window.codeLens('Validate').click();
    await window.notification('hello.yml is valid').waitFor();
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('leaves YAML alone that is none of Azure ML', async () => {
    await window.openFile('other/services.yml');
    await window.tab('services.yml').waitFor();
    await window.statusBarItem('YAML').waitFor();
    assert.equal(await window.codeLens('Submit').count(), 0);
    await window.runCommand('View: Close Editor');
  });

  it('submits with changes', async () => {
    await window.openFile('hello.yml');
    await window.codeLens('Submit with changes').click();
    await window.quickInput.pick('who');
    await window.quickInput.answer('Updraft');
    await window.quickInput.pick('Display name');
    await window.quickInput.answer('hello to all');
    await window.screenshot('submit-with-changes');
    await window.quickInput.pick('Submit');
    await window.notification('hello to all completed').waitFor();
    const client = await story.client();
    const [job] = (await client.listJobs()).value;
    assert.equal(job?.properties.inputs?.who?.value, 'Updraft');
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('follows the log of a running job, also after a reload, and cancels it', async () => {
    await window.runCommand('View: Close All Editors');
    await window.openFile('endless.yml');
    await window.codeLens('Submit').first().click();
    const jobs = window.tree('Jobs');
    await jobs.row('endless').waitFor();
    await jobs.contextMenu('endless', 'Open Log');
    await window.tab('endless.log').waitFor();
    await window.line(/^line.\d{3}$/).waitFor();
    await window.reload('endless.log');
    await window.tab('endless.log').waitFor();
    await window.showViews('Updraft');
    await jobs.row('greetings').waitFor();
    await jobs.expand('greetings');
    await jobs.row('endless').waitFor();
    const seen = Number(/\d+/.exec((await window.line(/^line.\d{3,}$/).textContent())!)![0]);
    await window.page.waitForFunction(
      (least) =>
        [...document.querySelectorAll('.editor-instance .view-line')].some(
          (each) => Number(/line.(\d+)/.exec(each.textContent ?? '')?.[1]) >= least,
        ),
      seen + 40,
    );
    await window.screenshot('live-log');
    await jobs.inlineAction('endless', 'Cancel Job');
    await jobs.row('endless').locator('.codicon-circle-slash').waitFor();
    const [job] = (await (await story.client()).listJobs()).value;
    assert.equal(job?.properties.status, 'Canceled');
    await window.runCommand('View: Close All Editors');
  });

  it('leads from a failed job to the line that failed', async () => {
    await window.openFile('failing.yml');
    await window.codeLens('Submit').first().click();
    await window.notificationButton(/divides by zero failed/, 'Show Reason').click();
    await window.tab('divides by zero.log').waitFor();
    const reason = window.page.locator('.editor-instance .view-line', { hasText: 'ZeroDivisionError: division by zero' }).first();
    await reason.waitFor();
    await window.screenshot('failure-reason');
    await window.page
      .locator('.detected-link', { hasText: 'line 8' })
      .first()
      .click({ modifiers: ['ControlOrMeta'] });
    await window.tab('divide.py').waitFor();
    await window.statusBarItem('Ln 8').waitFor();
  });

  it('opens the YAML that was submitted and the code that ran, whatever became of the files', async () => {
    await writeFile(join(window.folder, 'src/divide.py'), 'print("mended")\n');
    const jobs = window.tree('Jobs');
    await jobs.contextMenu('divides by zero', 'Open Code That Ran…');
    await window.line('return total / parts').waitFor();
    await jobs.contextMenu('divides by zero', 'Open Submitted YAML');
    await window.tab('failing.yml').first().waitFor();
    await window.line('divide.py').waitFor();
  });
});
