import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { Emitter } from '../../src/base/event.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { UserError } from '../../src/base/userError.ts';
import { changeServers } from '../../src/cli/keptServers.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { isNotFound } from '../../src/client/feed/lookUps.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { artifactContainer } from '../../src/protocol/asset.ts';
import type { Job } from '../../src/protocol/job.ts';
import { artifactFolder } from '../../src/protocol/jobPlaces.ts';
import { Journal } from '../../src/sync/folder/journal.ts';
import { standingOf } from '../../src/sync/folder/overview.ts';
import { readOverview } from '../../src/sync/folder/readOverview.ts';
import { changeSettings } from '../../src/sync/folder/settings.ts';
import { syncFolderOf } from '../../src/sync/folder/syncFolder.ts';
import { readState } from '../../src/sync/folder/syncState.ts';
import { endSync } from '../../src/sync/process/ensureSync.ts';
import { runSync } from '../../src/sync/process/runSync.ts';
import { ManualTimers, settle } from '../unit/client/manualTimers.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { startSyncProcess, syncWhen } from './syncProcess.ts';
import { startTeam, type TeamPlane } from './team.ts';
import { type Finished, updraft } from './updraft.ts';

describe('the process that sends jobs', () => {
  let [here, home]: [TestPlane, string] = [undefined!, ''];
  let [there, thereFolder]: [TeamPlane, string] = [undefined!, ''];
  let token: string;
  let environmentId: string;
  const vision = { ...defaultWorkspace, workspace: 'vision' };
  const env = () => ({ UPDRAFT_CONFIG: path.join(home, 'config'), MLFLOW_TRACKING_TOKEN: undefined });
  before(async () => {
    [home, thereFolder] = [mkdtempSync(path.join(tmpdir(), 'updraft-')), mkdtempSync(path.join(tmpdir(), 'updraft-'))];
    [here, there] = await Promise.all([startPlane({}, home), startTeam(thereFolder)]);
    await there.makeWorkspace('vision');
    ({ token } = (await there.add('ann@example.org', 'AzureML Data Scientist', 'vision')).token);
    environmentId = await shellEnvironment(here.client);
    await logIn(token);
  });
  after(async () => {
    await endSync(home);
    await Promise.all([here.remove(), there.remove()]);
  });
  afterEach(async () => {
    await endSync(home);
    rmSync(path.join(home, 'sync'), { recursive: true, force: true });
  });
  const logIn = (text: string) =>
    changeServers(
      ({ servers }) => ({ servers: { ...servers, [there.url]: { token: text, name: 'ann', expiresAt: '2030-01-01T00:00:00Z' } } }),
      path.join(home, 'config'),
    );
  const ann = () => new PlaneClient({ url: there.url, token }, vision);
  const goAway = () => there.stop();
  const comeBack = async () => {
    there = await startTeam(thereFolder, undefined, { port: Number(new URL(there.url).port) });
  };
  const way = () => ['--server', 'local', '--to', there.url, '--to-workspace', 'vision'];
  const sync = (...args: string[]): Promise<Finished> => updraft(home, ['sync', ...args], { env: env() });
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await sync(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  /** A job that has ended, of some experiment. */
  const ended = async (name: string, experimentName = 'digits') => {
    await here.client.putJob(name, { jobType: 'Command', command: 'true', environmentId, experimentName });
    await jobWhen(here.client, name);
  };
  /** Waits until something holds of a job that is there, or will be. */
  const arrived = async (name: string, test: (job: Job) => boolean) => {
    const changes = new ChangeStream(ann().http, { kinds: ['job'] });
    try {
      await new Promise<void>((resolve, reject) => {
        const look = () =>
          ann()
            .getJob(name)
            .then((job) => test(job) && resolve())
            .catch((error) => isNotFound(error) || reject(error));
        changes.onDidChangeState((state) => state === 'live' && look());
        changes.onDidChange(({ id }) => id === name && look());
      });
    } finally {
      changes.dispose();
    }
  };
  const addFile = (job: string, bytes: number) =>
    here.client.writeBlob(artifactContainer, `${artifactFolder(job)}/big.bin`, Buffer.alloc(bytes, job));
  const inStep = (jobs: number) =>
    syncWhen(home, (overview) => standingOf(overview) === 'inStep' && overview.following.length === 0 && overview.sent.length === jobs);

  it('sends what waited while the other control plane was away, as soon as it is back', async () => {
    await goAway();
    for (const name of ['train1', 'train2', 'train3']) await ended(name);
    assert.match(await ok('push', 'train1', 'train2', 'train3', ...way(), '--no-wait'), /3 jobs to send/);
    await syncWhen(home, (overview) => standingOf(overview) === 'offline' && overview.waiting.length === 3);
    assert.match(await ok('status'), /^3 jobs to send, offline since .*\n.*does not answer/);
    // Whoever asks again is told, and need not wait.
    const again = await sync('push', 'train1', ...way());
    assert.equal(again.code, 1);
    assert.match(again.stderr, /1 job to send: .*does not answer.*\n.*by themselves/);
    await comeBack();
    await inStep(3);
    for (const name of ['train1', 'train2', 'train3']) assert.equal((await ann().getJob(name)).properties.status, 'Completed');
    assert.match(await ok('status'), /^In step\.\nsent +3 jobs/);
    const { standing, waiting, sent } = JSON.parse(await ok('status', '--output', 'json'));
    assert.deepEqual([standing, waiting, sent], ['inStep', 0, 3]);
  });

  it('sends each job of a kept experiment when it ends, and what is added to it later', async () => {
    await ended('kept1', 'letters');
    await ended('other1', 'numbers');
    assert.match(await ok('push', '--keep', '--experiment', 'letters', ...way()), /experiment letters are sent from now on/);
    await inStep(1);
    await ended('kept2', 'letters');
    await inStep(2);
    await here.client.http.json('POST', '/api/2.0/mlflow/runs/set-tag', { run_id: 'kept1', key: 'good', value: 'yes' });
    await jobWhen(ann(), 'kept1', ({ properties }) => properties.tags?.good === 'yes');
    // What people write there comes back.
    await ann().http.json('POST', '/api/2.0/mlflow/runs/set-tag', { run_id: 'kept1', key: 'reviewed', value: 'yes' });
    await jobWhen(here.client, 'kept1', ({ properties }) => properties.tags?.reviewed === 'yes');
    // What changes while nobody follows is seen later.
    await ok('stop');
    await ended('kept3', 'letters');
    await here.client.http.json('POST', '/api/2.0/mlflow/runs/set-tag', { run_id: 'kept2', key: 'good', value: 'no' });
    await ok('resume');
    await inStep(3);
    await jobWhen(ann(), 'kept2', ({ properties }) => properties.tags?.good === 'no');
    await assert.rejects(ann().getJob('other1'), { code: 'NotFound' });
    await ok('forget', '--experiment', 'letters', ...way());
    assert.doesNotMatch(await ok('status'), /kept in sync/);
  });

  it('is one a data folder, takes what "sync push" asks for, and goes on after kill -9', async () => {
    await ended('big');
    await addFile('big', 30_000_000);
    await ok('limit', '--limit', '1MB/s');
    const first = await startSyncProcess(home, env());
    const second = await sync('run');
    assert.equal(second.code, 1);
    assert.match(second.stderr, /Another process \(\d+\) sends the jobs of/);
    const pushed = sync('push', 'big', ...way());
    await syncWhen(home, ({ sending }) => (sending[0]?.bytes ?? 0) > 100_000);
    assert.match(await ok('status'), /^1 job to send\.\non its way +big to http.*vision: .*B, .*B\/s/);
    await first.kill();
    const { code, stderr } = await pushed;
    assert.equal(code, 1);
    assert.match(stderr, /1 job to send: the process that sends has ended/);
    assert.match(await ok('status'), /nothing is sent now\.\nStart it with "updraft sync resume"/);
    for (let kills = 0; kills < 4; kills++) {
      const next = await startSyncProcess(home, env());
      await syncWhen(home, ({ sending }) => (sending[0]?.bytes ?? 0) > 1000 * 4 ** kills);
      await next.kill();
    }
    await ok('limit', '--limit', 'none');
    const third = await startSyncProcess(home, env());
    assert.match(await ok('push', 'big', ...way()), /1 job in step/);
    await third.stop();
    const { entries } = await ann().listBlobs(artifactContainer, artifactFolder('big'), { recursive: true });
    assert.equal(entries.find(({ path: name }) => name === 'big.bin')?.size, 30_000_000);
  });

  it('follows jobs that run, beside those that have ended, and goes on with them after kill -9', async () => {
    const gate = path.join(home, 'gate');
    const command = `echo begun; until [ -e ${gate} ]; do sleep 0.05; done; echo done`;
    await ok('push', '--keep', '--tag', 'for=team', ...way());
    await here.client.putJob('running', { jobType: 'Command', command, environmentId, tags: { for: 'team' } });
    await arrived('running', ({ properties }) => properties.status === 'Running');
    await here.client.putJob('ended', { jobType: 'Command', command: 'true', environmentId, tags: { for: 'team' } });
    await syncWhen(home, ({ sent, following }) => sent.some(({ job }) => job === 'ended') && following.length === 1);
    assert.match(await ok('status'), /^In step, 1 job sent as it runs\.\non its way +running to /);
    const { process: sender } = readState(syncFolderOf(home))!;
    process.kill(sender!.pid, 'SIGKILL');
    await ok('resume');
    writeFileSync(gate, '');
    await inStep(2);
    assert.equal((await ann().getJob('running')).properties.status, 'Completed');
    assert.match(await logOf(ann(), 'running'), /begun.*done/s);
  });

  it('pauses in the middle of a job, and goes on', async () => {
    await ended('long');
    await addFile('long', 5_000_000);
    await ok('limit', '--limit', '500kB/s');
    await ok('push', 'long', ...way(), '--no-wait');
    await syncWhen(home, ({ sending }) => (sending[0]?.bytes ?? 0) > 0);
    await ok('pause');
    await syncWhen(home, (overview, state) => state?.rests === 'paused' && overview.sending.length === 0);
    assert.match(await ok('status'), /^1 job to send, paused/);
    await ok('limit', '--limit', 'none');
    await ok('resume');
    await inStep(1);
  });

  it('says to sign in where a token is good no more; other control planes get their jobs', async () => {
    const other = await startPlane();
    try {
      await ended('two');
      await logIn('updraft_wrong');
      await ok('push', 'two', ...way(), '--no-wait');
      const toOther = await updraft(home, ['sync', 'push', 'two', '--server', 'local', '--to', other.url], {
        env: { ...env(), MLFLOW_TRACKING_TOKEN: other.token, MLFLOW_TRACKING_URI: other.url },
      });
      // The process that runs has no token for it.
      assert.equal(toOther.code, 1, toOther.stdout);
      await ok('stop');
      const started = await updraft(home, ['sync', 'push', 'two', '--server', 'local', '--to', other.url, '--no-wait'], {
        env: { ...env(), MLFLOW_TRACKING_TOKEN: other.token, MLFLOW_TRACKING_URI: other.url },
      });
      assert.equal(started.code, 0, started.stderr);
      const overview = await syncWhen(home, ({ sent, places }) => sent.length === 1 && places.some(({ state }) => state === 'signedOut'));
      assert.equal(overview.sent[0]!.to.plane, other.url);
      assert.match(await ok('status'), /^1 job to send, sign in again\.\nsigned out /);
      for (const file of ['state.json', 'journal.jsonl', 'process.log'])
        assert.ok(!readFileSync(path.join(home, 'sync', file), 'utf8').includes(other.token), `${file} has a token`);
      await logIn(token);
      await inStep(2);
    } finally {
      await logIn(token);
      await endSync(home);
      await other.remove();
    }
  });

  it('leaves a control plane alone that takes no token of this machine, until somebody signs in', async () => {
    const folder = syncFolderOf(home);
    const [from, to] = [
      { plane: 'local', workspace: '' },
      { plane: there.url, workspace: 'vision' },
    ];
    await changeSettings(folder, (settings) => ({ ...settings, kept: [{ from, to, experiment: 'x' }] }));
    const journal = new Journal(folder.journal);
    journal.want([{ job: 'any', from, to }]);
    journal.close();
    const [timers, stop, tokens] = [new ManualTimers(), new AbortController(), new Emitter<void>()];
    let asked = 0;
    const run = runSync({
      folder,
      connect: async ({ plane }) => {
        if (plane === 'local') return here.client;
        asked++;
        throw new UserError('Unauthorized', 'The token is good no more.');
      },
      onDidChangeTokens: tokens.event,
      isOnDemand: false,
      signal: stop.signal,
      logger: silentLogger,
      timers,
    });
    // First it asks.
    await settle();
    await timers.advance(240_000);
    // One to send what waits, one to follow what changes there.
    assert.equal(asked, 2);
    await syncWhen(home, (overview) => standingOf(overview) === 'signedOut');
    tokens.fire();
    await settle();
    assert.equal(asked, 4);
    await timers.advance(310_000);
    assert.equal(asked, 6);
    stop.abort(new Error('the test ends'));
    await run;
  });

  it('sends at the hours that it may', async () => {
    await ended('night');
    const folder = syncFolderOf(home);
    await changeSettings(folder, (settings) => ({ ...settings, hours: { from: 20, to: 6 } }));
    const journal = new Journal(folder.journal);
    journal.want([{ job: 'night', from: { plane: 'local', workspace: '' }, to: { plane: there.url, workspace: 'vision' } }]);
    journal.close();
    const [timers, stop] = [new ManualTimers(), new AbortController()];
    let time = new Date(2026, 0, 5, 19, 59, 30).getTime();
    const run = runSync({
      folder,
      connect: async ({ plane }) => (plane === 'local' ? here.client : ann()),
      isOnDemand: false,
      signal: stop.signal,
      logger: silentLogger,
      timers,
      clock: () => time,
    });
    await syncWhen(home, (overview, state) => state?.rests === 'hours' && overview.waiting.length === 1);
    time += 30_000;
    await timers.advance(30_000);
    await syncWhen(home, ({ sent }) => sent.length === 1);
    stop.abort(new Error('the test ends'));
    await run;
    const { code, stderr } = await sync('limit', '--hours', '25-3');
    assert.equal(code, 2);
    assert.match(stderr, /"25-3" is no span of hours/);
  });

  it('says what is wrong with its files, and harms none', async () => {
    const folder = syncFolderOf(home);
    await ok('pause');
    const later = '{"format":2,"job":"x"}\n';
    writeFileSync(folder.journal, later);
    const newer = await sync('run');
    assert.match(newer.stderr, /journal\.jsonl was written by a later version of Updraft/);
    assert.equal(readFileSync(folder.journal, 'utf8'), later);
    writeFileSync(folder.journal, 'nonsense\n');
    assert.match((await sync('run')).stderr, /Line 1 of the journal .* is damaged/);
    rmSync(folder.journal);
    writeFileSync(folder.settings, '{"format":1,');
    assert.match((await sync('status')).stderr, /settings\.json is damaged.*\nDelete it/);
    rmSync(folder.settings);
    // While it runs, it keeps to what it has read, and says so.
    const process = await startSyncProcess(home, env());
    appendFileSync(folder.journal, 'nonsense\n');
    await process.said(/Line 1 of the journal .* is damaged/);
    await process.stop();
  });

  it('ends when it is told to, also while it only begins to follow what is kept in sync', async () => {
    const folder = syncFolderOf(home);
    const from = { plane: 'local', workspace: '' };
    await changeSettings(folder, (settings) => ({
      ...settings,
      kept: [{ from, to: { plane: there.url, workspace: 'vision' }, experiment: 'x' }],
    }));
    const stop = new AbortController();
    let [asked, answer] = [() => {}, (_client: PlaneClient) => {}];
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const requests: string[] = [];
    const run = runSync({
      folder,
      connect: () => {
        asked();
        return new Promise((resolve) => (answer = resolve));
      },
      isOnDemand: false,
      signal: stop.signal,
      logger: silentLogger,
    });
    await isAsked;
    stop.abort(new Error('the test ends'));
    await run;
    const seen = (input: string) => {
      requests.push(input);
      return Promise.reject(new TypeError('nobody is there'));
    };
    answer(new PlaneClient({ url: here.url, token: here.token, fetch: seen }));
    await settle();
    assert.deepEqual(requests, []);
  });

  it('ends by itself when it was started on demand and has nothing to do', async () => {
    const folder = syncFolderOf(home);
    const timers = new ManualTimers();
    const run = runSync({
      folder,
      connect: async () => here.client,
      isOnDemand: true,
      idleMs: 1000,
      signal: new AbortController().signal,
      logger: silentLogger,
      timers,
    });
    await timers.advance(1000);
    await run;
    assert.equal(readOverview(folder).isRunning, false);
  });
});
