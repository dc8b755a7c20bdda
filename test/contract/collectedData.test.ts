import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen, invoke, keysOf } from './onlineDeployments.ts';
import { startPlaneProcess } from './planeProcess.ts';
import { writeIn } from './writeIn.ts';

describe('data that a deployment collects', () => {
  it('is a data asset of lines in the workspace, also when the plane ends before a minute is over', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-collected-'));
    const write = (name: string, text: string) => writeIn(folder, name, text);
    const home = path.join(folder, 'home');
    let plane = await startPlaneProcess(home);
    try {
      await createResource(plane.client, 'onlineEndpoint', { file: write('endpoint.yml', 'name: scores\nauth_mode: key\n') });
      write('blue/score.py', 'import json\ndef init(): pass\ndef run(raw): return [sum(row) for row in json.loads(raw)["input_data"]]\n');
      const text =
        'name: blue\nendpoint_name: scores\ncode_configuration: {code: ./blue, scoring_script: score.py}\nenvironment: {image: python}\ninstance_type: Standard_DS3_v2\n' +
        'data_collector:\n  sampling_rate: 1\n  collections:\n    request: {enabled: "true"}\n    model_inputs: {enabled: true}\n    model_outputs: {enabled: "true"}\n    response: {enabled: "false"}\n';
      await createResource(plane.client, 'onlineDeployment', { file: write('blue.yml', text) });
      assert.equal((await deploymentWhen(plane.client, 'scores', 'blue')).properties.provisioningState, 'Succeeded');
      const { primaryKey: key } = await keysOf(plane.client, 'scores');
      for (const row of [1, 2, 3]) {
        const { text: answer } = await invoke(plane.client.http, 'scores', { input_data: [[row, 10]] }, { key, deployment: 'blue' });
        assert.equal(answer, `[${row + 10}]`);
      }
      await plane.stop();
      plane = await startPlaneProcess(home);
      const { entries } = await plane.client.listBlobs('azureml-blobstore', 'modelDataCollector/scores/blue', { recursive: true });
      assert.deepEqual([...new Set(entries.map((entry) => entry.path.split('/')[0]))].sort(), ['model_inputs', 'model_outputs', 'request']);
      const rows = async (collection: string) => {
        const { properties } = await plane.client.getAsset('data', `scores-blue-${collection}`, '1');
        assert.equal(properties.dataUri, `azureml://datastores/workspaceblobstore/paths/modelDataCollector/scores/blue/${collection}/`);
        const files = entries.filter((entry) => entry.path.startsWith(`${collection}/`));
        const texts = await Promise.all(
          files.map(async (file) =>
            (await plane.client.readBlob('azureml-blobstore', `modelDataCollector/scores/blue/${file.path}`)).text(),
          ),
        );
        return texts
          .join('')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).data);
      };
      assert.deepEqual(await rows('model_inputs'), [[{ 0: 1, 1: 10 }], [{ 0: 2, 1: 10 }], [{ 0: 3, 1: 10 }]]);
      assert.deepEqual(await rows('model_outputs'), [[{ prediction: 11 }], [{ prediction: 12 }], [{ prediction: 13 }]]);
      assert.deepEqual((await rows('request'))[0], { input_data: [[1, 10]] });
    } finally {
      await plane.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  });
});
