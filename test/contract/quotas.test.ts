import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import { type JobProperties, jobProperty } from '../../src/protocol/job.ts';
import type { QuotaView } from '../../src/protocol/quota.ts';
import type { Runner } from '../../src/runner/runner.ts';
import { dayMs } from '../../src/store/queue.ts';
import { component, jobWhen, logOf, shellEnvironment } from './plane.ts';
import { runnerElsewhere } from './runnerElsewhere.ts';
import { SetClock } from './setClock.ts';
import { startTeam, type TeamPlane } from './team.ts';

const workspace = 'vision';
const ref = { ...defaultWorkspace, workspace };
const quotas = `${workspacePath(ref)}/quotas`;
const [ann, bob] = ['ann@example.org', 'bob@example.org'];
const hour = 3_600_000;

describe('quotas', () => {
  let plane: TeamPlane;
  let clock: SetClock;
  let environmentId: string;
  let runners: Runner[];
  const clients = new Map<string, PlaneClient>();
  let owner: PlaneClient;
  beforeEach(async () => {
    clock = new SetClock(new Date().toISOString());
    plane = await startTeam(undefined, clock);
    runners = [];
    await plane.makeWorkspace(workspace);
    owner = new PlaneClient({ url: plane.url, token: plane.token }, ref);
    for (const [name, role] of [
      [ann, 'AzureML Data Scientist'],
      [bob, 'AzureML Data Scientist'],
      ['rita@example.org', 'Reader'],
    ] as const)
      clients.set(name, new PlaneClient({ url: plane.url, token: (await plane.add(name, role, workspace)).token.token }, ref));
    environmentId = await shellEnvironment(owner);
  });
  afterEach(async () => {
    await Promise.all(runners.map((each) => each.dispose()));
    await plane.remove();
  });

  const put = (who: string, name: string, more: Partial<JobProperties> = {}) =>
    clients.get(who)!.putJob(name, { jobType: 'Command', environmentId, command: 'true', ...more } as JobProperties);
  const set = async (name: string, properties: object): Promise<QuotaView> => {
    const { status, body, text } = await plane.send('PUT', `${quotas}/${encodeURIComponent(name)}`, { properties });
    assert.equal(status, 200, text);
    return body;
  };
  const viewOf = async (name: string): Promise<QuotaView> => (await plane.send('GET', `${quotas}/${encodeURIComponent(name)}`)).body;
  const claim = (runnerId: string, holds: string[] = [], more: object = {}) =>
    owner.claimJobs({ runnerId, computes: [], others: true, room: 20, holds, ...more });
  const namesOf = ({ jobs }: Awaited<ReturnType<typeof claim>>) => jobs.map(({ name }) => name);
  const progressOf = async (name: string, who = ann) => (await clients.get(who)!.getJob(name)).properties.progress;
  const runner = (more: object = {}): Runner => {
    const made = runnerElsewhere(plane, `runner${runners.length}`, { client: owner, ...more });
    runners.push(made);
    return made;
  };
  /** A command that says that it runs, and ends when it is let. */
  const held = (name: string) =>
    `echo on >> ${path.join(plane.folder, `${name}.on`)}; until [ -e ${path.join(plane.folder, `${name}.go`)} ]; do sleep 0.05; done`;
  const go = (name: string) => writeFileSync(path.join(plane.folder, `${name}.go`), '');
  const ended = async (name: string, status = 'Completed') => {
    const { properties } = await jobWhen(owner, name);
    assert.equal(properties.status, status, JSON.stringify(properties.error));
  };

  it('let jobs wait that would be too many at once, of a person and of all, and they say so', async () => {
    await set('default', { jobsAtOnce: 2 });
    await set(bob, { jobsAtOnce: 1 });
    for (const name of ['a1', 'a2', 'a3']) await put(ann, name);
    for (const name of ['b1', 'b2']) await put(bob, name);
    assert.deepEqual(namesOf(await claim('one')), ['a1', 'b1', 'a2']);
    assert.deepEqual(namesOf(await claim('two')), []);
    assert.equal(await progressOf('a3'), 'Waits for your quota: 2 of 2 of your jobs run.');
    assert.equal(await progressOf('b2'), "Waits for bob@example.org's quota: 1 of 1 of bob@example.org's jobs run.");

    await owner.reportJob('a1', { runnerId: 'one', status: 'Completed' });
    assert.deepEqual(namesOf(await claim('two')), ['a3']);
    await set('workspace', { jobsAtOnce: 3 });
    await set(bob, { jobsAtOnce: 5 });
    assert.equal(await progressOf('b2', bob), 'Waits for the quota of the workspace: 3 of 3 jobs run.');
    assert.deepEqual(namesOf(await claim('three')), []);
    assert.equal((await plane.send('DELETE', `${quotas}/workspace`)).status, 200);
    assert.deepEqual(namesOf(await claim('three')), ['b2']);
    const { properties } = await viewOf(bob);
    assert.deepEqual([properties.limits, properties.used!.jobsAtOnce], [{ jobsAtOnce: 5 }, 2]);
  });

  it('refuse jobs when the hours are used up, kill nothing that runs, and count anew when the window has passed', async () => {
    await set(ann, { runningHours: 2, windowDays: 7 });
    const start = Date.now() - 3 * hour;
    await put(ann, 'long');
    await claim('one');
    await owner.reportJob('long', { runnerId: 'one', status: 'Running', startedAt: start });
    // What runs counts, too.
    await assert.rejects(put(ann, 'more'), (error: { code: string; message: string }) => {
      assert.equal(error.code, 'QuotaExceeded');
      assert.match(error.message, /^The quota of ann@example\.org is used up: 3(\.\d+)? of 2 running hours within 7 days\.$/);
      return true;
    });
    // Nor does it help to call it a step.
    await assert.rejects(put(ann, 'more', { parentJobName: 'long' }), { code: 'QuotaExceeded' });
    await put(bob, 'theirs');
    assert.equal((await owner.getJob('long')).properties.status, 'Running');
    await owner.reportJob('long', { runnerId: 'one', status: 'Completed' });
    assert.ok(Math.abs((await viewOf(ann)).properties.used!.runningHours - 3) < 0.1);
    await assert.rejects(put(ann, 'more'), { code: 'QuotaExceeded' });
    clock.set(clock.now() + 8 * dayMs);
    assert.equal((await viewOf(ann)).properties.used!.runningHours, 0);
    await put(ann, 'more');
  });

  it('count steps and trials for who submitted the whole', async () => {
    runner({ maxParallelJobs: 2 });
    await put(ann, 'flow', {
      jobType: 'Pipeline',
      jobs: {
        first: {
          type: 'command',
          componentId: await component(owner, 'first', { command: 'echo 1', environment: `azureml:${environmentId}` }),
        },
      },
    } as never);
    await ended('flow');
    const [step] = (await owner.listJobs({ parent: 'flow' })).value;
    assert.equal((step as { systemData?: { createdBy?: string } }).systemData?.createdBy, ann);
    assert.ok((await viewOf(ann)).properties.used!.runningHours > 0);
  });

  it('refuse what would be more storage, also of several uploads at once, and jobs when it is used up', async () => {
    await put(ann, 'writes');
    const { tokens } = await claim('one');
    const upload = (name: string, size: number, token = tokens.writes!) =>
      fetch(`${plane.url}/api/2.0/mlflow-artifacts/artifacts/0/writes/artifacts/${name}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, connection: 'close', 'x-mlflow-workspace': workspace },
        body: new Uint8Array(size),
      });
    await set(ann, { storageGb: 0.0001 });
    const statuses = await Promise.all(Array.from({ length: 8 }, async (_, index) => (await upload(`f${index}`, 40_000)).status));
    assert.deepEqual(statuses.toSorted(), [200, 200, 403, 403, 403, 403, 403, 403]);
    const refused = await (await upload('more', 40_000)).json();
    assert.equal(refused.error_code, 'QUOTA_EXCEEDED');
    assert.match(
      refused.message,
      /^The storage quota of the jobs of ann@example\.org has no room for 0\.00004 GB: 0\.00008 GB of 0\.0001 GB are used\.$/,
    );
    // What takes no more room than before is no more.
    const kept = statuses.indexOf(200);
    assert.equal((await upload(`f${kept}`, 100)).status, 200);
    assert.equal((await upload('fits', 59_900)).status, 200);
    assert.equal((await viewOf(ann)).properties.used!.storageGb, 0.0001);
    await assert.rejects(put(ann, 'more'), /0 of 0\.0001 GB|of storage/);
    await put(bob, 'theirs');
    // The job that runs is not touched; what it takes away is free again.
    assert.equal((await owner.getJob('writes')).properties.status, 'Queued');
    await owner.reportJob('writes', { runnerId: 'one', status: 'Completed' });
    await owner.deleteJob('writes');
    assert.equal((await viewOf(ann)).properties.used!.storageGb, 0);
    await put(ann, 'more');

    await set('workspace', { storageGb: 0.00001 });
    const blob = (size: number) =>
      plane.send('PUT', '/updraft/blobs/azureml-blobstore/x/data', 'x'.repeat(size), { 'x-mlflow-workspace': workspace });
    assert.equal((await blob(20_000)).status, 403);
    assert.equal((await blob(100)).status, 201);
  });

  it('are an Owner’s to set, and everybody’s who may read to see; nonsense is refused', async () => {
    const [reader, scientist] = ['rita@example.org', ann].map((name) => clients.get(name)!.http);
    assert.equal((await reader!.json<{ value: QuotaView[] }>('GET', quotas)).value.length, 2);
    for (const http of [reader!, scientist!])
      await assert.rejects(http.json('PUT', `${quotas}/default`, { properties: { jobsAtOnce: 9 } }), { code: 'AuthorizationFailed' });
    for (const properties of [
      {},
      { windowDays: 3 },
      { jobsAtOnce: -1 },
      { jobsAtOnce: 1.5 },
      { storageGb: 'much' },
      { gpus: 3 },
      { runningHours: 1, windowDays: 0 },
    ]) {
      const { status, text } = await plane.send('PUT', `${quotas}/default`, { properties });
      assert.equal(status, 400, text);
      assert.doesNotMatch(text, /\bat .*\.ts/);
    }
    const nobody = await plane.send('PUT', `${quotas}/nobody%40example.org`, { properties: { jobsAtOnce: 1 } });
    assert.equal(nobody.status, 404);
    assert.match(nobody.text, /Nobody here is called/);
    assert.equal((await set('ANN@example.org', { jobsAtOnce: 1 })).name, ann);
  });

  it('share what there is between people, and keep the order of one person’s jobs by tier and priority', async () => {
    for (const name of ['a1', 'a2', 'a3', 'a4']) await put(ann, name);
    await put(ann, 'a5', { queueSettings: { jobTier: 'Premium' } } as never);
    await put(ann, 'a6', { queueSettings: { jobTier: 'Standard', priority: 3 } } as never);
    await put(bob, 'b1');
    await put(bob, 'b2', { queueSettings: { jobTier: 'Spot' } } as never);
    await put(bob, 'b3');
    assert.equal(await progressOf('a4'), 'Waits for a runner: this control plane has none of its own.');
    assert.deepEqual(namesOf(await claim('one', [], { room: 4 })), ['a5', 'b1', 'a6', 'b3']);
    assert.equal(await progressOf('a4'), 'Waits for room: 7 jobs are before it, and 1 other person waits too.');
    // Who has run for long comes after who has not.
    await owner.reportJob('b1', { runnerId: 'one', status: 'Running', startedAt: Date.now() - hour });
    assert.deepEqual(namesOf(await claim('two', [], { room: 3 })), ['a1', 'a2', 'a3']);
  });

  it('a runner of a team takes one job ahead of its places, so that who comes later is not behind all others', async () => {
    for (let n = 1; n <= 5; n++) await put(ann, `a${n}`, { command: held(`a${n}`) });
    runner({ maxParallelJobs: 1 });
    await jobWhen(owner, 'a1', ({ properties }) => properties.status === 'Running');
    await jobWhen(owner, 'a2', ({ properties }) => /^Waits for a slot/.test(properties.progress ?? ''));
    await put(bob, 'b1', { command: held('b1') });
    go('a1');
    await jobWhen(owner, 'a2', ({ properties }) => properties.status === 'Running');
    go('a2');
    await jobWhen(owner, 'b1', ({ properties }) => properties.status === 'Running');
    assert.equal((await owner.getJob('a3')).properties.status, 'Queued');
    for (const name of ['b1', 'a3', 'a4', 'a5']) go(name);
    await ended('a5');
  });

  it('a spot job gives way to one of a higher tier: it is asked to end, queued again, runs anew, and its log says why', async () => {
    const [marks, stopped] = ['marks', 'stopped'].map((name) => path.join(plane.folder, name));
    await put(bob, 'cheap', {
      command: `trap 'echo asked >> ${stopped}; exit 3' TERM; echo begun >> ${marks}; ${held('cheap')}`,
      queueSettings: { jobTier: 'Spot' },
    } as never);
    runner({ maxParallelJobs: 1 });
    await jobWhen(owner, 'cheap', ({ properties }) => properties.status === 'Running');
    await put(ann, 'urgent', { command: held('urgent') });
    await jobWhen(owner, 'urgent', ({ properties }) => properties.status === 'Running');
    assert.equal(readFileSync(stopped!, 'utf8'), 'asked\n');
    const again = await jobWhen(owner, 'cheap', ({ properties }) => properties.properties?.[jobProperty.gaveWay] === '1');
    assert.notEqual(again.properties.status, 'Canceled');
    go('urgent');
    go('cheap');
    await ended('urgent');
    await ended('cheap');
    assert.equal(readFileSync(marks!, 'utf8'), 'begun\nbegun\n');
    assert.match(await logOf(owner, 'cheap'), /gave way to urgent, a job of a higher tier that waited for its place/);
    assert.equal((await owner.getJob('cheap')).properties.properties?.[jobProperty.givesWayTo], undefined);
  });

  it('a job that is no spot job never gives way, and a spot job to none of its own tier', async () => {
    await put(bob, 'plain', { command: held('plain'), queueSettings: { jobTier: 'Basic', priority: 1 } } as never);
    const mine = await claim('one', [], { places: 1 });
    assert.deepEqual(namesOf(mine), ['plain']);
    await owner.reportJob('plain', { runnerId: 'one', status: 'Running' });
    await put(ann, 'premium', { queueSettings: { jobTier: 'Premium' } } as never);
    assert.deepEqual(namesOf(await claim('one', ['plain'], { places: 1 })), ['premium']);
    const asked = await claim('one', ['plain', 'premium'], { places: 1, ready: ['premium'] });
    assert.equal(asked.givesWay, undefined);
    await put(ann, 'spot', { queueSettings: { jobTier: 'Spot' } } as never);
    await put(ann, 'spot_too', { queueSettings: { jobTier: 'Spot' } } as never);
    assert.deepEqual(namesOf(await claim('two', [], { places: 1 })), ['spot', 'spot_too']);
    await owner.reportJob('spot', { runnerId: 'two', status: 'Running' });
    assert.equal((await claim('two', ['spot', 'spot_too'], { places: 1, ready: ['spot_too'] })).givesWay, undefined);
    // One that was only made ready is handed back for a job that no runner has yet.
    await put(bob, 'other');
    const swapped = await claim('two', ['spot', 'spot_too'], { places: 1, ready: ['spot_too'] });
    assert.deepEqual([namesOf(swapped), swapped.givesWay], [['other'], { spot_too: 'other' }]);
    await owner.reportJob('spot_too', { runnerId: 'two', status: 'Queued' });
    const next = await claim('two', ['spot', 'other'], { places: 1, ready: ['other'] });
    assert.deepEqual([namesOf(next), next.givesWay], [[], { spot: 'other' }]);
    const repeated = await claim('two', ['spot', 'other'], { places: 1, ready: ['other'] });
    assert.deepEqual(repeated.givesWay, { spot: 'other' });
    // Only what was asked to may be handed back.
    await assert.rejects(owner.reportJob('plain', { runnerId: 'one', status: 'Queued' }), { code: 'InvalidTransition' });
  });

  it('are told by the feed: a job that waits is news when what it waits for is another', async () => {
    await set('default', { jobsAtOnce: 1 });
    await put(ann, 'a1');
    await put(ann, 'a2');
    assert.deepEqual(namesOf(await claim('one')), ['a1']);
    clock.set(clock.now() + 3000);
    const { seq } = await owner.status();
    await owner.reportJob('a1', { runnerId: 'one', status: 'Completed' });
    const { ChangeStream } = await import('../../src/client/feed/changeStream.ts');
    const { id } = await owner.status();
    const changes = new ChangeStream(owner.http, { since: { plane: id, seq } });
    const told = new Promise<void>((resolve) => changes.onDidChange(({ kind, id: job }) => kind === 'job' && job === 'a2' && resolve()));
    await changes.settled;
    clock.set(clock.now() + 3000);
    await told;
    changes.dispose();
  });
});
