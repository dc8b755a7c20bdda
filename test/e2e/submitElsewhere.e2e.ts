import { strict as assert } from 'node:assert';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import type { IssuedToken } from '../../src/protocol/team.ts';
import { createAsset } from '../../src/submit/createAsset.ts';
import { jobWhen } from '../contract/plane.ts';
import { type PlaneProcess, startPlaneProcess } from '../contract/planeProcess.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('a job that is submitted to another plane', () => {
  let story: Story;
  let window: Workbench;
  let data: string;
  let plane: PlaneProcess;
  let ann: PlaneClient;
  let token: string;
  const vision = { ...defaultWorkspace, workspace: 'vision' };
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'updraft-team-'));
    [story, plane] = await Promise.all([openStory('elsewhere'), startPlaneProcess(data, ['--team', '--run-jobs'])]);
    window = story.window;
    const operator = plane.client.http;
    await operator.json('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    await operator.json('PUT', workspacePath(vision), { location: 'local' });
    const compute = { properties: { computeType: 'VirtualMachine', properties: {} } };
    await operator.json('PUT', `${workspacePath(vision)}/computes/gpu-box`, compute);
    const member = { kind: 'user', name: 'ann@example.org', role: 'AzureML Data Scientist', workspace: 'vision' };
    await operator.json('POST', '/updraft/team/members', member);
    ({ token } = await operator.json<IssuedToken>('POST', '/updraft/team/tokens', { name: 'story', member: 'ann@example.org' }));
    ann = new PlaneClient({ url: plane.url, token, workspace: 'vision' }, vision);
    const at = (name: string) => join(window.folder, 'elsewhere', name);
    await createAsset(story.client, at('environment.yml'), 'environments');
    await createAsset(story.client, at('data.yml'), 'data');
    await createAsset(story.client, at('sum/component.yml'), 'components');
  });
  after(async () => {
    try {
      await story?.end();
    } finally {
      await plane?.stop();
      await rm(data, { recursive: true, force: true, maxRetries: 10 });
    }
  });
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });
  const dialog = () => window.page.locator('.monaco-dialog-box');

  it('is offered where there is another plane; what will run there and what goes with it is said first', async () => {
    await window.runCommand('Updraft: Add a Plane…');
    await window.quickInput.answer(plane.url);
    await window.quickInput.answer(token);
    await window.quickInput.row('vision').waitFor();
    // The window stays where it is.
    await window.page.keyboard.press('Escape');
    await window.runCommand('Updraft: Rename a Plane…');
    await window.quickInput.answer('gpu-team');
    await window.openView('Workspaces');
    await window.tree('Workspaces').row('gpu-team').waitFor();
    await window.closeView('Workspaces');
    await window.openFile('elsewhere/pipeline.yml');
    await window.codeLens('Submit to…').click();
    await window.quickInput.row('vision').waitFor();
    await window.screenshot('submit-to-choose-dark');
    await window.quickInput.pick('vision');
    await window.quickInput.row('gpu-box').waitFor();
    await window.screenshot('submit-to-compute-dark');
    await window.quickInput.pick('gpu-box');
    await dialog().getByText('Promoted with it: data numbers:3, environment shell:1, component sum:2').waitFor();
    await dialog().getByText('Compute: gpu-box (for cpu-cluster).').waitFor();
    await window.screenshot('submit-to-dark');
    assert.deepEqual((await ann.listJobs()).value, []);
    const config = await readFile(join(window.folder, 'elsewhere/.updraft/config.yml'), 'utf8');
    assert.match(config, /cpu-cluster: gpu-box/);
    await window.dialogButton('Show What Will Run').click();
    await window.line(/What.will.run.in.vision.of.gpu-team/).waitFor();
    await window.screenshot('submit-to-plan-dark');
    await window.runCommand('View: Close Editor');
  });

  it('goes there and leaves the window where it is; the lens says where it goes', async () => {
    await window.codeLens('Submit to vision (gpu-team)').click();
    await window.dialogButton(/^Submit$/).click();
    await window.notification('Submitted').getByText('to vision').waitFor();
    await window.screenshot('submit-to-done-dark');
    const [job] = (await ann.listJobs()).value;
    const ended = await jobWhen(ann, job!.name);
    assert.equal(ended.properties.status, 'Completed', JSON.stringify(ended.properties.error));
    assert.deepEqual((await story.client.listJobs()).value, []);
  });

  it('is opened there on demand', async () => {
    await window.notificationButton('Submitted', 'Open There').click();
    await window.statusBarItem('vision (gpu-team)').waitFor();
    const [job] = (await ann.listJobs()).value;
    const page = await window.webview(job!.properties.displayName ?? job!.name);
    await page.getByText('Completed').first().waitFor();
    // There is no other workspace by now that it went to.
    await window.codeLens('Submit to…').waitFor();
    await window.screenshot('submit-to-opened-dark');
    await window.runCommand('View: Close All Editors');
    await window.runCommand('Updraft: Remove a Plane…');
    await window.dialogButton('Remove').click();
    await window.statusBarItem('local').waitFor();
    await window.page.getByText('No jobs yet.').waitFor();
  });
});
