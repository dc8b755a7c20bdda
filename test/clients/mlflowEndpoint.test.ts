import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { findUv, mlflowWhole } from '../../scripts/pythonClients.ts';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen, type Invoked, invoke, keysOf } from '../contract/onlineDeployments.ts';
import { root, runProcess } from '../contract/updraft.ts';
import { writeIn } from '../contract/writeIn.ts';
import { type StoryPlane, storyPlanes } from './storyPlanes.ts';

for (const place of storyPlanes())
  describe(`an endpoint with an MLflow model on ${place.name}`, () => {
    let plane: StoryPlane;
    let folder: string;
    let digits: { columns: string[]; data: number[][]; predictions: number[] };
    before(async function () {
      // The first run on a machine installs MLflow.
      this.timeout(900_000);
      folder = mkdtempSync(path.join(tmpdir(), 'updraft-mlflow-endpoint-'));
      const uv = await findUv('python3', () => {});
      plane = await place.start({ environment: { PATH: `${path.dirname(uv ?? '')}:${process.env.PATH}` } });
      const file = path.join(folder, 'digits.json');
      const saved = await runProcess(await mlflowWhole(), [
        path.join(root, 'test/fixtures/mlflow-model/save.py'),
        path.join(folder, 'model'),
        file,
      ]);
      assert.equal(saved.code, 0, saved.stderr);
      digits = JSON.parse(readFileSync(file, 'utf8'));
      await createResource(plane.client, 'onlineEndpoint', {
        file: writeIn(folder, 'endpoint.yml', 'name: digits\nauth_mode: aml_token\n'),
      });
      const text =
        'name: blue\nendpoint_name: digits\nmodel: {path: ./model, type: mlflow_model}\ninstance_type: Standard_DS3_v2\nrequest_settings: {request_timeout_ms: 60000}\n';
      await createResource(plane.client, 'onlineDeployment', { file: writeIn(folder, 'blue.yml', text) });
      const { properties } = await deploymentWhen(plane.client, 'digits', 'blue');
      assert.equal(properties.provisioningState, 'Succeeded', JSON.stringify(properties));
      await plane.client.patchResource(['onlineEndpoints', 'digits'], { properties: { traffic: { blue: 100 } } });
    });
    after(async () => {
      await plane?.remove();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    });

    async function call(body: unknown): Promise<Invoked & { value: any }> {
      const { accessToken } = await plane.client.actOnResource<{ accessToken: string }>(['onlineEndpoints', 'digits'], 'token');
      const answer = await invoke(plane.client.http, 'digits', body, { key: accessToken });
      return { ...answer, value: JSON.parse(answer.text) };
    }

    it("reads 200 digits right, in Azure's shape, and answers with the bare predictions", async () => {
      const { columns, data, predictions } = digits;
      assert.deepEqual((await call({ input_data: { columns, index: data.map((_row, index) => index), data } })).value, predictions);
      assert.deepEqual((await call({ input_data: { columns, data } })).value, predictions);
      assert.deepEqual((await call({ input_data: data.slice(0, 3) })).value, predictions.slice(0, 3));
      const rows = data.slice(0, 3).map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
      assert.deepEqual((await call({ input_data: rows })).value, predictions.slice(0, 3));
    });

    it("reads MLflow's own shapes, and answers as MLflow's server does", async () => {
      const { columns, predictions } = digits;
      const data = digits.data.slice(0, 5);
      const expected = { predictions: predictions.slice(0, 5) };
      const rows = data.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
      const byColumn = Object.fromEntries(columns.map((name, place) => [name, data.map((row) => row[place])]));
      assert.deepEqual((await call({ dataframe_split: { columns, data } })).value, expected);
      assert.deepEqual((await call({ dataframe_records: rows })).value, expected);
      assert.deepEqual((await call({ inputs: byColumn })).value, expected);
      assert.deepEqual((await call({ instances: rows })).value, expected);
    });

    it('says what is wrong with a request', async () => {
      const few = await call({ input_data: { columns: ['pixel_0_0'], data: [[1]] } });
      assert.deepEqual([few.status, few.headers.get('ms-azureml-model-error-statuscode')], [424, '400']);
      assert.match(few.error!.message, /missing inputs/i);
      assert.match((await call({ data: [] })).error!.message, /must be a JSON object with one of: input_data, dataframe_split/);
    });

    it('opens with a token alone, which ends when the key is made anew', async () => {
      const { primaryKey } = await keysOf(plane.client, 'digits');
      assert.equal((await invoke(plane.client.http, 'digits', {}, { key: primaryKey })).status, 401);
      const { accessToken, expiryTimeUtc } = await plane.client.actOnResource<{ accessToken: string; expiryTimeUtc: number }>(
        ['onlineEndpoints', 'digits'],
        'token',
      );
      assert.ok(expiryTimeUtc > Date.now() / 1000 + 3600);
      assert.equal(
        (await invoke(plane.client.http, 'digits', {}, { key: accessToken.replace(/\d+/, (time) => String(Number(time) + 1)) })).status,
        401,
      );
      await plane.client.actOnResource(['onlineEndpoints', 'digits'], 'regenerateKeys', { keyType: 'Primary' });
      assert.equal((await invoke(plane.client.http, 'digits', {}, { key: accessToken })).status, 401);
    });
  });
