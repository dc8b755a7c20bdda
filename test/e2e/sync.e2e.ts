import { strict as assert } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import { artifactContainer } from '../../src/protocol/asset.ts';
import { artifactFolder } from '../../src/protocol/jobPlaces.ts';
import type { AddedMember, IssuedToken } from '../../src/protocol/team.ts';
import { endSync } from '../../src/sync/process/ensureSync.ts';
import { jobWhen, shellEnvironment } from '../contract/plane.ts';
import { type PlaneProcess, startPlaneProcess } from '../contract/planeProcess.ts';
import { syncWhen } from '../contract/syncProcess.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

const themes = { dark: 'Dark Modern', light: 'Light Modern', 'high-contrast': 'Dark High Contrast' };

describe('sending jobs to another plane', () => {
  let story: Story;
  let window: Workbench;
  let data: string;
  let plane: PlaneProcess;
  let url: string;
  let token: IssuedToken;
  let environmentId: string;
  const vision = { ...defaultWorkspace, workspace: 'vision' };
  const startTeamPlane = (...more: string[]) => startPlaneProcess(data, ['--team', ...more]);
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'updraft-team-'));
    [story, plane] = await Promise.all([openStory(), startTeamPlane()]);
    window = story.window;
    url = plane.url;
    await plane.client.http.json('PUT', workspacePath(vision), { location: 'local' });
    const member = { kind: 'user', name: 'ann@example.org', role: 'AzureML Data Scientist', workspace: 'vision' };
    await plane.client.http.json<AddedMember>('POST', '/updraft/team/members', member);
    token = await plane.client.http.json<IssuedToken>('POST', '/updraft/team/tokens', { name: 'story', member: 'ann@example.org' });
    environmentId = await shellEnvironment(story.client);
  });
  after(async () => {
    try {
      await endSync(story.home);
      await story?.end();
    } finally {
      await plane?.stop();
      await rm(data, { recursive: true, force: true, maxRetries: 10 });
    }
  });
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });
  const ann = () => new PlaneClient({ url, token: token.token, workspace: 'vision' }, vision);
  const run = async (name: string) => {
    await story.client.putJob(name, { jobType: 'Command', command: 'true', displayName: name, experimentName: 'digits', environmentId });
    await jobWhen(story.client, name);
  };
  const statusItem = () => window.page.locator('.statusbar-item[id*="updraft.sync"]');
  const pictures = async (name: string) => {
    for (const [theme, title] of Object.entries(themes)) {
      if (theme !== 'dark') await window.chooseTheme(title);
      await window.screenshot(`${name}-${theme}`);
    }
    await window.chooseTheme(themes.dark);
  };
  const giveToken = async () => {
    await window.quickInput.widget.getByText('Paste your personal token.').waitFor();
    await window.quickInput.answer(token.token);
  };

  it('offline on the train: three jobs wait for a plane that is away, and are sent when it is back', async () => {
    await window.runCommand('Updraft: Add a Plane…');
    await window.quickInput.answer(url);
    await giveToken();
    // The window stays on this machine.
    await window.quickInput.row('vision').waitFor();
    await window.page.keyboard.press('Escape');
    await window.runCommand('Updraft: Rename a Plane…');
    await window.quickInput.answer('Team');
    await window.closeView('Models');
    await window.openView('Sync');
    await window.page.getByText('Nothing was sent to another plane from here yet.').waitFor();
    await plane.stop();
    for (const name of ['train1', 'train2', 'train3']) await run(name);
    const jobs = window.tree('Jobs');
    await jobs.expand('digits');
    await jobs.row('train3').click();
    await jobs.row('train1').click({ modifiers: ['Shift'] });
    await jobs.contextMenu('train2', 'Send to Plane…');
    await window.quickInput.row('vision').waitFor();
    await window.screenshot('sync-choose-dark');
    await window.quickInput.pick('vision');
    await window.notification(/3 jobs will be sent to vision/).waitFor();
    await window.runCommand('Notifications: Clear All Notifications');
    await statusItem()
      .getByText(/3 jobs to send, offline since /)
      .waitFor();
    const sync = window.tree('Sync');
    await sync.row('train1').waitFor();
    await window.page.getByText(/has not answered since .*Trying again…/).waitFor();
    // Selected rows have opened their pages.
    await window.runCommand('View: Close All Editors');
    assert.deepEqual((await sync.rows()).map(({ label }) => label).sort(), ['Waiting', 'train1', 'train2', 'train3']);
    await pictures('sync-offline');

    plane = await startTeamPlane('--port', new URL(url).port);
    await statusItem().getByText('in step').waitFor();
    // The editor draws one group after the other: for a moment a job can be in two.
    for (const group of ['Waiting', 'On Its Way']) await sync.row(group).waitFor({ state: 'detached' });
    await sync.expand('Sent');
    await sync.row('train1').waitFor();
    await pictures('sync-in-step');
    for (const name of ['train1', 'train2', 'train3']) assert.equal((await ann().getJob(name)).properties.status, 'Completed');
  });

  it('shows what is on its way, and pauses; an experiment is kept in sync', async () => {
    await run('big');
    const file = `${artifactFolder('big')}/big.bin`;
    await story.client.writeBlob(artifactContainer, file, Buffer.alloc(4_000_000, 'big'));
    await window.runCommand('Updraft: Limit Sending…');
    await window.quickInput.widget.getByText('Bytes a Second…').click();
    await window.quickInput.answer('200kB/s');
    await window.tree('Jobs').contextMenu('digits', 'Keep in Sync with…');
    await window.quickInput.pick('vision');
    await window.notification(/Jobs of digits will be sent to vision/).waitFor();
    await window.runCommand('Notifications: Clear All Notifications');
    const sync = window.tree('Sync');
    await sync.row('On Its Way').waitFor();
    await sync.row('Kept in Sync').waitFor();
    await sync
      .row('big')
      .getByText(/ kB\/s/)
      .waitFor();
    await pictures('sync-on-its-way');
    await window.runCommand('Updraft: Pause Sending');
    await statusItem().getByText('1 job to send, paused').waitFor();
    await window.page.getByText('Sending is paused.').waitFor();
    await sync.row('Waiting').waitFor();
    await window.screenshot('sync-paused-dark');
    await window.runCommand('Updraft: Limit Sending…');
    await window.quickInput.widget.getByText('Bytes a Second…').click();
    await window.quickInput.answer('none');
    await window.runCommand('Updraft: Resume Sending');
    await syncWhen(story.home, ({ waiting }) => waiting.length === 0);
    await statusItem().getByText('in step').waitFor();
  });

  it('asks to sign in again where the token is good no more, and goes on after that', async () => {
    await plane.client.http.json('DELETE', `/updraft/team/tokens/${token.id}`);
    token = await plane.client.http.json<IssuedToken>('POST', '/updraft/team/tokens', { name: 'new', member: 'ann@example.org' });
    await run('later');
    await statusItem().getByText('1 job to send, sign in again').waitFor();
    const sync = window.tree('Sync');
    const signIn = sync.row('Sign In to Team…');
    await signIn.waitFor();
    await pictures('sync-sign-in');
    await signIn.click();
    await giveToken();
    await statusItem().getByText('in step').waitFor();
    assert.equal((await ann().getJob('later')).properties.status, 'Completed');
  });

  it('says why a job was refused', async () => {
    await window.tree('Sync').inlineAction('digits', 'Stop Keeping in Sync');
    await window.tree('Sync').row('Kept in Sync').waitFor({ state: 'detached' });
    const { run: made } = await ann().http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
    });
    const name = made.info.run_id;
    await run(name);
    await window.tree('Jobs').contextMenu(name, 'Send to Plane…');
    await window.quickInput.pick('vision');
    await statusItem().getByText('1 job refused').waitFor();
    const sync = window.tree('Sync');
    await sync.row('Refused').waitFor();
    await sync
      .row(name)
      .getByText(/There is another job/)
      .waitFor();
    await window.runCommand('Notifications: Clear All Notifications');
    await pictures('sync-refused');
    await window.openView('Workspaces');
    await window.tree('Workspaces').contextMenu('Team', 'Remove a Plane…');
    await window.dialogButton('Remove').click();
    await window.closeView('Sync');
    await window.openView('Models');
  });
});
