import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { DisposableStore } from '../../src/base/disposable.ts';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { ActiveJobs } from '../../src/extension/state/activeJobs.ts';
import { type AssetNode, AssetsState } from '../../src/extension/state/assets.ts';
import { JobFeed, type JobNews } from '../../src/extension/state/jobFeed.ts';
import { JobLogs } from '../../src/extension/state/jobLogs.ts';
import { type ExperimentNode, type JobNode, type JobsNode, JobsState, type MoreNode } from '../../src/extension/state/jobs.ts';
import { PlaneConnection } from '../../src/extension/state/planeConnection.ts';
import { ShownJob } from '../../src/extension/state/shownJob.ts';
import { StartedJobs } from '../../src/extension/state/startedJobs.ts';
import { changedParams } from '../../src/extension/views/jobFacts.ts';
import { RetriedTree } from '../../src/extension/views/retriedTree.ts';
import type { Tree } from '../../src/extension/views/tree.ts';
import { type Job, jobProperty } from '../../src/protocol/job.ts';
import { settle } from '../unit/client/manualTimers.ts';
import { first } from './first.ts';
import { component, jobWhen, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

describe('the state of the extension', () => {
  let plane: TestPlane;
  let environmentId: string;
  /** The client of somebody else. */
  let others: PlaneClient;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    environmentId = await shellEnvironment(plane.client);
    others = plane.client;
  });
  after(() => plane.remove());

  let kept: DisposableStore;
  let asked: string[];
  /** What stands between a request, or its answer, and the other side. */
  let onRequest: (request: string) => Promise<void> | undefined;
  let onAnswer: (request: string) => Promise<void> | undefined;
  let connection: PlaneConnection;
  let feed: JobFeed;
  const lost = () => Promise.reject(new TypeError('fetch failed'));
  /** Fails what matches so many times. */
  const failing = (what: RegExp, times: number) => (request: string) => (what.test(request) && times-- > 0 ? lost() : undefined);

  const connect = (of: () => TestPlane = () => plane): PlaneConnection =>
    new PlaneConnection(async () => ({
      ...of(),
      ...(await of().client.health()),
      startedAt: '',
      program: '',
      onDemand: true,
      async fetch(input, init) {
        const request = `${init?.method} ${decodeURIComponent(new URL(input).pathname)}`;
        asked.push(request);
        await onRequest(request);
        const response = await globalThis.fetch(input, init);
        await onAnswer(request);
        return response;
      },
    }));
  beforeEach(async () => {
    kept = new DisposableStore();
    asked = [];
    onRequest = onAnswer = () => undefined;
    connection = kept.add(connect());
    feed = kept.add(new JobFeed(connection));
  });
  afterEach(() => kept.dispose());

  let count = 0;
  const newName = () => `job_${count++}`;
  const definition = (): Job['properties'] => ({ jobType: 'Command', environmentId, command: 'true' });
  const submitted = async (client: PlaneClient = others) => client.putJob(newName(), definition());
  const gets = (name: string) => asked.filter((request) => request.startsWith('GET') && request.endsWith(`/jobs/${name}`)).length;

  it('hears of every job, whatever requests fail', async () => {
    await connection.client();
    const tries = new Map<string, number>();
    onRequest = (request) => {
      tries.set(request, (tries.get(request) ?? 0) + 1);
      return /\/jobs\/job_/.test(request) && tries.get(request)! < 3 ? lost() : undefined;
    };
    const names = new Set(Array.from({ length: 20 }, newName));
    const all = first(feed.onDidChangeJob, ({ name, job }) => job !== undefined && names.delete(name) && names.size === 0);
    for (const name of names) await others.putJob(name, definition());
    await all;
  });

  it('follows the one job that somebody looks at, also a step, to its end', async () => {
    const shown = kept.add(new ShownJob(connection, feed));
    const told: (string | undefined)[] = [];
    shown.onDidChange((job) => told.push(job?.properties.status));
    const pipeline = await submitted();
    const step = await others.putJob(newName(), { ...definition(), parentJobName: pipeline.name });
    await connection.client();
    const seen = first(shown.onDidChange, (job) => job?.properties.status === 'Queued');
    shown.show(step.name);
    await seen;
    const ended = first(shown.onDidChange, (job) => job?.properties.status === 'Canceled');
    await others.cancelJob(step.name);
    await ended;
    shown.show(undefined);
    await others.cancelJob(pipeline.name);
    assert.deepEqual(
      told.filter((each, index) => index === 0 || each !== told[index - 1]),
      [undefined, 'Queued', 'Canceled', undefined],
    );
  });

  it('hears that a job is gone, once it is', async () => {
    const { name } = await submitted();
    await connection.client();
    onRequest = failing(/\/jobs\//, 1);
    const gone = first(feed.onDidChangeJob, (news) => news.name === name && news.job === undefined);
    await others.cancelJob(name);
    await others.deleteJob(name);
    await gone;
  });

  it('does not ask for a job that it was just answered with; for what happens to it later, it does', async () => {
    const client = await connection.client();
    const names: string[] = [];
    feed.onDidChangeJob((news) => names.push(news.name));
    const job = await submitted(client);
    assert.deepEqual(names, [job.name]);
    await client.patchJob(job.name, { displayName: 'mine' });
    // Changes come in their order: when this one has been looked up, so would have been those.
    const other = await submitted();
    await first(feed.onDidChangeJob, ({ name }) => name === other.name);
    assert.deepEqual([names, gets(job.name)], [[job.name, job.name, other.name], 0]);
    const news = first(feed.onDidChangeJob, ({ name }) => name === job.name);
    await others.patchJob(job.name, { displayName: 'theirs' });
    assert.equal((await news).job?.properties.displayName, 'theirs');
    assert.equal(gets(job.name), 1);
  });

  it('is not put back by the late answer to its own write', async () => {
    const client = await connection.client();
    const { name } = await submitted(client);
    const late = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    onAnswer = (request) => {
      if (!request.startsWith('PATCH')) return undefined;
      written.resolve();
      return late.promise;
    };
    const shown: (string | null | undefined)[] = [];
    feed.onDidChangeJob(({ job }) => shown.push(job?.properties.displayName));
    const patched = client.patchJob(name, { displayName: 'older' });
    await written.promise;
    const newest = first(feed.onDidChangeJob, ({ job }) => job?.properties.displayName === 'newer');
    await others.patchJob(name, { displayName: 'newer' });
    await newest;
    late.resolve();
    await patched;
    assert.equal(shown.at(-1), 'newer');
  });

  it('shows the newest state of a job that changes while its list is on the way', async () => {
    const jobs = kept.add(new JobsState(connection, feed));
    const { name } = await submitted();
    jobs.setFilter({ search: name });
    const late = Promise.withResolvers<void>();
    const listed = Promise.withResolvers<void>();
    onAnswer = (request) => {
      if (!request.endsWith('/jobs')) return undefined;
      listed.resolve();
      return late.promise;
    };
    const roots = jobs.roots();
    await listed.promise;
    const changed = first(feed.onDidChangeJob, (news) => news.name === name);
    await others.patchJob(name, { displayName: 'changed' });
    await changed;
    const again = first(feed.onDidChangeJob, (news) => news.name === name);
    late.resolve();
    const [node] = (await roots) as JobNode[];
    await again;
    assert.equal(node!.job.properties.displayName, 'changed');
  });

  it('finds a job that was just submitted without asking for it, with what happened to it since', async () => {
    const jobs = kept.add(new JobsState(connection, feed));
    const client = await connection.client();
    const job = await submitted(client);
    assert.equal((await jobs.find(job.name, job)).name, job.name);
    assert.equal(gets(job.name), 0);
    // Another one ends while nothing shows it.
    const other = await submitted(client);
    jobs.setFilter({ search: 'nothing' });
    const heard = first(feed.onDidChangeJob, ({ name }) => name === other.name);
    await others.cancelJob(other.name);
    await heard;
    const caughtUp = first(feed.onDidChangeJob, ({ name, job }) => name === other.name && job?.properties.status === 'Canceled');
    const node = await jobs.find(other.name, other);
    await caughtUp;
    assert.equal(node.job.properties.status, 'Canceled');
  });

  /** Waits until what is shown meets a test: each change may have been the one. */
  const until = async (jobs: JobsState, test: () => unknown): Promise<void> => {
    for (;;) {
      const changed = first(jobs.onDidChange);
      if (await test()) return;
      await changed;
    }
  };
  const experimentOf = async (jobs: JobsState, name: string) =>
    (await jobs.roots()).find((node): node is ExperimentNode => node.kind === 'experiment' && node.name === name);
  const names = (nodes: readonly JobsNode[]) => nodes.map((node) => (node.kind === 'more' ? 'more' : node.name));

  it('has the key metrics and parameters of the jobs of a list by two requests, and follows them while somebody watches', async () => {
    const post = <T>(path: string, body: object) => others.http.json<T>('POST', `/api/2.0/mlflow/${path}`, body);
    const { experiment_id } = await post<{ experiment_id: string }>('experiments/create', { name: 'figures' });
    const made: string[] = [];
    for (const lr of ['0.1', '0.2', '0.2']) {
      const { run } = await post<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id, run_name: `lr ${lr}` });
      made.push(run.info.run_id);
      await post('runs/log-parameter', { run_id: run.info.run_id, key: 'lr', value: lr });
    }
    let step = 0;
    const log = (run: string, values: Record<string, number>) => {
      step++;
      const metrics = Object.entries(values).map(([key, value]) => ({ key, value, step, timestamp: Date.now() }));
      return post('runs/log-batch', { run_id: run, metrics });
    };
    await log(made[0]!, { speed: 7, acc: 0.5, 'system/cpu_utilization_percentage': 90 });
    await log(made[1]!, { acc: 0.25 });

    const jobs = kept.add(new JobsState(connection, feed));
    const nodes = (await jobs.childrenOf((await experimentOf(jobs, 'figures'))!)) as JobNode[];
    assert.equal(asked.filter((request) => request.startsWith('POST /updraft/runs/')).length, 2);
    assert.deepEqual(jobs.figuresOf(made[0]!), {
      metrics: [
        ['acc', 0.5],
        ['speed', 7],
      ],
      params: { lr: '0.1' },
    });
    assert.deepEqual(jobs.figuresOf(made[2]!), { metrics: [], params: { lr: '0.2' } });
    assert.deepEqual(
      nodes.map((node) => changedParams(node.job, jobs.siblingsOf(node), (name) => jobs.figuresOf(name))),
      [[['lr', '0.2']], [['lr', '0.2']], [['lr', '0.1']]],
    );

    jobs.figures.watch(true);
    // A metric that nobody had logged before is among those that are asked for then.
    await log(made[2]!, { loss: 3 });
    await until(jobs, () => jobs.figuresOf(made[2]!)?.metrics.length === 1);
    assert.deepEqual(jobs.figuresOf(made[2]!)?.metrics, [['loss', 3]]);
    await log(made[2]!, { loss: 2 });
    await until(jobs, () => jobs.figuresOf(made[2]!)?.metrics[0]?.[1] === 2);
    // What was logged while nobody watched is there when somebody does again, though no request is made meanwhile.
    jobs.figures.watch(false);
    await log(made[1]!, { acc: 0.75 });
    jobs.figures.watch(true);
    await until(jobs, () => jobs.figuresOf(made[1]!)?.metrics[0]?.[1] === 0.75);
  });

  it('shows a job that was submitted elsewhere and all that becomes of it, without being asked', async () => {
    const jobs = kept.add(new JobsState(connection, feed));
    await jobs.roots();
    const name = newName();
    const experimentName = `of ${name}`;
    await others.putJob(name, { ...definition(), experimentName });
    await until(jobs, () => experimentOf(jobs, experimentName));
    const [node] = (await jobs.childrenOf((await experimentOf(jobs, experimentName))!)) as JobNode[];
    const is = (test: (job: Job['properties']) => unknown) => until(jobs, () => test(node!.job.properties));
    await is(({ status }) => status === 'Queued');
    await others.patchJob(name, { displayName: 'renamed' });
    await is(({ displayName }) => displayName === 'renamed');
    await others.patchJob(name, { tags: { team: 'blue' } });
    await is(({ tags }) => tags?.team === 'blue');
    await others.cancelJob(name);
    await is(({ status }) => status === 'Canceled');
    await others.patchJob(name, { isArchived: true });
    await until(jobs, async () => !(await experimentOf(jobs, experimentName)));
    jobs.setFilter({ archived: true, search: name });
    assert.deepEqual(names(await jobs.roots()), [name]);
    await others.patchJob(name, { isArchived: false });
    await until(jobs, async () => (await jobs.roots()).length === 0);
    jobs.setFilter({});
    assert.deepEqual(names(await jobs.childrenOf((await experimentOf(jobs, experimentName))!)), [name]);
    await others.deleteJob(name);
    await until(jobs, async () => !(await experimentOf(jobs, experimentName)));
  });

  it('keeps the steps of a pipeline that never had their turn', async () => {
    const jobs = kept.add(new JobsState(connection, feed));
    const data = { type: 'uri_folder' };
    const copy = {
      command: 'true',
      environment: `azureml:${environmentId}`,
      inputs: { data: { ...data, optional: true } },
      outputs: { data },
    };
    const first = { type: 'command', componentId: await component(others, 'copies', copy) };
    const second = { ...first, inputs: { data: { job_input_type: 'literal', value: '${{parent.jobs.first.outputs.data}}' } } };
    const name = newName();
    await others.putJob(name, { jobType: 'Pipeline', jobs: { first, second }, experimentName: `of ${name}` });
    await jobWhen(others, name, ({ properties }) => properties.status === 'Running');
    const node = await jobs.find(name);
    await others.cancelJob(name);
    await until(jobs, () => node.job.properties.endedAt);
    const steps = await jobs.childrenOf(node);
    assert.deepEqual(
      steps.map((each) => (each.kind === 'job' ? each.job.properties.status : each.kind === 'waiting' && each.name)),
      ['Canceled', 'second'],
    );
  });

  it('takes into a filtered list what matches, also what comes later', async () => {
    const jobs = kept.add(new JobsState(connection, feed));
    const [blue, red, later] = [newName(), newName(), newName()];
    await others.putJob(blue, { ...definition(), displayName: 'filtered', tags: { team: 'blue' } });
    await others.putJob(red, { ...definition(), displayName: 'filtered', tags: { team: 'red' } });
    jobs.setFilter({ search: 'FILTERED', tag: 'team=blue' });
    assert.deepEqual(names(await jobs.roots()), [blue]);
    await others.putJob(newName(), { ...definition(), displayName: 'filtered' });
    await others.putJob(later, { ...definition(), displayName: 'filtered', tags: { team: 'blue' } });
    await until(jobs, async () => (await jobs.roots()).length > 1);
    assert.deepEqual(names(await jobs.roots()), [later, blue]);
    await others.cancelJob(red);
    jobs.setFilter({ search: 'filtered', status: ['Canceled'] });
    assert.deepEqual(names(await jobs.roots()), [red]);
  });

  it('lists experiments by their newest job, without those that have none to show', async () => {
    const jobs = kept.add(new JobsState(connection, feed));
    const [older, newer, archived] = ['older', 'newer', 'archived'].map((each) => `${each} ${newName()}`) as [string, string, string];
    const submit = async (experimentName: string) => others.putJob(newName(), { ...definition(), experimentName });
    const mine = async () =>
      (await jobs.roots()).flatMap((node) =>
        node.kind === 'experiment' && [older, newer, archived].includes(node.name) ? [node.name] : [],
      );
    await submit(older);
    const hidden = await submit(archived);
    await others.patchJob(hidden.name, { isArchived: true });
    const second = await submit(newer);
    assert.deepEqual(await mine(), [newer, older]);
    // In either way it gets to the top: by what is heard, and by what this window has made.
    await submit(older);
    await until(jobs, async () => (await mine())[0] === older);
    const made = await (await connection.client()).putJob(newName(), { ...definition(), experimentName: newer });
    await jobs.find(made.name, made);
    assert.deepEqual(await mine(), [newer, older]);
    await submit(older);
    await until(jobs, async () => (await mine())[0] === older);
    // What happens to an old job does not.
    await others.cancelJob(second.name);
    await first(feed.onDidChangeJob, ({ name, job }) => name === second.name && job?.properties.status === 'Canceled');
    assert.deepEqual(await mine(), [older, newer]);
    jobs.reload();
    assert.deepEqual(await mine(), [older, newer]);
  });

  it('knows in which experiments jobs are going on', async () => {
    const active = kept.add(new ActiveJobs(connection, feed, () => {}));
    const experimentName = `busy ${newName()}`;
    const { name } = await others.putJob(newName(), { ...definition(), experimentName });
    await connection.client();
    await active.isTried;
    assert.deepEqual([active.isIn(experimentName), active.isIn('idle')], [true, false]);
    const changed = first(active.onDidChange);
    await others.cancelJob(name);
    await changed;
    assert.equal(active.isIn(experimentName), false);
  });

  it('knows the newest job that is going on from a file', async () => {
    const active = kept.add(new ActiveJobs(connection, feed, () => {}));
    const file = `/work/${newName()}.yml`;
    const from = { ...definition(), properties: { [jobProperty.submittedFile]: file } };
    const older = await others.putJob(newName(), from);
    await connection.client();
    await active.isTried;
    assert.deepEqual([active.files.includes(file), active.jobOf(file), active.jobOf('/elsewhere')], [true, older.name, undefined]);
    const changed = first(active.onDidChange);
    const newer = await others.putJob(newName(), from);
    await changed;
    assert.equal(active.jobOf(file), newer.name);
  });

  it('reads a long list page by page', async () => {
    const experimentName = `many ${newName()}`;
    const all = Array.from({ length: 120 }, newName);
    for (const name of all) await others.putJob(name, { ...definition(), experimentName });
    const jobs = kept.add(new JobsState(connection, feed));
    const experiment = (await experimentOf(jobs, experimentName))!;
    const newest = all.toReversed();
    const page = await jobs.childrenOf(experiment);
    assert.deepEqual(names(page), [...newest.slice(0, 100), 'more']);
    await jobs.loadMore(page.at(-1) as MoreNode);
    assert.deepEqual(names(await jobs.childrenOf(experiment)), newest);
  });

  it('tells each of two windows what the other does', async () => {
    const second = kept.add(connect());
    const secondFeed = kept.add(new JobFeed(second));
    const jobs = kept.add(new JobsState(second, secondFeed));
    const active = kept.add(new ActiveJobs(second, secondFeed, () => {}));
    const counted = first(active.onDidChange);
    await second.client();
    await counted;
    await jobs.roots();
    const before = active.count;
    const name = newName();
    const client = await connection.client();
    let changed = first(active.onDidChange);
    await client.putJob(name, { ...definition(), experimentName: `of ${name}` });
    await until(jobs, () => experimentOf(jobs, `of ${name}`));
    await changed;
    assert.equal(active.count, before + 1);
    assert.ok((await others.status()).clients >= 2);
    changed = first(active.onDidChange);
    const told = first(feed.onDidChangeJob, (news) => news.name === name && news.job?.properties.status === 'Canceled');
    await (await second.client()).cancelJob(name);
    await told;
    await changed;
    assert.equal(active.count, before);
  });

  it('counts the jobs that have not ended, though the first try fails', async () => {
    onRequest = failing(/GET .*\/jobs$/, 2);
    const errors: unknown[] = [];
    const active = kept.add(new ActiveJobs(connection, feed, (error) => errors.push(error)));
    const { name } = await submitted();
    const counted = first(active.onDidChange);
    await connection.client();
    await counted;
    assert.equal(errors.length, 1);
    const before = active.count;
    assert.ok(before >= 1);
    const changed = first(active.onDidChange);
    await others.cancelJob(name);
    await changed;
    assert.equal(active.count, before - 1);
  });

  it('counts a job that was submitted while the list was on the way', async () => {
    const late = Promise.withResolvers<void>();
    const listed = Promise.withResolvers<void>();
    onAnswer = (request) => {
      if (!/GET .*\/jobs$/.test(request)) return undefined;
      listed.resolve();
      return late.promise;
    };
    const active = kept.add(new ActiveJobs(connection, feed, () => {}));
    const client = await connection.client();
    await listed.promise;
    const { name } = await submitted(client);
    const looked = first(feed.onDidChangeJob, (news) => news.name === name);
    late.resolve();
    await looked;
    const total = active.count;
    const changed = first(active.onDidChange);
    await client.cancelJob(name);
    await changed;
    assert.equal(active.count, total - 1);
  });

  it('gives its notice of each started job, whatever fails and however fast the job was', async () => {
    let names: readonly string[] = [];
    const start = () => kept.add(new StartedJobs(connection, feed, { read: () => names, write: (now) => (names = now) }, () => {}));
    let started = start();
    const client = await connection.client();
    const job = await submitted(client);
    // It has ended before anybody knows that it was started here.
    const heard = first(feed.onDidChangeJob, (news) => news.job?.properties.status === 'Canceled');
    await others.cancelJob(job.name);
    await heard;
    const told = first(started.onDidEnd);
    started.add(job);
    assert.equal((await told).name, job.name);
    assert.deepEqual(names, []);
    // A reload of the window; meanwhile one job ends and one goes.
    const [ends, goes] = [await submitted(), await submitted()];
    names = [ends.name, goes.name];
    started.dispose();
    feed.dispose();
    connection.dispose();
    await others.cancelJob(ends.name);
    await others.cancelJob(goes.name);
    await others.deleteJob(goes.name);
    onRequest = failing(/\/jobs\/job_/, 3);
    connection = kept.add(connect());
    feed = kept.add(new JobFeed(connection));
    started = start();
    const gone = first(feed.onDidChangeJob, ({ name }) => name === goes.name);
    const ended = first(started.onDidEnd);
    await connection.client();
    assert.equal((await ended).name, ends.name);
    await gone;
    assert.deepEqual(names, []);
  });

  it('shows new versions and new assets, though requests fail', async () => {
    const state = kept.add(new AssetsState('data', connection));
    const put = (name: string, version: string) =>
      others.putAsset('data', name, version, { dataType: 'uri_file', dataUri: 'azureml://datastores/workspaceblobstore/paths/x' });
    await put('known', '1');
    const [node] = (await state.roots()) as AssetNode[];
    onRequest = failing(/\/data\/known$/, 2);
    const changed = first(state.onDidChange, (each) => each === node);
    await put('known', '2');
    await changed;
    assert.equal(node!.container.properties.latestVersion, '2');
    // Also one that comes while the first list is on its way.
    state.reload();
    const late = Promise.withResolvers<void>();
    const listed = Promise.withResolvers<void>();
    onAnswer = (request) => {
      if (!request.endsWith('/data')) return undefined;
      listed.resolve();
      return late.promise;
    };
    const roots = state.roots();
    await listed.promise;
    const reloaded = first(state.onDidChange, (each) => each === undefined);
    await put('newcomer', '1');
    await reloaded;
    late.resolve();
    await roots;
    assert.deepEqual((await state.roots()).map((each) => 'name' in each && each.name).sort(), ['known', 'newcomer']);
  });

  it('reads on in a log that grew while the plane was away', async () => {
    const { name } = await submitted();
    const logs = kept.add(new JobLogs(connection));
    const append = (offset: number, text: string) => others.appendLog(name, 'user_logs/std_log.txt', offset, Buffer.from(text));
    await append(0, 'one\n');
    logs.watch(name);
    assert.equal((await logs.read(name)).text, 'one\n');
    onRequest = failing(/\/logs\//, 2);
    const grown = first(logs.onDidGrow);
    await append(4, 'two\n');
    assert.equal(await grown, name);
    assert.equal((await logs.read(name)).text, 'one\ntwo\n');
    assert.equal(asked.filter((request) => /^GET .*\/logs\//.test(request)).length, 5);
  });

  it('shows an error in a tree until the children can be read, and then says so', async () => {
    const jobs = kept.add(new JobsState(connection, feed));
    await submitted();
    await connection.client();
    onRequest = failing(/experiments\/search$/, 2);
    const source = { children: (node) => (node ? jobs.childrenOf(node) : jobs.roots()), onDidChange: jobs.onDidChange } as Tree<
      Awaited<ReturnType<JobsState['roots']>>[number]
    >;
    const tree = kept.add(new RetriedTree(source, connection));
    const read = first(tree.onDidChange);
    await assert.rejects(tree.children(undefined), /does not answer/);
    await read;
    assert.ok((await tree.children(undefined)).length > 0);
  });

  it('reads everything again when another plane takes the place of the first', async () => {
    const other = await startPlane({ withRunner: false });
    try {
      await others.putJob('only_here', definition());
      await shellEnvironment(other.client);
      await other.client.putJob('only_there', definition());
      let current = plane;
      const connection = kept.add(connect(() => current));
      const feed = kept.add(new JobFeed(connection));
      const jobs = kept.add(new JobsState(connection, feed));
      jobs.setFilter({ search: 'only_' });
      const names = async () => ((await jobs.roots()) as JobNode[]).map(({ name }) => name);
      assert.deepEqual(await names(), ['only_here']);
      current = other;
      const reset = first(connection.onDidReset);
      // The feed breaks.
      await closeFeeds(plane);
      await reset;
      assert.deepEqual(await names(), ['only_there']);
      const heard = first(feed.onDidChangeJob);
      await other.client.patchJob('only_there', { displayName: 'x' });
      assert.equal(((await heard) as JobNews).name, 'only_there');
    } finally {
      await other.remove();
    }
  });

  /** Ends the plane, which is started again on the same folder: its readers are cut off. */
  async function closeFeeds(cut: TestPlane): Promise<void> {
    await cut.stop();
    await settle();
    plane = await startPlane({ withRunner: false }, cut.folder);
    others = plane.client;
  }
});
