import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createResource } from '../../src/submit/createResource.ts';
import { ggufFile } from '../unit/catalog/modelFiles.ts';
import { deploymentWhen, invoke, keysOf } from './onlineDeployments.ts';
import { ownModelStore } from './ownModelStore.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { registerTuned, tinyAdapter, tinyBase, tinyFacts } from './tunedFixture.ts';
import { writeIn } from './writeIn.ts';

const messages = [{ role: 'user', content: 'what colour is the sky?' }];

describe('an endpoint of a registered adapter', () => {
  let plane: TestPlane;
  let home: string;
  let key: string;
  const base = () => path.join(home, 'mine', 'base.gguf');
  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-tuned-endpoint-'));
    mkdirSync(path.join(home, 'mine'));
    writeFileSync(base(), tinyBase);
    plane = await startPlane({}, path.join(home, 'data'), {
      ...(process.env as Record<string, string>),
      HF_HOME: path.join(home, 'hf'),
      OLLAMA_MODELS: path.join(home, 'ollama'),
      UPDRAFT_CACHE: ownModelStore(home),
      UPDRAFT_MODEL_FOLDERS: path.join(home, 'mine'),
    });
    await createResource(plane.client, 'onlineEndpoint', { file: writeIn(home, 'endpoint.yml', 'name: colours\nauth_mode: key\n') });
    key = (await keysOf(plane.client, 'colours')).primaryKey;
  });
  after(async () => {
    await plane.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });

  const deploy = async (name: string, model: string) => {
    const text = `name: ${name}\nendpoint_name: colours\nmodel: azureml:${model}\ninstance_type: Standard_DS3_v2\nrequest_settings: {request_timeout_ms: 60000}\n`;
    await createResource(plane.client, 'onlineDeployment', { file: writeIn(home, `${name}.yml`, text) });
    return (await deploymentWhen(plane.client, 'colours', name)).properties as { provisioningState: string; error?: { message: string } };
  };

  it("answers OpenAI's API and /score as it was trained, without any code", async () => {
    await registerTuned(plane.client, 'spanish', '1');
    assert.deepEqual((await deploy('blue', 'spanish:1')).provisioningState, 'Succeeded');
    await createResource(plane.client, 'onlineEndpoint', {
      file: writeIn(home, 'traffic.yml', 'name: colours\nauth_mode: key\ntraffic: {blue: 100}\n'),
    });
    const chat = async () => {
      const response = await fetch(`${plane.url}/endpoints/colours/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'any', temperature: 0, messages }),
      });
      return ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]!.message.content;
    };
    assert.equal(await chat(), 'azul');
    const asked = { input_data: { input_string: messages, parameters: { temperature: 0, max_new_tokens: 20 } } };
    assert.deepEqual(JSON.parse((await invoke(plane, 'colours', asked, { key })).text), { output: 'azul' });
    const vectors = await fetch(`${plane.url}/endpoints/colours/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'sky' }),
    });
    assert.equal(vectors.status, 400);
    const logs = await plane.client.actOnResource<{ content: string }>(
      ['onlineEndpoints', 'colours', 'deployments', 'blue'],
      'getLogs',
      {},
    );
    assert.match(logs.content, /Served as: adapter of a language model\./);
  });

  it('fails with the reason where the base model is missing or another one, and where the adapter does not fit', async () => {
    await registerTuned(plane.client, 'lost', '1', {}, { ...tinyFacts, base: { file: 'lost.gguf', bytes: 5, sha256: 'a'.repeat(64) } });
    const lost = await deploy('lost', 'lost:1');
    assert.equal(lost.provisioningState, 'Failed');
    assert.match(lost.error!.message, /Its base model lost\.gguf is not on this machine\./);

    await registerTuned(plane.client, 'broken', '1', { 'finetuning.json': '[]' });
    assert.match((await deploy('broken', 'broken:1')).error!.message, /finetuning\.json is not valid/);

    await registerTuned(plane.client, 'empty', '1', { 'adapter.gguf': '' });
    assert.match((await deploy('empty', 'empty:1')).error!.message, /has no adapter\.gguf/);

    const lora = { 'general.type': 'adapter', 'adapter.type': 'lora', 'adapter.lora.alpha': { f32: 16 }, 'general.architecture': 'qwen2' };
    await registerTuned(plane.client, 'foreign', '1', { 'adapter.gguf': ggufFile(lora) });
    assert.match((await deploy('foreign', 'foreign:1')).error!.message, /adapter\.gguf is for models of the architecture qwen2/);

    await registerTuned(plane.client, 'cut', '1', { 'adapter.gguf': tinyAdapter.subarray(0, 5000) });
    assert.match((await deploy('cut', 'cut:1')).error!.message, /adapter\.gguf is damaged/);

    const changed = Buffer.from(tinyBase);
    changed[changed.length - 1]! ^= 1;
    writeFileSync(`${base()}.part`, changed);
    renameSync(`${base()}.part`, base());
    await registerTuned(plane.client, 'spanish', '2');
    const other = await deploy('other', 'spanish:2');
    assert.match(other.error!.message, /Its base model tiny-colours-f32\.gguf is not on this machine\./);
  });
});
