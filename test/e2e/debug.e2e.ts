import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen } from '../contract/plane.ts';
import { startTeam } from '../contract/team.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('a failed job under the debugger of the editor', () => {
  let story: Story;
  let window: Workbench;

  before(async () => {
    story = await openStory('pages');
    window = story.window;
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('stops at the line that failed, in the file of the workspace, with its variables', async () => {
    const { page } = window;
    const { job } = await submitJob({ client: story.client, file: join(window.folder, 'pages/fails.yml') });
    await jobWhen(story.client, job.name);
    await window.tree('Jobs').contextMenu('Reads the wrong file', 'Run Again under the Debugger');
    const widget = page.locator('.exception-widget');
    await widget.getByText('no rows in missing.csv').first().waitFor();
    await window.activeTab().filter({ hasText: 'fails.py' }).waitFor();
    await page.locator('.breadcrumbs-control, .tabs-breadcrumbs').getByText('pages').first().waitFor();
    await window.showViews('Run and Debug');
    const locals = page.getByRole('treeitem', { name: /Locals/ });
    await locals.waitFor();
    if ((await locals.getAttribute('aria-expanded')) !== 'true') await locals.click();
    await page.getByRole('treeitem', { name: /path.*missing\.csv/ }).waitFor();
    await window.screenshot('debugger');
    await window.runCommand('Debug: Stop');
    await widget.waitFor({ state: 'detached' });
    assert.equal((await story.client.getJob(job.name)).properties.status, 'Failed');
    await window.showViews('Updraft');
  });

  it('stops at the line of a job that failed on the plane of a team', async () => {
    const { page } = window;
    const team = await startTeam(undefined, undefined, { withRunner: true });
    try {
      await team.makeWorkspace('vision');
      const { token } = (await team.add('ann@example.org', 'AzureML Data Scientist', 'vision')).token;
      const ann = new PlaneClient({ url: team.url, token, workspace: 'vision' }, { ...defaultWorkspace, workspace: 'vision' });
      const { job } = await submitJob({ client: ann, file: join(window.folder, 'pages/fails.yml'), displayName: 'Fails elsewhere' });
      await jobWhen(ann, job.name);
      await window.runCommand('Updraft: Add a Plane…');
      await window.quickInput.answer(team.url);
      await window.quickInput.widget.getByText('Paste your personal token.').waitFor();
      await window.quickInput.answer(token);
      await window.runCommand('Updraft: Choose a Workspace…');
      await window.quickInput.pick('vision');
      await window.tree('Jobs').contextMenu('Fails elsewhere', 'Run Again under the Debugger');
      const widget = page.locator('.exception-widget');
      await widget.getByText('no rows in missing.csv').first().waitFor();
      await window.runCommand('Debug: Stop');
      await widget.waitFor({ state: 'detached' });
      await window.showViews('Updraft');
      await window.tree('Workspaces').contextMenu(new URL(team.url).host, 'Remove a Plane…');
      await window.dialogButton('Remove').click();
      await window.statusBarItem('local').waitFor();
    } finally {
      await team.remove();
    }
  });
});
