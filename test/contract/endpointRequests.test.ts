import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { sampleRequest } from '../../src/client/sampleRequest.ts';
import type { EndpointRequest } from '../../src/protocol/endpointRequest.ts';
import { mostRequestsKept, mostRequestText } from '../../src/protocol/endpointRequest.ts';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen } from './onlineDeployments.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { writeIn } from './writeIn.ts';

describe('requests that people send to endpoints', () => {
  let plane: TestPlane;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-requests-'));
    plane = await startPlane();
    const write = (name: string, text: string) => writeIn(folder, name, text);
    await createResource(plane.client, 'onlineEndpoint', { file: write('endpoint.yml', 'name: scores\nauth_mode: key\n') });
    write(
      'blue/score.py',
      "import json\ndef init(): pass\ndef run(raw):\n    if raw == 'break': raise ValueError('no good')\n    return [2 * each for each in json.loads(raw)]\n",
    );
    await createResource(plane.client, 'onlineDeployment', {
      file: write(
        'blue.yml',
        'name: blue\nendpoint_name: scores\ncode_configuration: {code: ./blue, scoring_script: score.py}\nenvironment: {image: python}\ninstance_type: Standard_DS3_v2\n',
      ),
    });
    assert.equal((await deploymentWhen(plane.client, 'scores', 'blue')).properties.provisioningState, 'Succeeded');
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  /** The requests that are kept, once the newest is as `test` says. */
  async function keptWhen(test: (newest: EndpointRequest | undefined, all: EndpointRequest[]) => boolean): Promise<EndpointRequest[]> {
    const changes = new ChangeStream(plane.client.http, { kinds: ['endpointRequest'] });
    try {
      return await new Promise((resolve, reject) => {
        const look = () => plane.client.listEndpointRequests('scores').then((all) => test(all[0], all) && resolve(all), reject);
        changes.onDidChangeState((state) => state === 'live' && look());
        changes.onDidChange(({ id }) => id === 'scores' && look());
      });
    } finally {
      changes.dispose();
    }
  }

  it('are answered as the deployment does, without a key, and kept with their answers', async () => {
    const good = await plane.client.sendToEndpoint('scores', '[1, 2]', 'blue');
    assert.deepEqual([good.status, await good.text(), good.headers.get('azureml-model-deployment')], [200, '[2, 4]', 'blue']);
    const [kept] = await keptWhen((newest) => newest?.answer === '[2, 4]');
    assert.deepEqual([kept!.request, kept!.deployment, kept!.answeredBy, kept!.status], ['[1, 2]', 'blue', 'blue', 200]);
    assert.ok(kept!.ms > 0 && Date.parse(kept!.at) > Date.now() - 60_000);
    const bad = await plane.client.sendToEndpoint('scores', 'break', 'blue');
    assert.equal(bad.status, 424);
    assert.match(await bad.text(), /ValueError: no good/);
    const none = await plane.client.sendToEndpoint('scores', '[]');
    assert.equal(none.status, 404);
    const [last, before] = await keptWhen((newest) => newest?.status === 404);
    assert.match(last!.answer, /no deployment that gets traffic/);
    assert.deepEqual([before!.status, before!.request], [424, 'break']);
    assert.equal((await plane.client.sendToEndpoint('absent', '[]')).status, 404);
  });

  it('keep the newest ones, and of a long one only that it was', async () => {
    const long = `[${'1,'.repeat(mostRequestText)}1]`;
    const answer = await plane.client.sendToEndpoint('scores', long, 'blue');
    assert.equal(answer.status, 200);
    const [kept] = await keptWhen((newest) => newest?.status === 200);
    assert.equal(kept!.request, undefined);
    assert.equal(kept!.answer.length, mostRequestText + 1);
    for (let at = 0; at < mostRequestsKept; at++) await plane.client.sendToEndpoint('scores', String([at]), 'nobody');
    const all = await keptWhen((_newest, kept) => kept.filter(({ deployment }) => deployment === 'nobody').length === mostRequestsKept);
    assert.equal(all.length, mostRequestsKept);
    assert.ok(all.every(({ deployment }) => deployment === 'nobody'));
    await plane.client.forgetEndpointRequests('scores');
    assert.deepEqual(await plane.client.listEndpointRequests('scores'), []);
  });

  it('begin with the example of the model, else with the shape of its signature', async () => {
    const write = (name: string, text: string) => plane.client.writeBlob('azureml-blobstore', name, text);
    await write('m/MLmodel', `signature:\n  inputs: '[{"type": "double", "name": "width"}]'\n`);
    const put = async (name: string, uri: string) =>
      (
        await plane.client.putAsset('models', name, '1', {
          modelType: 'mlflow_model',
          modelUri: `azureml://datastores/workspaceblobstore/paths/${uri}`,
        })
      ).id;
    const sample = (model: string) =>
      sampleRequest(plane.client, { id: '', name: '', properties: { model } }).then((text) => JSON.parse(text));
    const model = await put('signed', 'm/');
    assert.deepEqual(await sample(model), { input_data: { columns: ['width'], index: [0], data: [[0]] } });
    await write('m/serving_input_example.json', '{"inputs": [5]}');
    assert.deepEqual(await sample(model), { inputs: [5] });
    assert.deepEqual(await sample(await put('bare', 'nothing/')), { input_data: [[1, 2, 3]] });
    const elsewhere = await plane.client.putAsset('models', 'far', '1', { modelType: 'mlflow_model', modelUri: 'https://example.org/m' });
    assert.deepEqual(await sample(elsewhere.id), { input_data: [[1, 2, 3]] });
  });

  it('are forgotten with their endpoint', async () => {
    await plane.client.sendToEndpoint('scores', '[7]', 'blue');
    await keptWhen((newest) => newest?.request === '[7]');
    const changes = new ChangeStream(plane.client.http, { kinds: ['endpoint'] });
    await new Promise<void>((resolve) => {
      changes.onDidChange(({ id, op }) => id === 'scores' && op === 'delete' && resolve());
      changes.onDidChangeState((state) => state === 'live' && plane.client.deleteResource(['onlineEndpoints', 'scores']));
    });
    changes.dispose();
    await createResource(plane.client, 'onlineEndpoint', { file: path.join(folder, 'endpoint.yml') });
    assert.deepEqual(await plane.client.listEndpointRequests('scores'), []);
  });
});
