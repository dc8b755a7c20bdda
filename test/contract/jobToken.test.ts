import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { workspacePath } from '../../src/protocol/arm.ts';
import { blobContainer, datastoreUri } from '../../src/protocol/asset.ts';
import type { Change } from '../../src/protocol/change.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

const mlflow = '/api/2.0/mlflow';
const artifacts = '/api/2.0/mlflow-artifacts';
const ranBy = ({ properties: { codeId, environmentId } }: any) => ({ codeId, environmentId });
const names = ['MLFLOW_TRACKING_TOKEN', 'IDENTITY_HEADER', 'UPDRAFT_ARM_URL', 'MLFLOW_RUN_ID'];

describe('the token of a job', () => {
  let plane: TestPlane;
  let folder: string;
  let environmentId: string;
  let codeId: string;
  let workspace: string;
  /** What the command of the job `trainer` sees. */
  let seen: Record<string, string>;
  let token: string;
  /** A run and an experiment of somebody else. */
  let other: string;
  let experiment: string;

  /** Starts a job that tells its variables and then waits for `release`. */
  async function start(name: string): Promise<Record<string, string>> {
    const pipe = path.join(folder, name);
    execFileSync('mkfifo', [pipe]);
    const shown = names.map((each) => `"${each}=$${each}"`).join(' ');
    await plane.client.putJob(name, { jobType: 'Command', environmentId, codeId, command: `printf '%s\\n' ${shown} end && cat '${pipe}'` });
    const text = await told(name);
    return Object.fromEntries(text.split('\n').flatMap((line) => (line.includes('=') ? [line.split(/=(.*)/s).slice(0, 2)] : [])));
  }

  async function release(name: string): Promise<void> {
    await writeFile(path.join(folder, name), 'go\n');
    await jobWhen(plane.client, name);
  }

  /** The job's log, once it has said all. */
  async function told(name: string): Promise<string> {
    const changes = new ChangeStream(plane.client.http);
    try {
      return await new Promise<string>((resolve, reject) => {
        const look = () => logOf(plane.client, name).then((text) => /^end$/m.test(text) && resolve(text), reject);
        changes.onDidChangeState((state) => state === 'live' && look());
        changes.onDidChange((change) => change.kind === 'log' && change.id === name && look());
      });
    } finally {
      changes.dispose();
    }
  }

  const send = async (method: string, to: string, body?: unknown, headers: Record<string, string> = {}, bearer = token) => {
    const isBytes = typeof body === 'string';
    const response = await fetch(to.startsWith('http') ? to : `${plane.url}${to}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        // The plane is started again in between: no connection is kept.
        connection: 'close',
        ...(body === undefined || isBytes ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, headers: response.headers, body: /^[[{]/.test(text) ? JSON.parse(text) : undefined };
  };
  const ok = async (...args: Parameters<typeof send>) => {
    const answer = await send(...args);
    assert.ok(answer.status < 300, `${args[0]} ${args[1]}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const asOwner = (method: string, to: string, body?: unknown) => ok(method, to, body, {}, plane.token);
  const arm = (rest: string) => `${workspace}/${rest}?api-version=2024-10-01-preview`;
  const batch = (run: string, key: string) => ({ run_id: run, metrics: [{ key, value: 1, timestamp: 1, step: 0 }] });
  /** Has this header, a request does not go the quick way. */
  const ordinary = { 'x-mlflow-workspace': 'local' };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-token-'));
    plane = await startPlane();
    workspace = workspacePath(plane.client.workspace);
    environmentId = await shellEnvironment(plane.client);
    await plane.client.writeBlob(blobContainer, 'code/trainer/train.py', 'print("trained")');
    const code = { codeUri: datastoreUri('code/trainer') };
    codeId = (await plane.client.putAsset('codes', 'trainer', '1', code)).id;
    experiment = (await asOwner('POST', `${mlflow}/experiments/create`, { name: 'of others' })).experiment_id;
    other = (await asOwner('POST', `${mlflow}/runs/create`, { experiment_id: experiment })).run.info.run_id;
    await asOwner('POST', `${mlflow}/runs/log-batch`, batch(other, 'loss'));
    await asOwner('PUT', `${artifacts}/artifacts/${experiment}/${other}/artifacts/kept.txt`, 'kept');
    await asOwner('PUT', `${artifacts}/artifacts/datastores/workspaceblobstore/paths/shared.txt`, 'shared');
    await asOwner('POST', `${mlflow}/registered-models/create`, { name: 'shared' });
    seen = await start('trainer');
    token = seen.MLFLOW_TRACKING_TOKEN!;
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is what scripts get, and Azure's clients, instead of the plane's", () => {
    assert.equal(seen.MLFLOW_RUN_ID, 'trainer');
    assert.match(token, /^job\.trainer\./);
    assert.equal(seen.IDENTITY_HEADER, token);
    assert.ok(!Object.values(seen).some((value) => value.includes(plane.token)));
  });

  it('logs to its own run: metrics by both ways, params, tags, artifacts in one piece and in parts', async () => {
    await ok('POST', `${mlflow}/runs/log-batch`, batch('trainer', 'quick'));
    await ok('POST', `${mlflow}/runs/log-batch`, batch('trainer', 'ordinary'), ordinary);
    await ok('POST', `${mlflow}/runs/log-metric`, { run_id: 'trainer', key: 'single', value: 2, timestamp: 1 });
    await ok('POST', `${mlflow}/runs/log-parameter`, { run_id: 'trainer', key: 'lr', value: '0.1' });
    await ok('POST', `${mlflow}/runs/set-tag`, { run_id: 'trainer', key: 'kind', value: 'test' });
    await ok('POST', `${mlflow}/runs/set-tag`, { run_id: 'trainer', key: 'gone', value: 'soon' });
    await ok('POST', `${mlflow}/runs/delete-tag`, { run_id: 'trainer', key: 'gone' });
    await ok('PUT', `${artifacts}/artifacts/0/trainer/artifacts/a.txt`, 'first');
    await ok('PUT', `${artifacts}/artifacts/0/trainer/artifacts/a.txt`, 'second');
    await ok('POST', `${mlflow}/upload-artifact?run_uuid=trainer&path=b.txt`, 'uploaded');
    const folder = '0/trainer/artifacts';
    const made = await ok('POST', `${artifacts}/mpu/create/${folder}`, { path: '/tmp/big.bin', num_parts: 2 });
    const parts = await Promise.all(
      made.credentials.map(async ({ url, part_number, headers }: any) => {
        assert.equal(headers.Authorization, `Bearer ${token}`);
        return { part_number, etag: (await fetch(url, { method: 'PUT', headers, body: `part ${part_number} ` })).headers.get('etag') };
      }),
    );
    await ok('POST', `${artifacts}/mpu/complete/${folder}`, { path: '/tmp/big.bin', upload_id: made.upload_id, parts });
    assert.equal((await send('GET', `${artifacts}/artifacts/${folder}/big.bin`)).text, 'part 1 part 2 ');
    assert.equal((await send('GET', '/get-artifact?run_id=trainer&path=a.txt')).text, 'second');
    const { run } = await ok('GET', `${mlflow}/runs/get?run_id=trainer`);
    assert.deepEqual(run.data.metrics.map(({ key }: any) => key).sort(), ['ordinary', 'quick', 'single']);
    assert.deepEqual(run.data.params, [{ key: 'lr', value: '0.1' }]);
  });

  it('opens the runs that the job makes: they are below its own', async () => {
    const made = (await ok('POST', `${mlflow}/runs/create`, { experiment_id: '0' })).run.info.run_id;
    const nested = (await ok('POST', `${mlflow}/runs/create`, { experiment_id: '0', tags: [{ key: 'mlflow.parentRunId', value: made }] }))
      .run.info.run_id;
    assert.equal((await plane.client.getJob(made)).properties.parentJobName, 'trainer');
    assert.equal((await plane.client.getJob(nested)).properties.parentJobName, made);
    for (const headers of [{}, ordinary]) await ok('POST', `${mlflow}/runs/log-batch`, batch(nested, 'loss'), headers);
    await ok('PUT', `${artifacts}/artifacts/0/${nested}/artifacts/a.txt`, 'nested');
    await ok('POST', `${mlflow}/runs/update`, { run_id: nested, status: 'FINISHED' });
    await ok('POST', `${mlflow}/runs/delete`, { run_id: nested });
    await ok('POST', `${mlflow}/runs/restore`, { run_id: nested });
    // A parent that there is not is no way out.
    const lost = await ok('POST', `${mlflow}/runs/create`, { tags: [{ key: 'mlflow.parentRunId', value: 'no_such_run' }] });
    assert.equal((await plane.client.getJob(lost.run.info.run_id)).properties.parentJobName, 'trainer');
  });

  it('gives the runs that the job makes its code and its environment, for those are what they ran', async () => {
    const made = (await ok('POST', `${mlflow}/runs/create`, { experiment_id: '0' })).run.info.run_id;
    const ofJob = { codeId, environmentId };
    assert.deepEqual(ranBy(await plane.client.getJob(made)), ofJob);
    const below = { tags: [{ key: 'mlflow.parentRunId', value: made }] };
    const nested = (await ok('POST', `${mlflow}/runs/create`, below)).run.info.run_id;
    assert.deepEqual(ranBy(await plane.client.getJob(nested)), ofJob);
    // Of what a script on somebody's own machine begins, nobody knows the code.
    assert.deepEqual(ranBy(await plane.client.getJob(other)), { codeId: undefined, environmentId: '' });
  });

  it('reads its workspace', async () => {
    assert.equal((await ok('GET', `${mlflow}/runs/get?run_id=${other}`)).run.info.run_id, other);
    assert.equal((await ok('POST', `${mlflow}/runs/search`, { experiment_ids: [experiment] })).runs.length, 1);
    assert.equal((await ok('GET', `${mlflow}/metrics/get-history?run_id=${other}&metric_key=loss`)).metrics.length, 1);
    assert.equal((await send('GET', `${artifacts}/artifacts/${experiment}/${other}/artifacts/kept.txt`)).text, 'kept');
    assert.equal((await ok('GET', arm('environments/shell/versions/1'))).name, '1');
    assert.equal((await ok('GET', arm('jobs/trainer'))).name, 'trainer');
    assert.equal((await ok('GET', arm('datastores'))).value.length, 2);
    await ok('GET', '/status');
  });

  it('registers models, logs models and traces', async () => {
    await ok('POST', `${mlflow}/registered-models/create`, { name: 'mine' });
    const uri = 'runs:/trainer/a.txt';
    assert.equal(
      (await ok('POST', `${mlflow}/model-versions/create`, { name: 'mine', source: uri, run_id: 'trainer' })).model_version.version,
      '1',
    );
    // What is shared gets a version of the job's, which the job may promote; an experiment of its own is chosen as `set_experiment` does.
    await ok('POST', `${mlflow}/model-versions/create`, { name: 'shared', source: uri, run_id: 'trainer' });
    const version = { name: 'shared', version: '1' };
    await ok('POST', `${mlflow}/registered-models/alias`, { ...version, alias: 'champion' });
    await ok('POST', `${mlflow}/model-versions/set-tag`, { ...version, key: 'checked', value: 'yes' });
    await ok('POST', `${mlflow}/model-versions/transition-stage`, { ...version, stage: 'Staging' });
    await ok('PATCH', `${mlflow}/registered-models/update`, { name: 'shared', description: 'of many' });
    const chosen = (await ok('POST', `${mlflow}/experiments/create`, { name: 'chosen by a job' })).experiment_id;
    await ok('GET', `${mlflow}/experiments/get-by-name?experiment_name=chosen%20by%20a%20job`);
    await ok('POST', `${mlflow}/experiments/set-experiment-tag`, { experiment_id: chosen, key: 'team', value: 'speech' });
    const logged = (await ok('POST', `${mlflow}/logged-models`, { experiment_id: '0', name: 'net', source_run_id: 'trainer' })).model.info;
    const file = `${artifacts}/artifacts/0/models/${logged.model_id}/artifacts/MLmodel`;
    await ok('PUT', file, 'flavors: {}');
    await ok('PUT', file, 'flavors: {a: 1}');
    await ok('PATCH', `${mlflow}/logged-models/${logged.model_id}`, { model_id: logged.model_id, status: 'LOGGED_MODEL_READY' });
    const trace = {
      trace_id: 'tr-0123456789abcdef0123456789abcdef',
      trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } },
      request_time: '2027-01-01T00:00:00Z',
      state: 'OK',
    };
    await ok('POST', '/api/3.0/mlflow/traces', { trace: { trace_info: trace } });
    await ok('POST', `${mlflow}/traces/link-to-run`, { trace_ids: [trace.trace_id], run_id: 'trainer' });
    await ok('PUT', arm('models/plain/versions/1'), {
      properties: {
        modelUri: 'azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.trainer/a.txt',
        modelType: 'custom_model',
      },
    });
  });

  it("is refused at what is not the job's to do, in the shape that clients read", async () => {
    const kept = `${artifacts}/artifacts/${experiment}/${other}/artifacts`;
    const parent = { tags: [{ key: 'mlflow.parentRunId', value: other }] };
    const refused: [method: string, to: string, body?: unknown, headers?: Record<string, string>][] = [
      ['POST', `${mlflow}/runs/log-batch`, batch(other, 'x')],
      ['POST', `${mlflow}/runs/log-batch`, batch(other, 'x'), ordinary],
      ['POST', `${mlflow}/runs/log-metric`, { run_id: other, key: 'x', value: 1, timestamp: 1 }],
      ['POST', `${mlflow}/runs/log-metric`, { run_uuid: other, key: 'x', value: 1, timestamp: 1 }, ordinary],
      ['POST', `${mlflow}/runs/log-parameter`, { run_id: other, key: 'x', value: '1' }],
      ['POST', `${mlflow}/runs/set-tag`, { run_id: other, key: 'x', value: '1' }],
      ['POST', `${mlflow}/runs/delete-tag`, { run_id: other, key: 'mlflow.runName' }],
      ['POST', `${mlflow}/runs/update`, { run_id: other, status: 'FAILED' }],
      ['POST', `${mlflow}/runs/delete`, { run_id: other }],
      ['POST', `${mlflow}/runs/log-inputs`, { run_id: other, models: [{ model_id: 'm' }] }],
      ['POST', `${mlflow}/runs/outputs`, { run_id: other, models: [{ model_id: 'm' }] }],
      ['POST', `${mlflow}/runs/create`, parent],
      ['POST', `${mlflow}/traces/link-to-run`, { run_id: other, trace_ids: ['tr-1'] }],
      ['PUT', `${kept}/kept.txt`, 'changed'],
      ['PUT', `${kept}/new.txt`, 'new'],
      ['DELETE', `${kept}/kept.txt`],
      ['DELETE', `${artifacts}/artifacts/0/trainer/artifacts/a.txt`],
      ['POST', `${mlflow}/upload-artifact?run_uuid=${other}&path=x.txt`, 'new'],
      ['POST', `${artifacts}/mpu/create/${experiment}/${other}/artifacts`, { path: 'big', num_parts: 1 }],
      ['POST', `${artifacts}/mpu/create/datastores/workspaceartifactstore/paths/ExperimentRun`, { path: `dcid.${other}`, num_parts: 1 }],
      ['PUT', `${artifacts}/artifacts/datastores/workspaceartifactstore/paths/ExperimentRun/dcid.${other}/x`, 'new'],
      ['PUT', `${artifacts}/artifacts/datastores/workspaceartifactstore/paths/ExperimentRun/dcid.${other}`, 'new'],
      ['PUT', `${artifacts}/artifacts/datastores/workspaceblobstore/paths/shared.txt`, 'changed'],
      ['POST', `${mlflow}/experiments/delete`, { experiment_id: experiment }],
      ['POST', `${mlflow}/experiments/update`, { experiment_id: experiment, new_name: 'taken over' }],
      ['DELETE', `${mlflow}/registered-models/delete`, { name: 'mine' }],
      ['DELETE', `${mlflow}/registered-models/delete`, { name: 'shared' }],
      ['DELETE', `${mlflow}/model-versions/delete`, { name: 'shared', version: '1' }],
      ['POST', `${mlflow}/registered-models/rename`, { name: 'shared', new_name: 'taken over' }],
      ['POST', `${mlflow}/gateway/secrets/create`, { secret_name: 's', secret_value: [{ key: 'a', value: 'b' }] }],
      ['GET', `${mlflow}/gateway/secrets/list`],
      ['POST', '/gateway/chat/invocations', {}],
      ['PUT', arm('jobs/more'), { properties: { jobType: 'Command', command: 'true', environmentId } }],
      ['POST', arm(`jobs/${other}/cancel`)],
      ['POST', arm('jobs/trainer/cancel')],
      ['DELETE', arm(`jobs/${other}`)],
      ['POST', arm('jobs/trainer/report'), { runnerId: 'x' }],
      ['PUT', arm('computes/mine'), { properties: {} }],
      ['PUT', arm('datastores/mine'), { properties: { datastoreType: 'AzureBlob' } }],
      ['DELETE', arm('models/plain/versions/1')],
      ['PUT', workspace.replace(/local$/, 'mine'), {}],
      ['PATCH', `/history/v1.0${workspace}/runs/${other}`, { hidden: true }],
      ['POST', '/updraft/claims', { runnerId: 'x', computes: [], others: true, room: 1, holds: [] }],
      ['POST', '/updraft/logs/trainer/user_logs/std_log.txt?offset=0', 'forged'],
      ['PUT', '/updraft/blobs/azureml-blobstore/x', 'x'],
      ['GET', '/updraft/azure'],
      ['POST', '/updraft/models/downloads', { model: 'smollm2-135m-instruct' }],
      ['POST', '/updraft/models/remove', { name: 'mine' }],
      ['POST', '/stop', {}],
    ];
    for (const [method, to, body, headers] of refused) {
      const answer = await send(method, to, body, headers);
      const shape = answer.body?.error_code ?? answer.body?.error?.code;
      const code = /^\/(?:api|gateway)\//.test(to) ? 'PERMISSION_DENIED' : 'Forbidden';
      assert.deepEqual([answer.status, shape], [403, code], `${method} ${to}: ${answer.text}`);
      assert.match(answer.body.message ?? answer.body.error.message, /token of a job/);
    }
    const rename = { name: 'shared', new_name: 'taken over' };
    assert.match((await send('POST', `${mlflow}/registered-models/rename`, rename)).text, /deletes and renames nothing but its own runs/);
    // It is no key of an endpoint.
    assert.equal((await send('POST', '/endpoints/name/score', {})).status, 401);
    // Paths that are read one way by who guards and another way by who answers.
    for (const to of [
      'x/mlflow/gateway/secrets/create',
      'runs/create/mlflow/experiments/delete',
      'experiments/%64elete',
      'experiments%2Fdelete',
    ])
      assert.ok([403, 404].includes((await send('POST', `${mlflow}/${to}`, { experiment_id: experiment })).status), to);
    for (const dots of ['..', '%2e%2e', '.%2E'])
      for (const [method, to] of [
        ['POST', `${mlflow}/runs/${dots}/gateway/secrets/create`],
        ['POST', `${workspace}/models/${dots}/jobs/trainer/cancel`],
        ['GET', `/health/${dots}/updraft/azure`],
        ['GET', `${plane.url}/updraft/%61zure`],
      ] as const)
        assert.equal(await statusOfRaw(method, to), 403, to);
    // Nothing of it has happened.
    const { run } = await asOwner('GET', `${mlflow}/runs/get?run_id=${other}`);
    assert.deepEqual([run.info.status, run.info.lifecycle_stage, run.data.metrics.length], ['RUNNING', 'active', 1]);
    assert.equal((await send('GET', `${kept}/kept.txt`)).text, 'kept');
    const { lifecycle_stage, name } = (await asOwner('GET', `${mlflow}/experiments/get?experiment_id=${experiment}`)).experiment;
    assert.deepEqual([lifecycle_stage, name], ['active', 'of others']);
    assert.equal((await asOwner('GET', `${mlflow}/registered-models/get?name=shared`)).registered_model.latest_versions.length, 1);
  });

  /** Asks for a path just as it is written: `fetch` would tidy it up. */
  const statusOfRaw = (method: string, to: string) =>
    new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(plane.url);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      request({ hostname, port, method, path: to, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .on('error', reject)
        .end();
    });

  it('opens no workspace that is not there, and knows no path without one', async () => {
    assert.equal((await send('GET', `${mlflow}/runs/get?run_id=trainer`, undefined, { 'x-mlflow-workspace': 'other' })).status, 404);
    assert.equal((await send('GET', arm('jobs/trainer').replace('workspaces/local', 'workspaces/other'))).status, 404);
  });

  it('writes new blobs by a signed URL, and replaces and removes none', async () => {
    const { sasToken } = await ok('POST', arm('datastores/workspaceblobstore/listSecrets'), {});
    const blob = (name: string) => `${plane.url}/azureml-blobstore/${name}?${sasToken}`;
    const container = (await ok('GET', arm('datastores/workspaceblobstore'))).properties.containerName;
    const at = (name: string) => blob(name).replace('azureml-blobstore', container);
    const headers = { 'x-ms-blob-type': 'BlockBlob' };
    const put = (name: string, text: string) => fetch(at(name), { method: 'PUT', headers, body: text });
    assert.equal((await put('mine.txt', 'mine')).status, 201);
    const again = await put('shared.txt', 'changed');
    assert.equal(again.status, 403);
    assert.match(await again.text(), /UnauthorizedBlobOverwrite/);
    assert.equal((await fetch(at('shared.txt'), { method: 'DELETE' })).status, 403);
    assert.equal(await (await fetch(at('shared.txt'))).text(), 'shared');
    signed = at('shared.txt');
  });
  let signed = '';

  it("gets Azure's token in the name of the job", async () => {
    jwt = (await azureToken(token)).access_token;
    assert.equal((await ok('GET', arm('jobs/trainer'), undefined, {}, jwt)).name, 'trainer');
    await ok('POST', `${mlflow}/runs/log-batch`, batch('trainer', 'azure'), {}, jwt);
    assert.equal((await send('POST', `${mlflow}/runs/log-batch`, batch(other, 'x'), {}, jwt)).status, 403);
    assert.equal((await send('POST', arm('jobs/trainer/cancel'), undefined, {}, jwt)).status, 403);
    assert.equal((await send('GET', '/status', undefined, {}, jwt)).status, 401);
  });
  let jwt = '';
  const azureToken = async (secret: string) =>
    (
      await fetch(`${plane.url}/msi/token?api-version=2019-08-01&resource=${encodeURIComponent(seen.UPDRAFT_ARM_URL!)}`, {
        headers: { 'x-identity-header': secret, connection: 'close' },
      })
    ).json();

  it('is known in the change log, as the owner and the plane are', async () => {
    const { id, seq } = await asOwner('GET', '/status');
    const changes = new ChangeStream(plane.client.http, { since: { plane: id, seq: 0 } });
    const all: Change[] = [];
    await new Promise<void>((resolve) => {
      changes.onDidChange((change) => {
        all.push(change);
        if (change.seq >= seq) resolve();
      });
    });
    changes.dispose();
    const who = (kind: string, of: string) =>
      new Set(all.filter((each) => each.kind === kind && each.id === of).map((each) => each.principal));
    const owner = [...who('environment', 'shell:1')][0]!;
    assert.match(owner, /^user\/./);
    assert.deepEqual([...who('model', 'mine:1')], ['job/trainer']);
    assert.deepEqual([...who('metric', 'trainer')], ['job/trainer']);
    assert.deepEqual([...who('metric', other)], [owner]);
    assert.ok(all.some((each) => each.principal === 'plane'));
  });

  it('does not open anything when it is forged', async () => {
    const [, , made, claim, signature] = token.split('.');
    const forged = [
      `job.${other}.${made}.${claim}.${signature}`,
      `job.trainer.${Number(made) + 1}.${claim}.${signature}`,
      `job.trainer.${made}.${Number(claim) + 1}.${signature}`,
      `job.trainer.${made}.${signature}`,
      `job.trainer.${made}.${claim}.${signature!.slice(0, -1)}`,
      `job.trainer.${made}.${claim}.`,
      `job.trainer.${made}.${claim}`,
      `job.trainer.x.${made}.${claim}.${signature}`,
      `job..${made}.${claim}.${signature}`,
      'job.',
      'job.trainer',
      `job.%00.1.1.${signature}`,
      `job.${'x'.repeat(5000)}.1.1.${signature}`,
      `JOB${token.slice(3)}`,
      `${token}.`,
      signature!,
    ];
    for (const each of forged) {
      for (const [method, to, body] of [
        ['GET', '/status'],
        ['POST', `${mlflow}/runs/log-batch`, batch('trainer', 'x')],
      ] as const)
        assert.equal((await send(method, to, body, {}, each)).status, 401, each);
      assert.equal((await azureToken(each)).error?.code, 'Unauthorized', each);
    }
  });

  it('is good over a restart, and until the job ends', async () => {
    await plane.stop();
    plane = await startPlane({}, plane.folder);
    await ok('POST', `${mlflow}/runs/log-batch`, batch('trainer', 'later'));
    await release('trainer');
    for (let start = 0; start < 2; start++) {
      for (const [method, to, body, headers] of [
        ['GET', '/status'],
        ['POST', `${mlflow}/runs/log-batch`, batch('trainer', 'x')],
        ['POST', `${mlflow}/runs/log-batch`, batch('trainer', 'x'), ordinary],
      ] as [string, string, unknown?, Record<string, string>?][]) {
        const answer = await send(method, to, body, headers);
        assert.equal(answer.status, 401, answer.text);
        assert.match(answer.text, /The job trainer has ended, and this token with it/);
      }
      assert.equal((await send('GET', arm('jobs/trainer'), undefined, {}, jwt)).status, 401);
      assert.match((await azureToken(token)).error.message, /has ended/);
      const old = new URL(signed);
      assert.equal((await fetch(`${plane.url}${old.pathname}${old.search}`, { headers: { connection: 'close' } })).status, 403);
      await plane.stop();
      plane = await startPlane({}, plane.folder);
    }
  });

  it('is not that of a later job of the same name', async () => {
    await plane.client.http.json('DELETE', arm('jobs/trainer'));
    rmSync(path.join(folder, 'trainer'));
    const later = await start('trainer');
    assert.notEqual(later.MLFLOW_TRACKING_TOKEN, token);
    assert.equal((await send('GET', '/status')).status, 401);
    assert.equal((await send('GET', '/status', undefined, {}, later.MLFLOW_TRACKING_TOKEN)).status, 200);
    await release('trainer');
  });
});
