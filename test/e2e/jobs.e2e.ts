import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { createResource } from '../../src/submit/createResource.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen } from '../contract/plane.ts';
import { writeIn } from '../contract/writeIn.ts';
import { openStory, type Story } from './story.ts';
import type { TreeView } from './treeView.ts';
import { webviewFrame } from './webviewFrame.ts';
import type { Workbench } from './workbench.ts';

describe('the views: jobs, models, assets, compute, workspaces', () => {
  let story: Story;
  let window: Workbench;
  let client: PlaneClient;
  let jobs: TreeView;

  before(async () => {
    story = await openStory('stories');
    ({ window, client } = story);
    jobs = window.tree('Jobs');
    for (const [file, name] of [
      ['hello.yml', 'hello_1'],
      ['failing.yml', 'failing_1'],
    ] as const)
      await submitJob({ client, file: join(window.folder, 'stories', file), name });
    await Promise.all(['hello_1', 'failing_1'].map((name) => jobWhen(client, name)));
    await jobs.row('greetings').waitFor();
    await jobs.expand('greetings');
    await jobs.row('hello').locator('.codicon-pass').waitFor();
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('renames, tags and copies the id', async () => {
    await jobs.row('hello').click();
    await window.tab('hello').waitFor();
    await jobs.contextMenu('hello', 'Rename…');
    await window.quickInput.answer('g'.repeat(60));
    // The tab of an open dashboard takes the name at once, as far as there is room.
    await window.tab(`${'g'.repeat(39)}…`).waitFor();
    // Of the active dashboard, without a question which job is meant.
    await window.tab(`${'g'.repeat(39)}…`).click();
    await window.runCommand('Updraft: Rename…');
    await window.quickInput.answer('greeting');
    await window.tab('greeting').waitFor();
    await jobs.row('greeting').waitFor();
    await window.runCommand('View: Close All Editors');
    await jobs.contextMenu('greeting', 'Edit Tags…');
    await window.quickInput.answer('team=blue');
    await jobWhen(client, 'hello_1', (job) => job.properties.tags?.team === 'blue');
    await jobs.contextMenu('greeting', 'Copy Id');
    await window.clipboardHas('hello_1');
  });

  it('opens the runs of an experiment, and jobs beside each other', async () => {
    await jobs.contextMenu('greetings', 'Open Runs…');
    const table = await webviewFrame(window.page, 'Runs: greetings');
    await table.getByRole('grid', { name: 'Runs of greetings' }).getByRole('link', { name: 'greeting' }).first().waitFor();
    await window.runCommand('Updraft: Compare Runs…');
    await window.quickInput.pick('greeting');
    await window.quickInput.tick('divides by zero');
    await table.getByRole('tab', { name: /^Compare/, selected: true }).waitFor();
    await window.runCommand('View: Close All Editors');
  });

  it('reruns a job', async () => {
    await jobs.contextMenu('greeting', 'Rerun');
    // A notice comes for what is not on screen.
    await window.runCommand('View: Close All Editors');
    const [again] = (await client.listJobs()).value;
    await jobWhen(client, again!.name);
    assert.equal((await client.listJobs()).value.length, 3);
    await window.runCommand('Notifications: Clear All Notifications');
    await window.runCommand('View: Close All Editors');
  });

  it('filters by name, tag and status', async () => {
    await window.runCommand('Updraft: Filter Jobs…');
    await window.quickInput.answer('tag:team=blue');
    await window.page.getByText('tag team=blue').waitFor();
    await jobs.row('divides by zero').waitFor({ state: 'detached' });
    assert.ok((await jobs.rows()).every((row) => row.label === 'greeting'));
    await window.runCommand('Updraft: Filter Jobs…');
    await window.quickInput.answer('no such job');
    await window.page.getByText('No job matches the filter.').waitFor();
    await window.screenshot('filter-empty');
    await window.page.getByRole('button', { name: 'Clear the filter' }).click();
    // What was open is open again.
    await jobs.row('divides by zero').waitFor();
  });

  it('archives, shows the archived, and deletes', async () => {
    await jobs.contextMenu('divides by zero', 'Archive');
    await window.notificationButton('Archived divides by zero.', 'Undo').click();
    await jobWhen(client, 'failing_1', (job) => !job.properties.isArchived);
    await jobs.row('divides by zero').waitFor();
    await jobs.contextMenu('divides by zero', 'Archive');
    await jobs.row('divides by zero').waitFor({ state: 'detached' });
    await window.runCommand('Notifications: Clear All Notifications');
    await window.runCommand('Updraft: Show Jobs by Status…');
    await window.quickInput.tick('Archived');
    await jobs.contextMenu('divides by zero', 'Delete…');
    await window.dialogButton('Delete').click();
    await window.page.getByText('No job matches the filter.').waitFor();
    await assert.rejects(client.getJob('failing_1'), { code: 'NotFound' });
    await window.runCommand('Updraft: Clear Filter');
    await jobs.row('greetings').waitFor();
    await jobs.expand('greetings');
  });

  it('downloads outputs and the log', async () => {
    await jobs.row('greeting').last().click();
    await window.tab('greeting').waitFor();
    await window.runCommand('Updraft: Download Outputs…');
    await window.quickInput.chooseFolder(story.vscode.folder);
    await window.notification(/Saved 2 files/).waitFor();
    const saved = join(story.vscode.folder, 'hello_1');
    assert.equal(await readFile(join(saved, 'named-outputs/text/hello.txt'), 'utf8'), 'Hello, world\n');
    assert.ok(existsSync(join(saved, 'artifacts/user_logs/std_log.txt')));
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('registers a model from a folder, gives it an alias and a tag, and shows where it is from', async () => {
    await window.runCommand('Updraft: Register Model…');
    await window.quickInput.pick('A folder of this machine');
    await window.quickInput.chooseFolder(join(window.folder, 'stories/classifier'));
    await window.quickInput.answer('classifier');
    await window.quickInput.pick('custom_model');
    const models = window.tree('Models');
    await models.row('classifier').waitFor();
    await models.expand('classifier');
    await models.contextMenu('Version 1', 'Add Alias…');
    await window.quickInput.answer('champion');
    await models.row('Version 1').getByText('@champion').waitFor();
    await models.contextMenu('Version 1', 'Edit Tags…');
    await window.quickInput.answer('stage=test');
    await models.contextMenu('Version 1', 'Copy Reference');
    await window.clipboardHas('azureml:classifier:1');
    await window.screenshot('models');
    const version = await client.getAsset('models', 'classifier', '1');
    assert.deepEqual(version.properties.aliases, ['champion']);
    assert.equal(version.properties.tags?.stage, 'test');
  });

  it('loads long lists page by page', async () => {
    // Runs, as a notebook makes them: nothing has to run for them.
    const { experiment_id } = await client.http.json<{ experiment_id: string }>('POST', '/api/2.0/mlflow/experiments/create', {
      name: 'many',
    });
    const ended: Promise<unknown>[] = [];
    for (let n = 0; n <= 100; n++) {
      const { run } = await client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
        experiment_id,
        run_name: `run ${n}`,
      });
      ended.push(client.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: run.info.run_id, status: 'FINISHED' }));
    }
    await Promise.all(ended);
    await jobs.expand('many');
    await jobs.row('run 100').waitFor();
    await jobs.reach('Load more…');
    await jobs.row('Load more…').click();
    // In its place.
    await jobs.row('run 0').waitFor();
  });

  it('lists assets, compute and workspaces', async () => {
    await client.putAsset('environments', 'training', '1', { image: 'ubuntu:22.04' });
    await client.putResource(['onlineEndpoints', 'scores'], { location: 'local', properties: { authMode: 'Key' } });
    await client.putResource(['onlineEndpoints', 'scores', 'deployments', 'blue'], {
      location: 'local',
      properties: { endpointComputeType: 'Managed' },
    });
    for (const view of ['Assets', 'Compute & Endpoints', 'Workspaces']) await window.openView(view);
    await window.tree('Assets').row('Environments').waitFor();
    await window.tree('Compute & Endpoints').row('this-machine').waitFor();
    // It has neither a script nor a model.
    await window.tree('Compute & Endpoints').row('blue').getByText('failed, 0 % of the traffic').waitFor();
    await window.tree('Workspaces').row('local').waitFor();
    await window.screenshot('views');
  });

  it('calls a deployment and shows its log from its row', async () => {
    const files = join(window.folder, 'served');
    writeIn(files, 'code/score.py', 'def init(): print("ready to score")\ndef run(data): return {"said": data}\n');
    const text =
      'name: green\nendpoint_name: scores\ninstance_type: small\nenvironment: {image: python}\ncode_configuration: {code: ./code, scoring_script: score.py}\n';
    await createResource(client, 'onlineEndpoint', { file: writeIn(files, 'endpoint.yml', 'name: scores\nauth_mode: key\n') });
    await createResource(client, 'onlineDeployment', { file: writeIn(files, 'green.yml', text) });
    await window.openView('Compute & Endpoints');
    const view = window.tree('Compute & Endpoints');
    await view.row('green').getByText('serving, 0 % of the traffic').waitFor();
    await view.contextMenu('green', 'Call a Deployment');
    const page = await window.webview('scores');
    await page.getByRole('textbox', { name: 'Body of the request' }).fill('hello');
    await page.getByRole('textbox', { name: 'Body of the request' }).press('Control+Enter');
    await page.getByRole('region', { name: 'Answer', exact: true }).getByText('"said": "hello"').waitFor();
    await page.getByRole('complementary', { name: 'Past requests' }).getByRole('button', { name: /200/ }).waitFor();
    await window.screenshot('endpoint');
    await view.contextMenu('green', 'Show the Log of a Deployment');
    await window.line(/ready.to.score/).waitFor();
    await window.screenshot('deployment');
  });
});
