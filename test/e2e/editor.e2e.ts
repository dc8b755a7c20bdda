import { strict as assert } from 'node:assert';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('YAML in the editor, the log, and the reason of a failure', () => {
  let story: Story;
  let window: Workbench;
  let client: PlaneClient;

  before(async () => {
    story = await openStory('stories');
    ({ window, client } = story);
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('shows what is wrong at the right line, with the nearest names, and submits nothing', async () => {
    await window.openFile('stories/broken.yml');
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
    await window.notification('Checking…').waitFor({ state: 'detached' });
    await window.screenshot('problems');
    await window.runCommand('View: Toggle Panel Visibility');
    assert.equal((await client.listJobs()).value.length, 0);
  });

  it('says when a file is valid', async () => {
    await window.openFile('stories/hello.yml');
    await window.codeLens('Validate').click();
    await window.notification('hello.yml is valid').waitFor();
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('submits with changes', async () => {
    await window.openFile('stories/hello.yml');
    await window.codeLens('Submit with changes').click();
    await window.quickInput.pick('who');
    await window.quickInput.answer('Updraft');
    await window.quickInput.pick('Display name');
    await window.quickInput.answer('hello to all');
    await window.screenshot('submit-with-changes');
    await window.quickInput.pick('Submit');
    await window.tree('Jobs').row('hello to all').locator('.codicon-pass').waitFor();
    // Its dashboard is on screen and says so itself.
    assert.equal(await window.notification('hello to all completed').count(), 0);
    const [job] = (await client.listJobs()).value;
    assert.equal(job?.properties.inputs?.who?.value, 'Updraft');
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('follows the log of a running job, and cancels it', async () => {
    await window.runCommand('View: Close All Editors');
    await window.openFile('stories/endless.yml');
    await window.codeLens('Submit').first().click();
    const jobs = window.tree('Jobs');
    await jobs.row('endless').waitFor();
    await jobs.contextMenu('endless', 'Open Log');
    await window.tab('endless.log').waitFor();
    await window.scrollsPast(/^line.\d{3}$/);
    await window.screenshot('live-log');
    await jobs.inlineAction('endless', 'Cancel Job');
    await window.dialogButton('Keep Running').click();
    await jobs.inlineAction('endless', 'Cancel Job');
    await window.screenshot('cancel-question');
    await window.dialogButton('Cancel the Job').click();
    await jobs.row('endless').locator('.codicon-circle-slash').waitFor();
    await window.runCommand('View: Close All Editors');
  });

  it('leads from a failed job to the line that failed', async () => {
    await window.openFile('stories/failing.yml');
    await window.codeLens('Submit').first().click();
    const page = await window.webview('divides by zero');
    await page.getByText('ZeroDivisionError: division by zero (exit code 1).').waitFor();
    await page.getByText('Show reason').click();
    await window.tab('divides by zero.log').waitFor();
    const reason = window.page.locator('.editor-instance .view-line', { hasText: 'ZeroDivisionError: division by zero' }).first();
    await reason.waitFor();
    await window.screenshot('failure-reason');
    await window.page.locator('.detected-link', { hasText: 'line 8' }).first().waitFor();
    // By key: the editor paints a line anew when Control is pressed, and a click that began before may miss it for ever.
    await window.goTo(7, 12);
    await window.runCommand('Open Link');
    await window.tab('divide.py').waitFor();
    await window.statusBarItem('Ln 8').waitFor();
  });

  it('opens the YAML that was submitted and the code that ran, whatever became of the files', async () => {
    await writeFile(join(window.folder, 'stories/src/divide.py'), 'print("mended")\n');
    const jobs = window.tree('Jobs');
    await jobs.contextMenu('divides by zero', 'Open Code That Ran…');
    await window.line('return total / parts').waitFor();
    await jobs.contextMenu('divides by zero', 'Open Submitted YAML');
    await window.tab('failing.yml').first().waitFor();
    await window.line('divide.py').waitFor();
  });
});
