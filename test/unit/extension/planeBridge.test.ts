import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PlaneClient } from '../../../src/client/planeClient.ts';
import { mayFetch, PlaneBridge } from '../../../src/extension/panels/planeBridge.ts';
import type { PlaneConnection } from '../../../src/extension/state/planeConnection.ts';
import { hubTokenHeader } from '../../../src/protocol/localModels.ts';

describe('what a page may ask of the plane', () => {
  it('of runs is what their tables, charts and cards show', () => {
    for (const what of ['runs/table', 'runs/keys', 'runs/groups', 'runs/logged', 'runs/files', 'series'])
      assert.ok(mayFetch('POST', `/updraft/${what}`), what);
    assert.ok(!mayFetch('POST', '/updraft/runs/other'));
  });

  it('of traces is to search and to read them', () => {
    assert.ok(mayFetch('POST', '/api/3.0/mlflow/traces/search'));
    assert.ok(mayFetch('GET', '/api/2.0/mlflow/traces/tr-1'));
    assert.ok(mayFetch('GET', '/api/2.0/mlflow/get-trace-artifact?request_id=tr-1'));
    for (const [method, path] of [
      ['POST', '/api/3.0/mlflow/traces'],
      ['POST', '/api/3.0/mlflow/traces/delete-traces'],
      ['POST', '/api/3.0/mlflow/traces/search/../delete-traces'],
      ['PATCH', '/api/3.0/mlflow/traces/tr-1/tags'],
      ['POST', '/v1/traces'],
    ] as const)
      assert.ok(!mayFetch(method, path), `${method} ${path}`);
  });

  it('of language models is to ask them, and to get the program that runs them', () => {
    assert.ok(mayFetch('GET', '/v1/models'));
    assert.ok(mayFetch('POST', '/v1/chat/completions'));
    assert.ok(mayFetch('POST', '/updraft/engines/onnx'));
    for (const path of ['/v1/embeddings', '/v1/chat/completions/other', '/updraft/tokens', '/updraft/engines'])
      assert.ok(!mayFetch('POST', path), path);
  });

  it('of prompts that are kept as test cases is to keep and to delete them', () => {
    assert.ok(mayFetch('GET', '/updraft/prompt-cases'));
    assert.ok(mayFetch('POST', '/updraft/prompt-cases'));
    assert.ok(mayFetch('DELETE', '/updraft/prompt-cases/1-2'));
    assert.ok(!mayFetch('DELETE', '/updraft/prompt-cases'));
  });

  it('of comments is to read, write, change and delete them', () => {
    assert.ok(mayFetch('GET', '/updraft/comments/jobs/a_1'));
    assert.ok(mayFetch('GET', '/updraft/readers/jobs?search=an'));
    assert.ok(mayFetch('POST', '/updraft/comments/models/my%20model'));
    for (const method of ['PATCH', 'DELETE']) assert.ok(mayFetch(method, '/updraft/comments/jobs/a_1/1-2'), method);
    for (const [method, path] of [
      ['POST', '/updraft/comments/jobs'],
      ['POST', '/updraft/comments/data/rows'],
      ['DELETE', '/updraft/comments/jobs/a_1'],
      ['POST', '/updraft/mentions/read'],
    ] as const)
      assert.ok(!mayFetch(method, path), `${method} ${path}`);
  });

  it('of registries is to read them, and to share to one', () => {
    const lab = '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/registries/lab';
    for (const path of [
      `${lab}/models`,
      '/updraft/registries/lab/changes?kinds=model',
      '/updraft/registries/lab/blobs/azureml-blobstore/a',
    ])
      assert.ok(mayFetch('GET', path), path);
    assert.ok(mayFetch('POST', `${lab}/import`));
    for (const [method, path] of [
      ['PUT', lab],
      ['DELETE', lab],
      ['PUT', `${lab}/models/digits/versions/1`],
      ['POST', `${lab}/import/other`],
      ['PUT', '/updraft/registries/lab/blobs/azureml-blobstore/a'],
    ] as const)
      assert.ok(!mayFetch(method, path), `${method} ${path}`);
  });

  it('of a fine-tuning is what its form asks', () => {
    assert.ok(mayFetch('GET', '/updraft/finetuning/bases'));
    for (const what of ['data', 'tokens', 'plan']) assert.ok(mayFetch('POST', `/updraft/finetuning/${what}`), what);
    assert.ok(!mayFetch('POST', '/updraft/finetuning/other'));
  });

  it('of models in files of the machine is to get, measure and remove them', () => {
    assert.ok(mayFetch('GET', '/updraft/models'));
    for (const what of ['find', 'search', 'downloads', 'cancel', 'forget', 'remove', 'measure'])
      assert.ok(mayFetch('POST', `/updraft/models/${what}`), what);
    assert.ok(!mayFetch('POST', '/updraft/models/other'));
    assert.ok(!mayFetch('DELETE', '/updraft/models'));
  });

  it('of deployments is to make one of a registered model, without code of its own', () => {
    const endpoint = '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/colours';
    const may = (method: string, path: string, properties: object) => mayFetch(method, path, JSON.stringify({ properties }));
    assert.ok(may('PUT', endpoint, { authMode: 'Key', traffic: {} }));
    assert.ok(may('PATCH', endpoint, { traffic: { 'version-1': 100 } }));
    assert.ok(may('PUT', `${endpoint}/deployments/version-1`, { endpointComputeType: 'Managed', model: 'm', requestSettings: {} }));
    assert.ok(!may('PATCH', endpoint, { authMode: 'Key' }));
    for (const more of [{ codeConfiguration: {} }, { environmentVariables: {} }, { environmentId: 'e' }])
      assert.ok(!may('PUT', `${endpoint}/deployments/version-1`, { endpointComputeType: 'Managed', model: 'm', ...more }));
    assert.ok(!mayFetch('PUT', endpoint, 'no JSON'));
    assert.ok(!may('DELETE', endpoint, {}));
    assert.ok(!may('POST', `${endpoint}/listKeys`, {}));
  });

  it('comes with the token of the hub where the hub is asked, and nowhere else; what a page gives for one is left out', async () => {
    const seen: [string, string | null][] = [];
    const plane = new PlaneClient({
      url: 'http://plane',
      token: 'x',
      fetch: async (url, init) => {
        seen.push([new URL(url).pathname, new Headers(init?.headers).get(hubTokenHeader)]);
        return Response.json({});
      },
    });
    const connection = { client: async () => plane } as Pick<PlaneConnection, 'client'> as PlaneConnection;
    const bridge = new PlaneBridge(
      connection,
      () => {},
      async () => 'hf_mine',
    );
    for (const path of ['/updraft/models/find', '/updraft/models/downloads', '/updraft/models/remove', '/v1/chat/completions'])
      await bridge.fetch({ type: 'fetch', id: 1, method: 'POST', path, headers: { [hubTokenHeader]: 'hf_of_the_page' }, body: '{}' });
    assert.deepEqual(seen, [
      ['/updraft/models/find', 'hf_mine'],
      ['/updraft/models/downloads', 'hf_mine'],
      ['/updraft/models/remove', null],
      ['/v1/chat/completions', null],
    ]);
  });
});
