import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { workspacePath } from '../../src/protocol/arm.ts';
import { jobProperty } from '../../src/protocol/job.ts';
import { leaseMs } from '../../src/server/leases/lease.ts';
import { withRetries } from '../../src/transfer/withRetries.ts';
import { component, jobWhen, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { runnerElsewhere } from './runnerElsewhere.ts';
import { SetClock } from './setClock.ts';

describe('leases', () => {
  let plane: TestPlane;
  let clock: SetClock;
  let environmentId: string;
  let start: number;
  beforeEach(async () => {
    clock = new SetClock('2027-01-01T00:00:00Z');
    start = clock.now();
    plane = await startPlane({ withRunner: false }, undefined, undefined, clock);
    environmentId = await shellEnvironment(plane.client);
  });
  afterEach(() => plane.remove());

  const put = (name: string, more: object = {}) =>
    plane.client.putJob(name, { jobType: 'Command', environmentId, command: 'true', ...more });
  const claim = (runnerId: string, holds: string[] = [], room = 10) =>
    plane.client.claimJobs({ runnerId, computes: [], others: true, room, holds });
  const namesOf = ({ jobs }: Awaited<ReturnType<typeof claim>>) => jobs.map(({ name }) => name);
  const statusOf = async (name: string) => (await plane.client.getJob(name)).properties.status;

  it('give each job to one runner, the oldest first, at most what it has room for', async () => {
    for (const name of ['a', 'b', 'c']) await put(name);
    assert.deepEqual(namesOf(await claim('one', [], 2)), ['a', 'b']);
    assert.deepEqual(namesOf(await claim('two', [], 2)), ['c']);
    assert.deepEqual(namesOf(await claim('two', ['c'], 2)), []);
  });

  it('tell a runner again what it does not know that it has', async () => {
    await put('a');
    await claim('one');
    assert.deepEqual(namesOf(await claim('one', [], 0)), ['a'], 'its answer was lost, or it was started anew');
    assert.deepEqual(await claim('one', ['a', 'never its own'], 0), {
      jobs: [],
      tokens: {},
      lost: ['never its own'],
      canceled: [],
      heartbeatMs: leaseMs / 3,
    });
    await plane.client.reportJob('a', { runnerId: 'one', status: 'Running' });
    await plane.client.cancelJob('a');
    assert.deepEqual((await claim('one', ['a'], 0)).canceled, ['a']);
  });

  it('end when a runner is not heard of: what ran has failed, what did not waits for the next one', async () => {
    await put('ran');
    await put('waited');
    await claim('gone');
    await plane.client.reportJob('ran', { runnerId: 'gone', status: 'Running' });
    clock.set(start + leaseMs);
    const { properties } = await jobWhen(plane.client, 'ran');
    assert.equal(properties.status, 'Failed');
    assert.match(properties.error!.message, /not heard of for 1 min 0 s/);
    await jobWhen(plane.client, 'waited', (job) => job.properties.progress !== undefined);
    assert.deepEqual(namesOf(await claim('next')), ['waited']);
    // The one that was gone has nothing to say any more.
    for (const name of ['ran', 'waited'])
      await assert.rejects(plane.client.reportJob(name, { runnerId: 'gone', status: 'Completed' }), { code: 'Conflict' });
    assert.deepEqual((await claim('gone', ['ran', 'waited'])).lost, ['ran', 'waited']);
  });

  it('have a token each: the one of a claim that is lost opens nothing any more', async () => {
    const mlflow = '/api/2.0/mlflow/runs/log-metric';
    const datastore = `${workspacePath(plane.client.workspace)}/datastores/workspaceblobstore`;
    const point = { run_id: 'a', key: 'loss', value: 1, timestamp: 1 };
    const send = (method: string, to: string, token: string, body?: object, headers: Record<string, string> = {}) =>
      fetch(`${plane.url}${to}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close', ...headers },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    /** The quick way, the ordinary one, and any reading. */
    const answers = (token: string) =>
      Promise.all([
        send('POST', mlflow, token, point),
        send('POST', mlflow, token, point, { 'x-mlflow-workspace': 'local' }),
        send('GET', '/status', token),
      ]);
    const statuses = async (token: string) => (await answers(token)).map(({ status }) => status);
    const good = [200, 200, 200];
    const refused = [401, 401, 401];
    /** Puts a blob by what the job has signed. */
    const put = async (sasToken: string, name: string) =>
      (
        await fetch(`${plane.url}/azureml-blobstore/${name}?${sasToken}`, {
          method: 'PUT',
          headers: { 'x-ms-blob-type': 'BlockBlob', connection: 'close' },
          body: 'x',
        })
      ).status;
    const signed = async (token: string) =>
      (await (await send('POST', `${datastore}/listSecrets?api-version=2024-10-01-preview`, token, {})).json()).sasToken as string;

    await plane.client.putJob('a', { jobType: 'Command', environmentId, command: 'true' });
    const first = (await claim('one')).tokens.a!;
    assert.deepEqual(await statuses(first), good);
    const sas = await signed(first);
    assert.equal(await put(sas, 'first'), 201);
    clock.set(start + leaseMs / 2);
    await claim('one', ['a']);
    assert.equal((await claim('one')).tokens.a, first, 'a runner that is started anew has the same claim');
    assert.deepEqual(await statuses(first), good);

    clock.set(start + leaseMs / 2 + leaseMs);
    await jobWhen(plane.client, 'a', (job) => job.properties.progress !== undefined);
    assert.deepEqual(await statuses(first), refused, 'nobody has the job');
    // The same runner may come back: its earlier command goes on until it hears that the job was lost.
    const second = (await claim('one')).tokens.a!;
    assert.notEqual(second, first);
    for (let start = 0; start < 2; start++) {
      assert.deepEqual(await statuses(second), good);
      for (const answer of await answers(first)) {
        assert.equal(answer.status, 401);
        assert.match(await answer.text(), /The job a was taken from its runner, and this token with it/);
      }
      assert.equal(await put(sas, `late${start}`), 403);
      assert.equal(await put(await signed(second), `second${start}`), 201);
      await plane.stop();
      plane = await startPlane({ withRunner: false }, plane.folder, undefined, clock);
    }
  });

  it('that are lost while a file is being sent leave nothing of it', async () => {
    await put('a');
    const token = (await claim('one')).tokens.a!;
    const bearer = { authorization: `Bearer ${token}` };
    const secrets = `${workspacePath(plane.client.workspace)}/datastores/workspaceblobstore/listSecrets?api-version=2024-10-01-preview`;
    const { sasToken } = await (await fetch(`${plane.url}${secrets}`, { method: 'POST', headers: bearer })).json();
    const files = [
      { to: `${plane.url}/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/large.bin`, headers: bearer, status: 401 },
      { to: `${plane.url}/azureml-blobstore/large.bin?${sasToken}`, headers: { 'x-ms-blob-type': 'BlockBlob' }, status: 403 },
    ];
    const sent = await Promise.all(
      files.map(async ({ to, headers }) => {
        const sending = request(to, { method: 'PUT', headers, agent: false });
        const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
        // More than any buffer between here and there holds: when it has gone, the plane is reading it.
        await new Promise<void>((resolve, reject) =>
          sending.write(Buffer.alloc(48_000_000), (error) => (error ? reject(error) : resolve())),
        );
        return { sending, answered };
      }),
    );
    clock.set(start + leaseMs);
    await jobWhen(plane.client, 'a', (job) => job.properties.progress !== undefined);
    for (const [index, { sending, answered }] of sent.entries()) {
      sending.end('the end');
      const [response] = await answered;
      assert.equal(response.statusCode, files[index]!.status);
      assert.match(await text(response), /The job a was taken from its runner/);
    }
    assert.deepEqual(await plane.client.listBlobs('azureml', '', { recursive: true }).then(({ entries }) => entries), []);
    assert.deepEqual(await plane.client.listBlobs('azureml-blobstore', '', { recursive: true }).then(({ entries }) => entries), []);
  });

  it('last as long as the runner says that it is there', async () => {
    await put('a');
    await claim('one');
    await plane.client.reportJob('a', { runnerId: 'one', status: 'Running' });
    for (let at = start; at < start + 3 * leaseMs; at += leaseMs / 3) {
      clock.set(at);
      await claim('one', ['a'], 0);
    }
    assert.equal(await statusOf('a'), 'Running');
  });

  it('count from the start of a plane that was away', async () => {
    await put('a');
    await claim('one');
    await plane.client.reportJob('a', { runnerId: 'one', status: 'Running' });
    await plane.stop();
    clock.set(start + 100 * leaseMs);
    plane = await startPlane({ withRunner: false }, plane.folder, undefined, clock);
    clock.set(start + 101 * leaseMs - 1);
    // The connections to the plane before may be on their way out, and the plane has the same address: as a runner does, it asks again.
    assert.deepEqual((await withRetries(() => claim('one', ['a'], 0))).lost, []);
    assert.equal(await statusOf('a'), 'Running');
  });

  it('count anew after the machine of the plane slept', async () => {
    await put('a');
    await claim('one');
    await plane.client.reportJob('a', { runnerId: 'one', status: 'Running' });
    clock.set(start + 50 * leaseMs);
    assert.deepEqual((await claim('one', ['a'], 0)).lost, []);
    assert.equal(await statusOf('a'), 'Running');
  });
});

describe('computes', () => {
  let plane: TestPlane;
  let environmentId: string;
  beforeEach(async () => {
    plane = await startPlane();
    environmentId = await shellEnvironment(plane.client);
  });
  afterEach(() => plane.remove());

  /** Settles when a runner has said that it serves a compute. */
  const isKnown = async (name: string) => {
    const { id } = await plane.client.status();
    const changes = new ChangeStream(plane.client.http, { since: { plane: id, seq: 0 } });
    await new Promise<void>((resolve) => changes.onDidChange(({ kind, id }) => kind === 'compute' && id === name && resolve()));
    changes.dispose();
  };
  /** Says where it ran: the runner's folder is the parent of its job's. */
  const put = (name: string, more: object = {}) =>
    plane.client.putJob(name, {
      jobType: 'Command',
      environmentId,
      command: `pwd > ${path.join(plane.folder, `${name}.where`)}`,
      ...more,
    });
  const whereOf = (name: string) => readFileSync(path.join(plane.folder, `${name}.where`), 'utf8');

  it('of an unknown name are this machine, and what was asked for is remembered', async () => {
    await put('cloudy', { computeId: 'azureml:cpu-cluster' });
    const { properties } = await jobWhen(plane.client, 'cloudy');
    assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
    assert.equal(properties.computeId, 'azureml:cpu-cluster');
    assert.equal(properties.properties![jobProperty.ranOn], 'this-machine');
  });

  it('that a runner serves get their jobs from it alone, which wait while it is gone and say so', async () => {
    const first = runnerElsewhere(plane, 'far', { computes: ['big'] });
    await isKnown('big');
    await put('two', { computeId: 'big' });
    assert.equal((await jobWhen(plane.client, 'two')).properties.status, 'Completed');
    assert.match(whereOf('two'), /\/far\/jobs\/two\//);
    await first.dispose();

    await put('three', { computeId: 'big' });
    await put('other');
    await jobWhen(plane.client, 'other');
    const { properties } = await plane.client.getJob('three');
    assert.equal(properties.status, 'Queued');
    assert.match(
      properties.progress!,
      /^Waits for a runner of the compute big\. One was last heard of on \d{4}-\d\d-\d\d at \d\d:\d\d UTC\.$/,
    );
    assert.ok(!existsSync(path.join(plane.folder, 'three.where')));
    assert.equal((await plane.client.getCompute('big')).properties.computeType, 'VirtualMachine');

    const next = runnerElsewhere(plane, 'far', { computes: ['big'] });
    const { properties: ended } = await jobWhen(plane.client, 'three');
    assert.equal(ended.status, 'Completed', JSON.stringify(ended.error));
    assert.match(whereOf('three'), /\/far\/jobs\/three\//);
    await next.dispose();
  });

  it('give up the command of a job that another has by now', async () => {
    const [gate, marks] = [path.join(plane.folder, 'gate'), path.join(plane.folder, 'marks')];
    const first = runnerElsewhere(plane, 'far', { computes: ['big'] });
    await isKnown('big');
    await plane.client.putJob('lost', {
      jobType: 'Command',
      environmentId,
      computeId: 'big',
      command: `echo x >> ${marks}; until [ -e ${gate} ]; do read -t 0.05 < <(:) || true; done; echo y >> ${marks}`,
    });
    await jobWhen(plane.client, 'lost', (job) => job.properties.status === 'Running');
    await first.dispose();
    const runnerId = readFileSync(path.join(plane.folder, 'far/runnerId'), 'utf8');
    // As the plane says of one whose runner is not heard of, while its command goes on.
    await plane.client.reportJob('lost', { runnerId, status: 'Failed' });
    const next = runnerElsewhere(plane, 'far', { computes: ['big'] });
    await put('another', { computeId: 'big' });
    await jobWhen(plane.client, 'another');
    assert.ok(!existsSync(path.join(plane.folder, 'far/jobs/lost')));
    assert.equal(readFileSync(marks, 'utf8'), 'x\n');
    await next.dispose();
  });

  it('of a pipeline are those of its steps, unless they name their own', async () => {
    const far = runnerElsewhere(plane, 'far', { computes: ['big'] });
    await isKnown('big');
    const componentId = await component(plane.client, 'where', {
      command: `pwd > ${plane.folder}/$AZUREML_RUN_ID.where`,
      environment: `azureml:${environmentId}`,
      is_deterministic: false,
    });
    await plane.client.putJob('routed', {
      jobType: 'Pipeline',
      settings: { default_compute: 'azureml:big' },
      jobs: { a: { type: 'command', componentId }, b: { type: 'command', componentId, computeId: 'azureml:this-machine' } },
    });
    const { properties } = await jobWhen(plane.client, 'routed');
    assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
    assert.match(whereOf('routed-a'), /\/far\/jobs\//);
    assert.match(whereOf('routed-b'), /\/runner\/jobs\//);
    await far.dispose();
  });
});

describe('a job that is put again', () => {
  it('is the same job, whatever became of it since', async () => {
    const plane = await startPlane();
    try {
      const environmentId = await shellEnvironment(plane.client);
      const definition = {
        jobType: 'Command' as const,
        environmentId,
        command: 'echo 1 > ${{outputs.o}}',
        outputs: { o: { jobOutputType: 'uri_file' as const } },
      };
      await plane.client.putJob('again', definition);
      assert.equal((await jobWhen(plane.client, 'again')).properties.status, 'Completed');
      const { properties } = await plane.client.putJob('again', definition);
      assert.equal(properties.status, 'Completed');
      await assert.rejects(plane.client.putJob('again', { ...definition, command: 'echo 2 > ${{outputs.o}}' }), { code: 'Conflict' });
    } finally {
      await plane.remove();
    }
  });
});
