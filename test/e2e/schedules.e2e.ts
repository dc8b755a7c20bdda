import { strict as assert } from 'node:assert';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { openStory, type Story } from './story.ts';
import type { TreeView } from './treeView.ts';
import type { Workbench } from './workbench.ts';

describe('the view of schedules', () => {
  let story: Story;
  let window: Workbench;
  let client: PlaneClient;
  let schedules: TreeView;

  before(async () => {
    story = await openStory('stories');
    ({ window, client } = story);
    schedules = window.tree('Schedules');
    await window.openView('Schedules');
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('says what to do while there is none, and shows one that was created from its file', async () => {
    await window.page.getByText('No schedules yet.').waitFor();
    await window.screenshot('schedules-empty');
    await window.openFile('stories/nightly.yml');
    await window.codeLens('Create').click();
    await window.notification('Created the schedule nightly_hello. It starts its job next at').waitFor();
    await schedules
      .row('Hello at night')
      .getByText(/^next .* · every day at 3:00 UTC$/)
      .waitFor();
  });

  it('starts the job now, and shows it below the schedule', async () => {
    await schedules.expand('Hello at night');
    await schedules.inlineAction('Hello at night', "Start the Schedule's Job Now");
    await schedules.row('hello').locator('.codicon-pass').waitFor();
    await window.screenshot('schedules');
    await window.runCommand('View: Close All Editors');
    await schedules.row('hello').click();
    await window.webview('hello');
  });

  it('turns it off and on again, opens its file, and deletes it', async () => {
    await schedules.inlineAction('Hello at night', 'Disable Schedule');
    await schedules.row('Hello at night').getByText('disabled · every day at 3:00 UTC').waitFor();
    await window.screenshot('schedules-disabled');
    await schedules.inlineAction('Hello at night', 'Enable Schedule');
    await schedules
      .row('Hello at night')
      .getByText(/^next /)
      .waitFor();
    await window.runCommand('View: Close All Editors');
    await schedules.contextMenu('Hello at night', 'Open the YAML of a Schedule');
    await window.tab('nightly.yml').waitFor();
    await schedules.contextMenu('Hello at night', 'Delete Schedule…');
    await window.dialogButton('Delete').click();
    await window.page.getByText('No schedules yet.').waitFor();
    await assert.rejects(client.getSchedule('nightly_hello'), { code: /NotFound/ });
  });
});
