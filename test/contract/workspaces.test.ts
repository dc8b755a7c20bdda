import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import { startPlane, type TestPlane } from './plane.ts';

describe('the names of workspaces', () => {
  let plane: TestPlane;
  let run: string;
  const at = (name: string) => workspacePath({ ...defaultWorkspace, workspace: name });
  before(async () => {
    plane = await startPlane({ withRunner: false });
    assert.equal((await send('PUT', at('cloud'), { location: 'local' })).status, 201);
    run = (await send('POST', '/api/2.0/mlflow/runs/create', {})).body.run.info.run_id;
  });
  after(() => plane.remove());

  const send = async (method: string, to: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${plane.url}${to}`, {
      method,
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  };

  /** Every way to ask for something that lies in a workspace. */
  const ways = (name: string): [method: string, to: string, body?: unknown, headers?: Record<string, string>][] => [
    ['GET', `${at(name)}/jobs/${run}`],
    ['GET', `${at(name)}/jobs`],
    ['GET', `${at(name)}/datastores/workspaceblobstore`],
    ['GET', `/history/v1.0${at(name)}/runs/${run}`],
    ['POST', `/history/v1.0${at(name)}/rundata`, { runId: run }],
    ['POST', `/data/v1.0${at(name)}/dataversion/batchGetResolvedUris`, { values: [] }],
    ['POST', `/modelregistry/v1.0${at(name)}/models/batchGetResolvedUris`, { values: [] }],
    ...['v1.0', 'v2.0'].map((version): [string, string] => ['GET', `/mlflow/${version}${at(name)}/api/2.0/mlflow/runs/get?run_id=${run}`]),
    ['GET', `/mlflow/v1.0${at(name)}/api/2.0/mlflow-artifacts/artifacts?path=0`],
    ['POST', `/mlflow/v1.0${at(name)}/api/2.0/mlflow/runs/log-batch`, { run_id: run, params: [{ key: 'a', value: '1' }] }],
    ['GET', `/api/2.0/mlflow/runs/get?run_id=${run}`, undefined, { 'x-mlflow-workspace': name }],
    [
      'POST',
      '/api/2.0/mlflow/runs/log-batch',
      { run_id: run, metrics: [{ key: 'm', value: 1, timestamp: 1 }] },
      { 'x-mlflow-workspace': name },
    ],
    ['GET', `/updraft/artifacts/${run}`, undefined, { 'x-mlflow-workspace': name }],
  ];

  it('stand for the same: its own one, and those that it was given', async () => {
    for (const name of ['local', 'cloud', 'LOCAL', 'Cloud'])
      for (const [method, to, body, headers] of ways(name)) {
        const answer = await send(method, to, body, headers);
        assert.equal(answer.status, 200, `${method} ${to} ${JSON.stringify(answer.body)}`);
      }
    assert.deepEqual((await send('GET', `${at('cloud')}/jobs/${run}`)).body.name, run);
  });

  it('are kept apart from what is none: that is not found, whatever is asked, and never the default one', async () => {
    for (const name of ['other', 'locals', 'x'.repeat(300), '%20', 'lo%63al%00', 'local%2Fx', 'workspaces'])
      for (const [method, to, body, headers] of ways(name)) {
        const answer = await send(method, to, body, headers);
        const expected = name.includes('%') ? [400, 404] : [404];
        assert.ok(expected.includes(answer.status), `${method} ${to}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
    assert.equal((await send('GET', at('other'))).status, 404);
    assert.equal((await send('GET', '/api/2.0/mlflow/runs/get?run_id=x', undefined, { 'x-mlflow-workspace': '' })).status, 404);
  });

  it('are not left out where the path must have one', async () => {
    for (const to of [
      `/mlflow/anything/api/2.0/mlflow/runs/get?run_id=${run}`,
      `/mlflow/v1.0/api/2.0/mlflow/runs/get?run_id=${run}`,
      '/mlflow/x/api/2.0/mlflow-artifacts/artifacts?path=0',
      `/history/v1.0/runs/${run}`,
    ])
      assert.equal((await send('GET', to)).status, 404, to);
  });

  it('may be part of the path of an artifact, which is no workspace', async () => {
    const path = `0/${run}/artifacts/providers/Microsoft.MachineLearningServices/workspaces/other/file`;
    assert.equal((await send('PUT', `/api/2.0/mlflow-artifacts/artifacts/${path}`, {})).status, 200);
  });

  it('end when they are taken away', async () => {
    assert.equal((await send('PUT', at('short'), {})).status, 201);
    assert.equal((await send('GET', `${at('short')}/jobs`)).status, 200);
    assert.equal((await send('DELETE', at('short'))).status, 200);
    assert.equal((await send('GET', `${at('short')}/jobs`)).status, 404);
  });
});
