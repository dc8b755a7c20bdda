import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import type { AzureAccess } from '../../src/protocol/azureClients.ts';
import { component, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

const workspace = workspacePath(defaultWorkspace);

/** What Azure's clients and their users read in answers, over plain HTTP. */
describe("answers of Azure's API", () => {
  let plane: TestPlane;
  let azureToken: string;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    await shellEnvironment(plane.client);
    const access: AzureAccess = await plane.client.http.json('GET', '/updraft/azure');
    const issued = await fetch(`${plane.url}/msi/token?resource=${encodeURIComponent(access.armUrl)}`, {
      headers: { 'x-identity-header': access.identitySecret },
    });
    azureToken = ((await issued.json()) as { access_token: string }).access_token;
  });
  after(() => plane.remove());

  const send = async (method: string, path: string, body?: object, token = plane.token) => {
    const response = await fetch(`${plane.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
  const arm = (method: string, path: string, body?: object) => send(method, `${workspace}/${path}`, body);
  const created = async (path: string, body: object) => {
    const answer = await arm('PUT', path, body);
    assert.ok([200, 201].includes(answer.status), answer.text);
    return answer.body;
  };

  it('tell an unknown path from a wrong token', async () => {
    for (const path of ['/nothing/here', '/mferp/else', '/score'])
      for (const token of [plane.token, azureToken, 'wrong'])
        assert.equal((await send('GET', path, undefined, token)).status, 404, `${path} ${token.slice(0, 5)}`);
    const own = await send('GET', '/status', undefined, azureToken);
    assert.equal(own.status, 401);
    assert.match(own.body.error.message, /no part of Azure's API/);
    assert.match((await send('GET', '/status', undefined, 'wrong')).body.error.message, /token is wrong/);
  });

  it('list the jobs of a batch endpoint, which are none', async () => {
    await created('batchEndpoints/nights', { location: 'local', properties: { authMode: 'AADToken' } });
    const jobs = `/mferp/managementfrontend${workspace}/batchEndpoints/nights/jobs`;
    assert.deepEqual((await send('GET', jobs, undefined, azureToken)).body, { value: [] });
    assert.equal((await send('POST', jobs, {}, azureToken)).status, 501);
    assert.equal((await send('GET', jobs.replace('nights', 'days'), undefined, azureToken)).status, 404);
    assert.equal((await send('GET', jobs, undefined, 'wrong')).status, 401);
  });

  it('refuse traffic to a deployment that is not there', async () => {
    const endpoint = (traffic: object) => ({ location: 'local', properties: { authMode: 'Key', traffic } });
    assert.match((await arm('PUT', 'onlineEndpoints/scores', endpoint({ blue: 100 }))).text, /no deployment \\"blue\\"/);
    await created('onlineEndpoints/scores', endpoint({}));
    await created('onlineEndpoints/scores/deployments/blue', { location: 'local', properties: { endpointComputeType: 'Managed' } });
    await created('onlineEndpoints/scores', endpoint({ blue: 90 }));
    const refused = await arm('PATCH', 'onlineEndpoints/scores', { properties: { traffic: { blue: 10, green: 90 } } });
    assert.deepEqual([refused.status, refused.body.error.code], [400, 'InvalidRequest']);
    assert.deepEqual((await arm('GET', 'onlineEndpoints/scores')).body.properties.traffic, { blue: 90 });
  });

  it('take an anonymous component under another name as the one that there is, and refuse other content', async () => {
    const spec = (name: string, command: string) => ({
      properties: { isAnonymous: true, componentSpec: { name, version: '1', type: 'command', command, environment: 'azureml:shell:1' } },
    });
    const path = 'components/azureml_anonymous/versions/c0ffee';
    await created(path, spec('train', 'echo 1'));
    assert.equal((await arm('PUT', path, spec('renamed', 'echo 1'))).status, 200);
    const other = await arm('PUT', path, spec('train', 'echo 2'));
    assert.equal(other.status, 409);
    assert.match(other.body.error.message, /already exists/);
    assert.match(other.body.error.message, /Asset paths cannot be updated\./);
  });

  it('resolve what a model or data asset is made of, and refuse what is not there', async () => {
    const run = (await send('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' })).body.run.info.run_id;
    await fetch(`${plane.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/outputs/model.pkl`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${plane.token}` },
      body: 'weights',
    });
    let version = 0;
    const model = (modelUri: string) => arm('PUT', `models/ghost/versions/${++version}`, { properties: { modelUri } });
    const data = (dataUri: string) => arm('PUT', `data/ghost/versions/${++version}`, { properties: { dataUri, dataType: 'uri_file' } });
    const place = `azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.${run}/outputs`;
    for (const uri of [`azureml://jobs/${run}/outputs/artifacts/paths/outputs/model.pkl`, `runs:/${run}/outputs/model.pkl`]) {
      assert.equal((await model(uri)).body.properties.modelUri, `${place}/model.pkl`);
      assert.equal((await data(uri)).body.properties.dataUri, `${place}/model.pkl`);
    }
    assert.equal((await model(`runs:/${run}/outputs`)).body.properties.modelUri, place);
    for (const uri of [
      `azureml://jobs/${run}/outputs/artifacts/paths/outputs/nope.pkl`,
      'azureml://jobs/no-such-job/outputs/artifacts/paths/x',
      `azureml://jobs/${run}/outputs/nope`,
      `runs:/${run}/nope`,
      'runs:/no-such-run/model',
    ])
      for (const put of [model, data]) assert.equal((await put(uri)).status, 404, uri);
  });

  it('resolve a logged model by the run that logged it', async () => {
    const run = (await send('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' })).body.run.info.run_id;
    const { model_id, artifact_uri } = (
      await send('POST', '/api/2.0/mlflow/logged-models', { experiment_id: '0', name: 'judge', source_run_id: run })
    ).body.model.info;
    await send('POST', '/api/2.0/mlflow/runs/outputs', { run_id: run, models: [{ model_id, step: 0 }] });
    const { modelUri } = (await arm('PUT', 'models/judge/versions/1', { properties: { modelUri: `runs:/${run}/judge` } })).body.properties;
    assert.equal(modelUri, `azureml://datastores/workspaceartifactstore/paths/MlflowArtifacts/${artifact_uri.split(':/')[1]}`);
  });

  it('show a model under any name that MLflow gave it', async () => {
    for (const name of ['My Model', 'größe #1']) {
      await send('POST', '/api/2.0/mlflow/registered-models/create', { name });
      await send('POST', '/api/2.0/mlflow/model-versions/create', { name, source: 's3://bucket/model' });
      const path = `models/${encodeURIComponent(name)}`;
      assert.equal((await arm('GET', `${path}/versions/1`)).status, 200, name);
      assert.equal((await arm('GET', `${path}/versions`)).body.value.length, 1);
      assert.equal((await arm('GET', path)).body.properties.latestVersion, '1');
      assert.equal((await plane.client.getAsset('models', name, '1')).properties.modelUri, 's3://bucket/model');
    }
    assert.equal((await arm('PUT', 'models/New%20Model/versions/1', { properties: { modelUri: 's3://bucket/x' } })).status, 400);
  });

  it('list the workspace under the names that it was given, in whatever case they are asked for', async () => {
    const other = workspace.replace(/local$/, 'Team-WS');
    await send('PUT', other, {});
    const { value } = (await send('GET', workspace.replace(/\/local$/, ''))).body;
    assert.deepEqual(value.map(({ name }: { name: string }) => name).sort(), ['Team-WS', 'local']);
    assert.ok(value.every((each: any) => each.properties.discoveryUrl && each.properties.workspaceId === value[0].properties.workspaceId));
    for (const name of ['team-ws', 'TEAM-WS', 'LOCAL'])
      assert.equal((await send('GET', `${workspace.replace(/local$/, name)}/environments/shell/versions/1`)).status, 200, name);
    assert.equal((await send('GET', workspace.replace(/local$/, 'team-w'))).status, 404);
  });

  it('say whether a compute instance runs', async () => {
    const instance = { location: 'local', properties: { computeType: 'ComputeInstance', properties: { vmSize: 'STANDARD_DS3_V2' } } };
    assert.equal((await created('computes/desk', instance)).properties.properties.state, 'Running');
    const state = async () => (await arm('GET', 'computes/desk')).body.properties.properties.state;
    await arm('POST', 'computes/desk/stop');
    assert.equal(await state(), 'Stopped');
    await arm('POST', 'computes/desk/start');
    assert.equal(await state(), 'Running');
    const cluster = { location: 'local', properties: { computeType: 'AmlCompute', properties: {} } };
    assert.equal((await created('computes/many', cluster)).properties.properties.state, undefined);
  });

  it("answer HEAD as GET, and a link of MLflow's client with a page that leads to the Studio", async () => {
    assert.equal((await arm('HEAD', 'environments/shell/versions/1')).status, 200);
    assert.equal((await arm('HEAD', 'environments/shell/versions/2')).status, 404);
    const page = await fetch(plane.url, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type')!, /html/);
    const code = /<script[^>]*>([\s\S]*)<\/script>/.exec(await page.text())![1]!;
    const follow = (hash: string): string => {
      let to = '';
      new Function('location', code)({ hash, replace: (address: string) => (to = address) });
      return to;
    };
    assert.equal(follow('#/experiments/1/runs/ab12'), '/studio/jobs/ab12');
    assert.equal(follow('#/experiments/1'), '/studio');
    assert.equal(follow(''), '/studio');
  });

  it('call a run that ended Finalizing at the first question of a client that follows it', async () => {
    const { run_id } = (await send('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' })).body.run.info;
    await send('POST', '/api/2.0/mlflow/runs/update', { run_id, status: 'FINISHED', end_time: Date.now() });
    const status = async (token: string) =>
      (await send('GET', `/history/v1.0${workspace}/runs/${run_id}/details`, undefined, token)).body.status;
    assert.deepEqual([await status(azureToken), await status(azureToken)], ['Finalizing', 'Completed']);
    assert.equal(await status(plane.token), 'Finalizing', 'each client by itself');
  });

  it('know a component by the version that the SDK asks for when none was named', async () => {
    await component(plane.client, 'part', { command: 'true', environment: 'azureml:shell:1' });
    assert.equal((await arm('GET', 'components/part/versions/azureml_default')).body.name, '1');
  });
});
