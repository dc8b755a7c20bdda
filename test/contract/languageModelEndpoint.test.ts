import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { eventsOf } from '../../src/client/chatStream.ts';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen, invoke, keysOf } from './onlineDeployments.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { root } from './updraft.ts';
import { writeIn } from './writeIn.ts';

const tiny = path.resolve(root, '../shared/corpora/tiny-lm/tiny-colours-f32.gguf');
const messages = [{ role: 'user', content: 'what colour is the sky?' }];

describe('an endpoint of a language model', () => {
  let plane: TestPlane;
  let folder: string;
  let key: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-model-endpoint-'));
    plane = await startPlane();
    copyFileSync(tiny, path.join(folder, 'tiny.gguf'));
    await createResource(plane.client, 'onlineEndpoint', { file: writeIn(folder, 'endpoint.yml', 'name: colours\nauth_mode: key\n') });
    await deploy('blue', 'tiny.gguf');
    const made = await deploymentWhen(plane.client, 'colours', 'blue');
    assert.equal(made.properties.provisioningState, 'Succeeded', JSON.stringify(made.properties));
    key = (await keysOf(plane.client, 'colours')).primaryKey;
    await createResource(plane.client, 'onlineEndpoint', {
      file: writeIn(folder, 'traffic.yml', 'name: colours\nauth_mode: key\ntraffic: {blue: 100}\n'),
    });
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  async function deploy(name: string, file: string): Promise<void> {
    const text = [
      `name: ${name}`,
      'endpoint_name: colours',
      `model: {path: ${file}, name: ${file.replace('.', '-')}, version: "1", type: custom_model}`,
      'instance_type: Standard_DS3_v2',
      'request_settings: {request_timeout_ms: 60000, max_concurrent_requests_per_instance: 4}',
    ];
    await createResource(plane.client, 'onlineDeployment', { file: writeIn(folder, `${name}.yml`, text.join('\n')) });
  }
  const openAi = (route: string, body: object, bearer = key) =>
    fetch(`${plane.url}/endpoints/colours/v1/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it("answers OpenAI's API without a scoring script, streamed and in one piece", async () => {
    const chat = await openAi('chat/completions', { model: 'any', temperature: 0, messages });
    const text = await chat.text();
    assert.equal(chat.status, 200, text);
    assert.equal(JSON.parse(text).choices[0].message.content, 'blue');
    assert.equal(chat.headers.get('azureml-model-deployment'), 'blue');
    let streamed = '';
    for await (const event of eventsOf(await openAi('chat/completions', { stream: true, temperature: 0, messages })))
      if (event !== '[DONE]') streamed += JSON.parse(event).choices[0].delta.content ?? '';
    assert.equal(streamed, 'blue');
    assert.equal((await openAi('embeddings', { input: 'sky' })).status, 200);
  });

  it("answers Azure's /score", async () => {
    const asked = { input_data: { input_string: messages, parameters: { temperature: 0, max_new_tokens: 20 } } };
    assert.deepEqual(JSON.parse((await invoke(plane, 'colours', asked, { key })).text), { output: 'blue' });
    const chat = JSON.parse((await invoke(plane, 'colours', { messages, temperature: 0 }, { key })).text);
    assert.equal(chat.choices[0].message.content, 'blue');
  });

  it('says what it takes and answers at swagger.json, also of models that nobody has described', async () => {
    const ask = (search: string, headers: Record<string, string> = {}, bearer = key) =>
      fetch(`${plane.url}/endpoints/colours/swagger.json${search}`, { headers: { authorization: `Bearer ${bearer}`, ...headers } });
    const told = await ask('');
    assert.equal(told.headers.get('azureml-model-deployment'), 'blue');
    const document = (await told.json()) as { swagger: string; host: string; basePath: string; paths: object };
    assert.deepEqual([document.swagger, `http://${document.host}${document.basePath}`], ['2.0', `${plane.url}/endpoints/colours`]);
    assert.deepEqual(Object.keys(document.paths), ['/score', '/v1/chat/completions']);
    assert.equal(((await (await ask('?version=3')).json()) as { openapi: string }).openapi, '3.0.3');
    assert.equal((await ask('', {}, 'wrong')).status, 401);
    assert.equal((await ask('', { 'azureml-model-deployment': 'nobody' })).status, 404);

    // The server of an MLflow model need not be ready: its signature says it.
    const signature = `signature:\n  inputs: '[{"type": "double", "name": "width"}]'\n  outputs: '[{"type": "long"}]'\n`;
    for (const [name, text] of [
      ['signed', signature],
      ['unsigned', 'flavors: {}\n'],
    ] as const) {
      writeIn(folder, `${name}/MLmodel`, text);
      const yaml = `name: ${name}\nendpoint_name: colours\nmodel: {path: ${name}, name: ${name}, version: "1", type: mlflow_model}\ninstance_type: Standard_DS3_v2\ninstance_count: 0\n`;
      await createResource(plane.client, 'onlineDeployment', { file: writeIn(folder, `${name}.yml`, yaml) });
    }
    const signed = (await (await ask('', { 'azureml-model-deployment': 'signed' })).json()) as {
      definitions: { ServiceInput: { example: object } };
    };
    assert.deepEqual(signed.definitions.ServiceInput.example, { input_data: { columns: ['width'], index: [0], data: [[0]] } });
    const unsigned = await ask('', { 'azureml-model-deployment': 'unsigned' });
    assert.equal(unsigned.status, 404);
    assert.match(await unsigned.text(), /logged with a signature/);
  });

  it('refuses a wrong key, and tells what is wrong with a request', async () => {
    assert.equal((await openAi('chat/completions', { messages }, 'wrong')).status, 401);
    const bad = await openAi('chat/completions', { messages: [] });
    assert.equal(bad.status, 400);
    assert.match(((await bad.json()) as { error: { message: string } }).error.message, /at \/messages/);
    const score = await invoke(plane, 'colours', { something: 1 }, { key });
    assert.equal(score.status, 424);
    assert.match(score.error!.message, /neither "messages"/);
  });

  it('says of a file that is damaged why it is not served', async () => {
    writeIn(folder, 'damaged.gguf', 'GGUF and nothing more');
    await deploy('green', 'damaged.gguf');
    const made = await deploymentWhen(plane.client, 'colours', 'green');
    assert.equal(made.properties.provisioningState, 'Failed');
    assert.match(JSON.stringify(made.properties), /The model was not loaded/);
  });
});
