import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { systemTimers } from '../../src/base/timers.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { artifactContainer } from '../../src/protocol/asset.ts';
import type { CopiedJob } from '../../src/protocol/copiedJob.ts';
import { artifactFolder } from '../../src/protocol/jobPlaces.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { Journal } from '../../src/sync/folder/journal.ts';
import { followJob } from '../../src/sync/jobs/followJob.ts';
import { push } from '../../src/sync/push.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { bundle, updraft } from './updraft.ts';

/** Looks after each change of a plane, until something is so. */
async function when(client: PlaneClient, isSo: () => Promise<boolean>): Promise<void> {
  const changes = new ChangeStream(client.http);
  try {
    await new Promise<void>((resolve, reject) => {
      const look = () => isSo().then((so) => so && resolve(), reject);
      changes.onDidChangeState((state) => state === 'live' && look());
      changes.onDidChange(look);
    });
  } finally {
    changes.dispose();
  }
}

/** Settles when a job is there with this status. */
const arrives = (client: PlaneClient, name: string, status: string): Promise<void> =>
  when(client, async () => {
    const found = (await client.getJobs([name]))[0];
    return found?.properties.status === status;
  });

const lossOf = async (client: PlaneClient, job: string): Promise<(number | null)[]> =>
  (await client.metricSeries(job, ['loss'], 10_000)).series[0]?.values ?? [];

