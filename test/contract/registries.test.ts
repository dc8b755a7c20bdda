import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import { blobContainer, datastoreUri } from '../../src/protocol/asset.ts';
import type { Change } from '../../src/protocol/change.ts';
import { registryAssetId, registryPath } from '../../src/protocol/registry.ts';
import { deploymentWhen, invoke, keysOf } from './onlineDeployments.ts';
import { jobWhen, logOf, startPlane, type TestPlane } from './plane.ts';
import { type Answer, startTeam, type TeamPlane, workspaceAt } from './team.ts';

const at = (registry: string): string => registryPath({ ...defaultWorkspace, registry });
const frontend = '/mferp/managementfrontend';

/** What many workspaces share, in a control plane of one person. */
describe('registries', () => {
  let plane: TestPlane;
  let ask: (method: string, to: string, body?: unknown) => Promise<Answer & { headers: Headers }>;
  before(async () => {
    plane = await startPlane();
    ask = async (method, to, body) => {
      const response = await fetch(to.startsWith('http') ? to : `${plane.url}${to}`, {
        method,
        headers: { authorization: `Bearer ${plane.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const { status, headers } = response;
      return { status, text, headers, body: text.startsWith('{') ? JSON.parse(text) : undefined };
    };
  });
  after(() => plane.remove());

  it('are made, shown, listed and deleted, whatever the case of their names', async () => {
    const made = await ask('PUT', at('first'), { location: 'westeurope', tags: { team: 'vision' }, properties: { regionDetails: [] } });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.body.id, at('first'));
    assert.equal(made.body.type, 'Microsoft.MachineLearningServices/registries');
    assert.deepEqual([made.body.location, made.body.tags], ['westeurope', { team: 'vision' }]);
    assert.equal((await ask('PUT', at('FIRST'), { location: 'westeurope' })).status, 200);
    assert.equal((await ask('GET', at('First'))).body.name, 'first');
    for (const list of ['/subscriptions/00000000-0000-0000-0000-000000000000', at('x').split('/providers')[0]!])
      assert.deepEqual(
        (await ask('GET', `${list}/providers/Microsoft.MachineLearningServices/registries`)).body.value.map((each: any) => each.name),
        ['first'],
      );
    const changed = (await ask('PATCH', at('first'), { tags: { team: 'speech' } })).body;
    assert.deepEqual([changed.tags, changed.location], [{ team: 'speech' }, 'westeurope']);
    await ask('PUT', `${at('first')}/environments/e/versions/1`, { properties: { image: 'ubuntu' } });
    assert.equal((await ask('DELETE', at('first'))).status, 200);
    assert.equal((await ask('DELETE', at('first'))).status, 204);
    assert.match((await ask('GET', at('first'))).body.error.message, /There is no registry "first" here/);
    // One that is made again has nothing of the one before.
    await ask('PUT', at('first'), {});
    assert.deepEqual((await ask('GET', `${at('first')}/environments`)).body.value, []);
  });

  it('have no name that Azure keeps for itself, or that is none', async () => {
    for (const name of ['azureml', 'azureml-meta']) {
      const { status, body } = await ask('PUT', at(name), {});
      assert.equal(status, 400);
      assert.match(body.error.message, /is Azure's own, and this control plane does not have it/);
    }
    assert.equal((await ask('PUT', at('a%20b'), {})).status, 400);
    assert.equal((await ask('PUT', at('x'), {})).status, 400);
  });

  it('are found by their name alone, and say so to nobody else', async () => {
    await ask('PUT', at('found'), {});
    const { body } = await ask('GET', '/registrymanagement/v1.0/registries/found/discovery');
    assert.equal(body.registryName, 'found');
    assert.equal(body.subscriptionId, defaultWorkspace.subscription);
    assert.match(body.primaryRegionResourceProviderUri, /^https:\/\/.+\/$/);
    const missing = await ask('GET', '/registrymanagement/v1.0/registries/missing/discovery');
    assert.deepEqual(
      [missing.status, missing.body.error.code, missing.body.error.innererror.code],
      [403, 'UserError', 'UnAuthorizedRegistryAccess'],
    );
    assert.equal((await fetch(`${plane.url}/registrymanagement/v1.0/registries/found/discovery`)).status, 401);
  });

  it("keep models with their files: uploaded, shown, read and archived by Azure's routes", async () => {
    const root = `${frontend}${at('models')}`;
    await ask('PUT', at('models'), {});
    const id = registryAssetId('models', 'models', 'digits', '1');
    const asked = { assetId: id, temporaryDataReferenceType: 'TemporaryBlobReference' };
    const place = (await ask('PUT', `${root}/tempdatarefs/digits/versions/1`, asked)).body.blobReferenceForConsumption;
    assert.equal(place.credential.credentialType, 'SAS');
    const [container, query] = place.credential.sasUri.split('?') as [string, string];
    const toHere = container.replace(/^https:\/\/[^/]+/, plane.url);
    const put = await fetch(`${toHere}/digits/weights.txt?${query}`, {
      method: 'PUT',
      headers: { 'x-ms-blob-type': 'BlockBlob', 'if-none-match': '*' },
      body: 'ten numbers',
    });
    assert.equal(put.status, 201, await put.text());
    const made = await ask('PUT', `${root}/models/digits/versions/1`, {
      properties: { modelUri: `${place.blobUri}/digits`, modelType: 'custom_model' },
    });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.body.id, id);
    assert.equal((await ask('PUT', `${root}/tempdatarefs/digits/versions/1`, asked)).status, 409);
    assert.equal((await ask('GET', `${root}/models/digits`)).body.properties.latestVersion, '1');
    assert.equal((await ask('GET', `${root}/models?listViewType=ListViewType.ACTIVE_ONLY`)).body.value.length, 1);
    const read = (await ask('POST', `${root}/datarefs/digits/versions/1`, { assetId: id, blobUri: `${place.blobUri}/digits` })).body
      .blobReferenceForConsumption;
    const [from, signed] = read.credential.sasUri.split('?') as [string, string];
    const got = await fetch(`${from.replace(/^https:\/\/[^/]+/, plane.url)}/digits/weights.txt?${signed}`);
    assert.equal(await got.text(), 'ten numbers');
    const archived = await ask('PUT', `${root}/models/digits/versions/1`, { properties: { ...made.body.properties, isArchived: true } });
    assert.equal(archived.status, 200, archived.text);
    assert.equal((await ask('GET', `${root}/models/digits/versions`)).body.value.length, 0);
    assert.equal((await ask('GET', `${root}/models/digits/versions?listViewType=ListViewType.ALL`)).body.value.length, 1);
    // Nothing of it is in a workspace.
    assert.equal((await ask('GET', `${workspaceAt('local')}/models/digits/versions/1`)).status, 404);
  });

  it('take copies of assets of a workspace, by content, whatever becomes of the originals', async () => {
    const { client } = plane;
    await ask('PUT', at('shared'), {});
    await client.writeBlob(blobContainer, 'originals/m/a.txt', 'a');
    await client.writeBlob(blobContainer, 'originals/m/sub/b.txt', 'b');
    await client.putAsset('models', 'm', '1', { modelUri: datastoreUri('originals/m'), modelType: 'custom_model' } as never);
    const { workspaceId } = (await client.getWorkspace()).properties as { workspaceId: string };
    const source = `azureml://locations/local/workspaces/${workspaceId}/models/m/versions/1`;
    const share = () =>
      ask('POST', `${frontend}${at('shared')}/import`, {
        properties: { referenceType: 'Id', sourceAssetId: source, destinationName: 'mine', destinationVersion: '7' },
      });
    const accepted = await share();
    assert.equal(accepted.status, 202, accepted.text);
    const polled = await ask('GET', accepted.headers.get('location')!);
    assert.deepEqual([polled.status, polled.text], [200, '']);
    // An answer may be lost: the same again is no other.
    assert.equal((await share()).status, 202);
    await client.deleteAsset('models', 'm', '1');
    const registry = client.inRegistry('shared');
    const { modelUri } = (await registry.getAsset('models', 'mine', '7')).properties;
    const folder = modelUri.split('/paths/')[1]!;
    const { entries } = await registry.listBlobs(blobContainer, folder, { recursive: true });
    assert.deepEqual(entries.map(({ path }) => path).sort(), ['a.txt', 'sub/b.txt']);
    // What is another one is not taken for it.
    await client.putAsset('models', 'm', '1', { modelUri: datastoreUri('originals/m/a.txt'), modelType: 'custom_model' } as never);
    assert.equal((await share()).status, 409);
    const wrong = await ask('POST', `${at('shared')}/import`, {
      properties: { sourceAssetId: 'azureml://registries/x/models/m/versions/1' },
    });
    assert.match(wrong.body.error.message, /names no asset of a workspace/);
  });

  it('share a component with its code and environment', async () => {
    const { client } = plane;
    await ask('PUT', at('parts'), {});
    await client.writeBlob(blobContainer, 'code/abc/run.sh', 'echo shared');
    await client.putAsset('codes', 'abc', '1', { codeUri: datastoreUri('code/abc') });
    await client.putAsset('environments', 'plain', '1', { image: 'ubuntu:22.04' });
    const ws = workspaceAt('local');
    await client.putAsset('components', 'step', '1', {
      componentSpec: {
        name: 'step',
        version: '1',
        type: 'command',
        command: 'sh run.sh',
        code: `azureml:${ws}/codes/abc/versions/1`,
        environment: `azureml:${ws}/environments/plain/versions/1`,
      },
    } as never);
    const shared = await client.shareAsset('components', { name: 'step', version: '1' }, 'parts', { name: 'step', version: '1' });
    const spec = shared.properties.componentSpec as Record<string, string>;
    assert.equal(spec.environment, `azureml:${registryAssetId('parts', 'environments', 'plain', '1')}`);
    assert.equal(spec.code, `azureml:${registryAssetId('parts', 'codes', 'abc', '1')}`);
    // In a registry nothing can name a workspace.
    const refused = await ask('PUT', `${at('parts')}/components/bad/versions/1`, {
      properties: {
        componentSpec: {
          name: 'bad',
          version: '1',
          type: 'command',
          command: 'true',
          environment: `azureml:${ws}/environments/plain/versions/1`,
        },
      },
    });
    assert.match(refused.body.error.message, /which is in a workspace/);
    // And a pipeline of any workspace uses it.
    const job = await client.putJob('uses-step', {
      jobType: 'Pipeline',
      jobs: { only: { type: 'command', componentId: registryAssetId('parts', 'components', 'step', '1') } },
    } as never);
    assert.equal((await jobWhen(client, job.name)).properties.status, 'Completed');
    const [step] = (await client.listJobs({ parent: job.name })).value;
    assert.match(await logOf(client, step!.name), /shared/);
  });

  it('are used by jobs: environment, model and data, by version and by label', async () => {
    const { client } = plane;
    await ask('PUT', at('used'), {});
    const registry = client.inRegistry('used');
    await registry.putAsset('environments', 'shell', '1', { image: 'ubuntu:22.04' });
    await registry.writeBlob(blobContainer, 'files/weights/w.txt', 'seven');
    await registry.putAsset('models', 'weights', '1', { modelUri: datastoreUri('files/weights'), modelType: 'custom_model' } as never);
    await registry.writeBlob(blobContainer, 'files/rows.csv', '1,2,3');
    await registry.putAsset('data', 'rows', '4', { dataUri: datastoreUri('files/rows.csv'), dataType: 'uri_file' } as never);
    const definition = {
      jobType: 'Command',
      command: 'cat ${{inputs.m}}/w.txt ${{inputs.d}}',
      environmentId: 'azureml://registries/used/environments/shell/labels/latest',
      inputs: {
        m: { jobInputType: 'custom_model', uri: 'azureml://registries/used/models/weights/labels/latest' },
        d: { jobInputType: 'uri_file', uri: registryAssetId('used', 'data', 'rows', '4') },
      },
    };
    const job = await client.putJob('uses', definition as never);
    const { environmentId, inputs } = job.properties as any;
    assert.equal(environmentId, registryAssetId('used', 'environments', 'shell', '1'));
    assert.equal(inputs.m.uri, registryAssetId('used', 'models', 'weights', '1'));
    assert.equal((await jobWhen(client, job.name)).properties.status, 'Completed', await logOf(client, job.name));
    assert.match(await logOf(client, job.name), /seven1,2,3/);
    // The same submission is the same job, even where the label means another version by now.
    await registry.putAsset('environments', 'shell', '2', { image: 'ubuntu:24.04' });
    assert.equal((await client.putJob('uses', definition as never)).name, 'uses');
    // What is used is in no list of the workspace.
    for (const kind of ['models', 'data', 'environments'] as const)
      assert.ok(
        (await client.listContainers(kind)).value.every(
          ({ name }) => !name.includes('weights') && !name.includes('rows') && !name.includes(':'),
        ),
      );
    // Whoever looks it up after its change finds no such asset, and does not ask again.
    const { status } = await ask('GET', `${workspaceAt('local')}/models/${encodeURIComponent('used:weights')}`);
    assert.equal(status, 404);
    // It goes on when the registry is gone.
    await client.deleteRegistry('used');
    assert.equal((await client.putJob('uses', definition as never)).name, 'uses');
    const again = await client.putJob('uses-again', { ...definition, environmentId, inputs } as never);
    assert.equal((await jobWhen(client, again.name)).properties.status, 'Completed', await logOf(client, again.name));
  });

  it('are served by deployments: model and environment', async () => {
    const { client } = plane;
    await ask('PUT', at('served'), {});
    const registry = client.inRegistry('served');
    await registry.putAsset('environments', 'shell', '1', { image: 'ubuntu:22.04' });
    await registry.writeBlob(blobContainer, 'files/weights/w.txt', 'served weights');
    await registry.putAsset('models', 'm', '1', { modelUri: datastoreUri('files/weights'), modelType: 'custom_model' } as never);
    const script =
      "import os\ndef init(): pass\ndef run(data): return open(os.path.join(os.environ['AZUREML_MODEL_DIR'], 'weights', 'w.txt')).read()\n";
    await client.writeBlob(blobContainer, 'code/scoring/score.py', script);
    await client.putAsset('codes', 'scoring', '1', { codeUri: datastoreUri('code/scoring') });
    await client.putResource(['onlineEndpoints', 'shared'], { location: 'local', properties: { authMode: 'Key' } });
    const deploy = (model: string) =>
      client.putResource(['onlineEndpoints', 'shared', 'deployments', 'blue'], {
        location: 'local',
        properties: {
          endpointComputeType: 'Managed',
          model,
          environmentId: registryAssetId('served', 'environments', 'shell', '1'),
          codeConfiguration: { codeId: assetId(defaultWorkspace, 'codes', 'scoring', '1'), scoringScript: 'score.py' },
        },
      });
    await assert.rejects(deploy(registryAssetId('served', 'models', 'm', '5')), /no model "m:5" in the registry served/);
    const made = await deploy('azureml://registries/served/models/m/labels/latest');
    assert.equal(made.properties.model, registryAssetId('served', 'models', 'm', '1'));
    const blue = await deploymentWhen(client, 'shared', 'blue');
    assert.equal(blue.properties.provisioningState, 'Succeeded', JSON.stringify(blue.properties.error));
    const { primaryKey: key } = await keysOf(client, 'shared');
    assert.match((await invoke(plane, 'shared', {}, { key, deployment: 'blue' })).text, /served weights/);
  });

  it('refuse a job that names what they do not have, and say what there is', async () => {
    await ask('PUT', at('sparse'), {});
    await plane.client.inRegistry('sparse').putAsset('environments', 'shell', '1', { image: 'ubuntu:22.04' });
    const put = (properties: object) =>
      ask('PUT', `${workspaceAt('local')}/jobs/never`, { properties: { jobType: 'Command', command: 'true', ...properties } });
    const cases: [object, RegExp, RegExp][] = [
      [{ environmentId: registryAssetId('nope', 'environments', 'shell', '1') }, /no registry "nope"/, /sparse/],
      [
        { environmentId: registryAssetId('sparse', 'environments', 'shell', '9') },
        /no environment "shell:9" in the registry sparse/,
        /versions 1/,
      ],
      [{ environmentId: registryAssetId('sparse', 'environments', 'other', '1') }, /no environment "other:1"/, /It has shell/],
      [{ environmentId: 'azureml://registries/sparse/environments/shell/labels/best' }, /label "best" is not known/, /latest/],
      [
        {
          environmentId: registryAssetId('sparse', 'environments', 'shell', '1'),
          inputs: { m: { jobInputType: 'custom_model', uri: registryAssetId('azureml', 'models', 'gpt', '1') } },
        },
        /does not have Azure's public registry "azureml"/,
        /Create it/,
      ],
    ];
    for (const [properties, message, hint] of cases) {
      const { status, body } = await put(properties);
      assert.ok(status === 404 || status === 400, String(status));
      assert.match(body.error.message, message);
      assert.match(body.error.additionalInfo[0].info.hint, hint);
    }
  });
});

/** Who may what in the registries of a team. */
describe('registries of a team', () => {
  let plane: TeamPlane;
  let user: { token: string; id: string };
  const add = async (name: string, role?: string, workspace?: string) => {
    const { member, token } = await plane.add(name, role, workspace);
    return { id: member.id, token: token.token };
  };
  const give = (id: string, role: string, registry: string) =>
    plane.send('PUT', `${at(registry)}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
      properties: {
        roleDefinitionId: `/subscriptions/${defaultWorkspace.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
        principalId: id,
      },
    });
  const registryUser = '1823dd4f-9b8c-4ab6-ab4e-7397a3684615';
  const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
  before(async () => {
    plane = await startTeam();
    await plane.makeWorkspace('vision');
    await plane.send('PUT', at('team'), {});
    await plane.send('PUT', at('other'), {});
    user = await add('ann@example.org');
    const given = await give(user.id, registryUser, 'team');
    assert.equal(given.status, 201, given.text);
  });
  after(() => plane.remove());

  it('are for who has a role on them, and not there for others', async () => {
    const read = await add('rita@example.org');
    await give(read.id, reader, 'team');
    const scientist = await add('dan@example.org', 'AzureML Data Scientist', 'vision');
    const requests: [string, string, unknown?][] = [
      ['GET', at('team')],
      ['GET', `${at('team')}/models`],
      ['PUT', `${at('team')}/environments/e/versions/1`, { properties: { image: 'ubuntu' } }],
      ['PUT', `${at('team')}/tempdatarefs/m/versions/1`, { assetId: registryAssetId('team', 'models', 'm', '1') }],
      ['DELETE', `${at('team')}/environments/none/versions/1`],
      ['GET', `/updraft/registries/team/blobs/azureml-blobstore`],
      ['PUT', `/updraft/registries/team/blobs/azureml-blobstore/x`, {}],
      ['PUT', at('team'), { tags: {} }],
      ['DELETE', at('team')],
    ];
    const statuses = async (token: string) =>
      Promise.all(requests.map(async ([method, to, body]) => (await plane.as(token)(method, to, body)).status));
    assert.deepEqual(await statuses(user.token), [200, 200, 201, 200, 204, 200, 201, 403, 403]);
    assert.deepEqual(await statuses(read.token), [200, 200, 403, 403, 403, 200, 403, 403, 403]);
    const none = await statuses(scientist.token);
    assert.deepEqual(none, [404, 404, 404, 404, 404, 404, 404, 403, 404]);
    const list = async (token: string) =>
      (
        await plane.as(token)(
          'GET',
          `/subscriptions/${defaultWorkspace.subscription}/providers/Microsoft.MachineLearningServices/registries`,
        )
      ).body.value.map((each: any) => each.name);
    assert.deepEqual(await list(user.token), ['team']);
    assert.deepEqual(await list(scientist.token), []);
    const found = await plane.as(scientist.token)('GET', '/registrymanagement/v1.0/registries/team/discovery');
    assert.equal(found.body.error.innererror.code, 'UnAuthorizedRegistryAccess');
    assert.equal((await plane.as(user.token)('GET', '/registrymanagement/v1.0/registries/team/discovery')).status, 200);
    // A registry is no workspace, whatever a header says.
    const asWorkspace = await plane.send('GET', '/updraft/blobs/azureml-blobstore', undefined, { 'x-mlflow-workspace': 'registries/team' });
    assert.equal(asWorkspace.status, 404);
  });

  it('tell their changes to who may read them, and to nobody else', async () => {
    const heard: Change[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const client = new PlaneClient({ url: plane.url, token: user.token }).inRegistry('team');
    const feed = new ChangeStream(client.http, {});
    const live = new Promise<void>((done) => feed.onDidChangeState((state) => state === 'live' && done()));
    feed.onDidChange((change) => {
      heard.push(change);
      if (change.id === 'told:1') resolve();
    });
    await live;
    const elsewhere = await plane.send('PUT', `${at('other')}/environments/secret/versions/1`, { properties: { image: 'ubuntu' } });
    assert.equal(elsewhere.status, 201);
    await plane.send('PUT', `${workspaceAt('vision')}/environments/hidden/versions/1`, { properties: { image: 'ubuntu' } });
    await plane.send('PUT', `${at('team')}/environments/told/versions/1`, { properties: { image: 'ubuntu' } });
    await promise;
    feed.dispose();
    assert.deepEqual(
      heard.filter(({ id }) => /secret|hidden/.test(id)),
      [],
    );
    assert.ok(heard.every(({ workspace }) => workspace === 'registries/team' || workspace === undefined));
    const stranger = await add('sam@example.org', 'AzureML Data Scientist', 'vision');
    assert.equal((await plane.as(stranger.token)('HEAD', '/updraft/registries/team/changes')).status, 404);
  });

  it('are used by jobs of who may read them; others are not told that they are there', async () => {
    await plane.send('PUT', `${at('team')}/environments/shell/versions/1`, { properties: { image: 'ubuntu' } });
    const both = await add('bea@example.org');
    await give(both.id, registryUser, 'team');
    await plane.send('PUT', `${workspaceAt('vision')}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
      properties: { roleDefinitionId: `x/f6c7c914-8db3-469d-8ca1-694a8f32e121`, principalId: both.id },
    });
    const put = (token: string, name: string) =>
      plane.as(token)('PUT', `${workspaceAt('vision')}/jobs/${name}`, {
        properties: { jobType: 'Command', command: 'true', environmentId: registryAssetId('team', 'environments', 'shell', '1') },
      });
    const stranger = await add('eve@example.org', 'AzureML Data Scientist', 'vision');
    const refused = await put(stranger.token, 'eves');
    assert.equal(refused.status, 404);
    assert.match(refused.body.error.message, /There is no registry "team" here/);
    assert.equal((await put(both.token, 'beas')).status, 201);
    // From then on the workspace has it, whoever works there; the token of a job opens no registry itself.
    assert.equal((await put(stranger.token, 'eves')).status, 201);
    const claim = { runnerId: 'r', computes: [], others: true, room: 5, holds: [] };
    const { tokens } = (await plane.send('POST', '/updraft/claims', claim, { 'x-mlflow-workspace': 'vision' })).body;
    const job = plane.as(tokens.beas);
    await plane.send('PUT', `${at('team')}/environments/secret/versions/1`, { properties: { image: 'ubuntu' } });
    const brought = await job('PUT', `${workspaceAt('vision')}/components/thief/versions/1`, {
      properties: {
        componentSpec: {
          name: 'thief',
          version: '1',
          type: 'command',
          command: 'true',
          environment: registryAssetId('team', 'environments', 'secret', '1'),
        },
      },
    });
    assert.equal(brought.status, 403, brought.text);
    assert.equal((await job('GET', `${at('team')}/environments`)).status, 403);
    assert.equal((await job('GET', '/registrymanagement/v1.0/registries/team/discovery')).status, 403);
    assert.deepEqual(
      (await job('GET', `/subscriptions/${defaultWorkspace.subscription}/providers/Microsoft.MachineLearningServices/registries`)).body
        .value,
      [],
    );
    // To share takes a role in both places.
    await plane.send('PUT', `${workspaceAt('vision')}/models/m/versions/1`, { properties: { modelUri: 'https://example.org/m' } });
    const { workspaceId } = (await plane.send('GET', workspaceAt('vision'))).body.properties;
    const share = (token: string) =>
      plane.as(token)('POST', `${at('team')}/import`, {
        properties: { sourceAssetId: `azureml://locations/local/workspaces/${workspaceId}/models/m/versions/1` },
      });
    assert.equal((await share(stranger.token)).status, 404);
    assert.equal((await share(user.token)).status, 404);
    assert.equal((await share(both.token)).status, 202);
  });

  it('are in the audit log, and forget who had a role on one that is gone', async () => {
    const lines = (await plane.send('GET', '/updraft/audit?resource=team')).body.value as any[];
    const shared = lines.find((line) => line.path.endsWith('/import') && line.outcome === 'done');
    assert.equal(shared.workspace, 'registries/team');
    assert.equal(shared.who.name, 'bea@example.org');
    assert.match(shared.about.sourceAssetId, /models\/m\/versions\/1$/);
    assert.ok(lines.some((line) => line.path === at('team') && line.method === 'DELETE' && line.outcome === 'refused'));
    // Files come by the thousand, and are told by what is made of them.
    assert.ok(lines.every((line) => !line.path.includes('/blobs/') || line.outcome === 'refused'));
    assert.equal((await plane.as(user.token)('GET', at('team'))).status, 200);
    await plane.send('DELETE', at('team'));
    await plane.send('PUT', at('team'), {});
    assert.equal((await plane.as(user.token)('GET', at('team'))).status, 404);
  });
});