describe('jobs that run while they are sent to another plane', () => {
  let [here, there, folder]: [TestPlane, TestPlane, string] = [undefined!, undefined!, ''];
  let environmentId: string;
  let now = Date.now();
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    const clock = { now: () => now, at: () => () => {} };
    [here, there] = await Promise.all([startPlane(), startPlane({}, undefined, undefined, clock)]);
    environmentId = await shellEnvironment(here.client);
  });
  after(async () => {
    await Promise.all([here.remove(), there.remove()]);
    rmSync(folder, { recursive: true, force: true });
  });
  const gateOf = (name: string) => path.join(folder, name);
  const open = (name: string) => writeFileSync(gateOf(name), '');
  const waitFor = (name: string) => `until [ -e ${gateOf(name)} ]; do sleep 0.02; done`;
  const run = (name: string, command: string) => here.client.putJob(name, { jobType: 'Command', command, environmentId });

  it('come with status, log, metrics and artifacts as they go on, and are whole when they have ended', async () => {
    await run('live', `echo first; ${waitFor('live-1')}; echo second; ${waitFor('live-2')}; echo third; exit 3`);
    await jobWhen(here.client, 'live', ({ properties }) => properties.status === 'Running');
    const seen: string[] = [];
    const following = followJob({ from: here.client, to: there.client }, 'live', {
      restMs: 0,
      onProgress: ({ status }) => seen.at(-1) !== status && seen.push(status),
    });
    await arrives(there.client, 'live', 'Running');
    await when(there.client, async () => (await logOf(there.client, 'live')).includes('first'));
    const log = (steps: number[]) =>
      here.client.logBatch('live', {
        metrics: steps.map((step) => ({
          key: 'loss',
          value: step === 2 ? 'NaN' : 1 / (step + 1),
          step,
          timestamp: 1_700_000_000_000 + step,
        })),
      });
    await log([0, 1, 2]);
    await when(there.client, async () => (await lossOf(there.client, 'live')).length === 3);
    // Points of the step that was the newest, and later ones; one that comes late arrives with the end.
    await here.client.logBatch('live', { metrics: [{ key: 'loss', value: 7, step: 2, timestamp: 1_700_000_000_009 }] });
    await log([5, 6]);
    await when(there.client, async () => (await lossOf(there.client, 'live')).length === 6);
    await log([4]);
    await here.client.writeBlob(artifactContainer, `${artifactFolder('live')}/plots/a.svg`, '<svg/>');
    await when(
      there.client,
      async () => (await there.client.listArtifacts('live', 'plots').catch(() => ({ entries: [] }))).entries.length === 1,
    );
    open('live-1');
    await when(there.client, async () => (await logOf(there.client, 'live')).includes('second'));
    assert.equal((await there.client.getJob('live')).properties.status, 'Running');
    open('live-2');
    await following;
    assert.deepEqual(seen, ['Running', 'Failed']);
    const copy = await there.client.getJob('live');
    assert.equal(copy.properties.status, 'Failed');
    assert.equal(copy.properties.error?.code, 'CommandFailed');
    assert.equal(await logOf(there.client, 'live'), await logOf(here.client, 'live'));
    assert.deepEqual(await lossOf(there.client, 'live'), await lossOf(here.client, 'live'));
    assert.equal((await lossOf(there.client, 'live')).length, 7);
  });

  it('come with their steps', async () => {
    writeFileSync(
      path.join(folder, 'pipeline.yml'),
      `type: pipeline
jobs:
  one: { type: command, command: "echo one; ${waitFor('one')}", environment: "azureml:shell:1", outputs: { data: { type: uri_folder } } }
  two: { type: command, command: "echo two \${{inputs.data}}", environment: "azureml:shell:1", inputs: { data: "\${{parent.jobs.one.outputs.data}}" } }
`,
    );
    await submitJob({ client: here.client, file: path.join(folder, 'pipeline.yml'), name: 'steps' });
    const following = followJob({ from: here.client, to: there.client }, 'steps', { restMs: 0 });
    const stepsOf = async (client: PlaneClient) =>
      (await client.listJobs({ parent: 'steps', listViewType: 'All' })).value.map(
        ({ properties: { nodeName, status } }) => `${nodeName} ${status}`,
      );
    await when(there.client, async () => (await stepsOf(there.client)).includes('one Running'));
    assert.equal((await there.client.getJob('steps')).properties.status, 'Running');
    open('one');
    await following;
    assert.deepEqual((await stepsOf(there.client)).sort(), ['one Completed', 'two Completed']);
    assert.equal((await there.client.getJob('steps')).properties.status, 'Completed');
  });

  it('are run, canceled and ended by nobody there, and do not keep that plane busy', async () => {
    await run('apart', waitFor('apart'));
    await jobWhen(here.client, 'apart', ({ properties }) => properties.status === 'Running');
    const stop = new AbortController();
    const following = followJob({ from: here.client, to: there.client }, 'apart', { restMs: 0, signal: stop.signal });
    await arrives(there.client, 'apart', 'Running');
    await assert.rejects(there.client.cancelJob('apart'), { code: 'Conflict', message: /runs in workspace .* of the control plane/ });
    await assert.rejects(there.client.endRun('apart', 'KILLED'), { message: /does not run here/ });
    const { runningJobs, queuedJobs } = await there.client.status();
    assert.deepEqual([runningJobs, queuedJobs], [0, 0]);
    stop.abort(new Error('enough'));
    await assert.rejects(following, { message: 'enough' });
    open('apart');
    await jobWhen(here.client, 'apart');
    // A job that waits elsewhere is not taken by the runner here, which takes one that comes after it.
    assert.equal((await there.client.putCopy('waits', copyOf('Queued', 1))).changed, true);
    await there.client.putJob('own', { jobType: 'Command', command: 'true', environmentId: await shellEnvironment(there.client) });
    await jobWhen(there.client, 'own');
    assert.equal((await there.client.getJob('waits')).properties.status, 'Queued');
  });

  const copyOf = (status: string, seq: number, more: object = {}): CopiedJob => ({
    origin: { plane: 'other-plane', workspace: 'w' },
    asOf: { epoch: 'e', seq },
    createdAt: '2026-01-01T00:00:00Z',
    properties: { jobType: 'Command', command: 'true', environmentId: 'e', status, ...more } as CopiedJob['properties'],
    params: [],
    shared: { fields: {}, conflicts: [] },
  });

  it('are not taken back by what was sent before and comes late', async () => {
    const statusNow = async () => (await there.client.getJob('late')).properties.status;
    await there.client.putCopy('late', copyOf('Running', 5));
    await there.client.putCopy('late', copyOf('Completed', 9));
    assert.equal((await there.client.putCopy('late', copyOf('Running', 7))).changed, false);
    assert.equal(await statusNow(), 'Completed');
    // A plane that was restored from an older copy counts anew.
    const { asOf, ...restored } = copyOf('Running', 2);
    await there.client.putCopy('late', { ...restored, asOf: { ...asOf, epoch: 'f' } });
    assert.equal(await statusNow(), 'Running');
  });

  it('say when nobody has told of them for a while', async () => {
    await there.client.putCopy('silent', copyOf('Running', 5, { progress: 'Epoch 3' }));
    await there.client.putCopy('silent-step', copyOf('Running', 5, { parentJobName: 'silent' }));
    const progressOf = async (name: string) => (await there.client.getJob(name)).properties.progress;
    now += 2 * 60_000;
    assert.equal(await progressOf('silent'), 'Epoch 3');
    now += 2 * 60_000;
    const since = new Date(now - 4 * 60_000).toISOString().slice(0, 16).replace('T', ' at ');
    for (const name of ['silent', 'silent-step'])
      assert.equal(await progressOf(name), `Last heard of on ${since} UTC. It runs in workspace w of the control plane other-pl.`);
    // Nothing is new but that it is well.
    assert.equal((await there.client.putCopy('silent', copyOf('Running', 6, { progress: 'Epoch 3' }))).changed, false);
    assert.equal(await progressOf('silent'), 'Epoch 3');
  });

  it('are told to be well once a minute, whatever else is new of them', async () => {
    await run('well', waitFor('well'));
    await jobWhen(here.client, 'well', ({ properties }) => properties.status === 'Running');
    let elapsed = 0;
    const timers = { now: () => elapsed, after: systemTimers.after };
    const following = followJob({ from: here.client, to: there.client }, 'well', { restMs: 0, timers });
    const log = (step: number) =>
      here.client.logBatch('well', { metrics: [{ key: 'loss', value: 1, step, timestamp: 1_700_000_000_000 }] });
    await log(0);
    await when(there.client, async () => (await lossOf(there.client, 'well').catch(() => [])).length === 1);
    now += 5 * 60_000;
    assert.match((await there.client.getJob('well')).properties.progress ?? '', /Last heard of/);
    elapsed += 61_000;
    await log(1);
    await when(there.client, async () => !/Last heard of/.test((await there.client.getJob('well')).properties.progress ?? ''));
    open('well');
    await following;
  });

  it('wait in the journal when the sending is stopped or killed, and are taken up again', async () => {
    await run('long', `echo begun; ${waitFor('long')}; echo done`);
    await run('short', 'true');
    await jobWhen(here.client, 'short');
    await jobWhen(here.client, 'long', ({ properties }) => properties.status === 'Running');
    const journal = new Journal(path.join(folder, 'running.jsonl'));
    const intents = ['long', 'short'].map((job) => ({ job, from: { plane: 'a', workspace: '' }, to: { plane: 'b', workspace: '' } }));
    journal.want(intents);
    const stop = new AbortController();
    const pushed: string[] = [];
    const first = push({ from: here.client, to: there.client, signal: stop.signal }, journal, intents, {
      onJob: ({ job }) => pushed.push(job),
    });
    await arrives(there.client, 'short', 'Completed');
    await arrives(there.client, 'long', 'Running');
    while (pushed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await first;
    assert.deepEqual(pushed, ['short']);
    const states = () => journal.entries.map(({ job, state }) => `${job} ${state}`);
    assert.deepEqual(states(), ['long following', 'short sent']);
    open('long');
    await push({ from: here.client, to: there.client }, journal, [intents[0]!]);
    assert.deepEqual(states(), ['long sent', 'short sent']);
    assert.equal(await logOf(there.client, 'long'), await logOf(here.client, 'long'));
    journal.close();
  });

  it('are followed by the command line, which goes on after a kill', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    try {
      await run('killed', `echo begun; ${waitFor('killed')}; echo done`);
      await jobWhen(here.client, 'killed', ({ properties }) => properties.status === 'Running');
      const env = { MLFLOW_TRACKING_TOKEN: there.token, MLFLOW_TRACKING_URI: there.url };
      const places = ['--server', here.url, '--token', here.token, '--to', there.url];
      const sending = spawn(process.execPath, [bundle, 'sync', 'push', 'killed', ...places], {
        env: { ...process.env, UPDRAFT_HOME: home, UPDRAFT_CONFIG: path.join(home, 'config'), ...env },
        stdio: 'ignore',
      });
      await when(there.client, async () => (await logOf(there.client, 'killed').catch(() => '')).includes('begun'));
      sending.kill('SIGKILL');
      await once(sending, 'close');
      assert.match((await updraft(home, ['sync', 'list'])).stdout, /^following killed /m);
      open('killed');
      await jobWhen(here.client, 'killed');
      const again = await updraft(home, ['sync', 'push', ...places], { env });
      assert.equal(again.code, 0, again.stderr);
      assert.match((await updraft(home, ['sync', 'list'])).stdout, /^sent +killed /m);
      assert.equal(await logOf(there.client, 'killed'), await logOf(here.client, 'killed'));
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
