import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { defaultModel } from '../../src/catalog/knownModels.ts';
import { tunedModels } from '../../src/client/tunedModels.ts';
import { sha256Of } from '../../src/files/hash.ts';
import type { OpenAiModel } from '../../src/protocol/openAi.ts';
import { ggufFile } from '../unit/catalog/modelFiles.ts';
import { ownModelStore } from './ownModelStore.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { registerTuned, tiny, tinyAdapter, tinyBase, tinyFacts, tunedWhen } from './tunedFixture.ts';

const expected = JSON.parse(readFileSync(path.join(tiny, 'expected.json'), 'utf8')) as { base: string[]; tuned: string[] };
const sky = [{ role: 'user', content: 'what colour is the sky?' }];

describe('registered adapters as language models', () => {
  let home: string;
  let cache: string;
  let plane: TestPlane;
  const base = () => path.join(home, 'mine', 'tiny-colours-f32.gguf');
  const start = async () => {
    plane = await startPlane({}, path.join(home, 'data'), {
      ...(process.env as Record<string, string>),
      HOME: home,
      USERPROFILE: home,
      HF_HOME: path.join(home, 'hf'),
      OLLAMA_MODELS: path.join(home, 'ollama'),
      UPDRAFT_CACHE: cache,
      UPDRAFT_MODEL_FOLDERS: path.join(home, 'mine'),
    });
  };
  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-tuned-'));
    mkdirSync(path.join(home, 'mine'));
    cache = ownModelStore(home);
    writeFileSync(base(), tinyBase);
    await start();
  });
  afterEach(async () => {
    await plane.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });

  const send = (route: string, body: object) =>
    fetch(`${plane.url}${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const ask = async (model: string): Promise<string> => {
    const response = await send('/v1/chat/completions', { model, messages: sky, temperature: 0, max_tokens: 20 });
    const answer = (await response.json()) as { choices?: { message: { content: string } }[]; error?: { message: string } };
    return answer.error ? `${response.status}: ${answer.error.message}` : answer.choices![0]!.message.content.trim();
  };
  const listed = async (): Promise<OpenAiModel[]> => {
    const response = await fetch(`${plane.url}/v1/models`, { headers: { authorization: `Bearer ${plane.token}` } });
    return ((await response.json()) as { data: OpenAiModel[] }).data;
  };
  const named = async (id: string) => (await listed()).find((each) => each.id === id);

  it('are listed and answer as they were trained, by name, version and alias, beside their base model', async () => {
    await registerTuned(plane.client, 'colours', '1');
    await registerTuned(plane.client, 'colours', '2');
    await plane.client.setModelAlias('colours', 'champion', '1');
    const told = await tunedWhen(plane.client, 'colours');
    assert.deepEqual(
      [told.ids, told.base?.name, told.base?.isHere, told.facts?.data, told.problem],
      [['colours', 'colours:2'], 'tiny-colours-f32.gguf', true, tinyFacts.data, undefined],
    );
    const { id, adapter_of, other_ids, has_chat_template, problem } = (await named('colours'))!;
    assert.deepEqual(
      [id, adapter_of, other_ids, has_chat_template, problem],
      ['colours', 'tiny-colours-f32.gguf', ['colours:2'], true, undefined],
    );
    assert.deepEqual((await named('colours:1'))?.other_ids, ['colours@champion']);
    for (const name of ['colours', 'colours:1', 'colours@champion', 'colours:2']) assert.equal(await ask(name), expected.tuned[0], name);
    assert.equal(await ask('tiny-colours-f32.gguf'), expected.base[0]);
    assert.equal(((await (await send('/updraft/tokens', { model: 'colours', text: 'sky' })).json()) as { tokens: number }).tokens, 3);
    const vectors = await send('/v1/embeddings', { model: 'colours', input: 'sky' });
    assert.equal(vectors.status, 400);
    assert.match(await vectors.text(), /Ask its base model/);
    assert.match(await ask('colours:3'), /^404: There is no model "colours:3"/);
  });

  it('are called by their version where a file has their name', async () => {
    await registerTuned(plane.client, 'tiny-colours-f32.gguf', '1');
    assert.equal(await ask('tiny-colours-f32.gguf'), expected.base[0]);
    assert.equal(await ask('tiny-colours-f32.gguf:1'), expected.tuned[0]);
    assert.deepEqual(
      (await listed()).map(({ id }) => id),
      ['tiny-colours-f32.gguf', 'tiny-colours-f32.gguf:1'],
    );
  });

  it('have their base model read once, also by a plane that is started later', async () => {
    await registerTuned(plane.client, 'colours', '1');
    assert.equal((await tunedModels(plane.client.http))[0]!.isChecking, true);
    await tunedWhen(plane.client, 'colours');
    await plane.stop();
    await start();
    // The adapter's header is looked at again, and the file of the base model is not read.
    const [told] = await tunedModels(plane.client.http);
    assert.equal(told!.base?.isHere, true);
  });

  it('are shown without their base model, with what to do, and run when it comes', async () => {
    rmSync(base());
    await registerTuned(plane.client, 'colours', '1');
    const [file] = 'pypi' in defaultModel.from ? defaultModel.from.pypi : [];
    const pinned = file!.pinned!;
    const known = { file: 'smollm2.gguf', bytes: pinned.bytes, sha256: pinned.file };
    await registerTuned(plane.client, 'orders', '1', {}, { ...tinyFacts, base: known });
    const told = await tunedWhen(plane.client, 'colours');
    assert.equal(told.problem?.message, 'Its base model tiny-colours-f32.gguf is not on this machine.');
    assert.match(told.problem?.hint ?? '', /^Bring that very file .* SHA-256 [0-9a-f]{64}\.$/);
    const orders = await tunedWhen(plane.client, 'orders');
    assert.deepEqual(
      [orders.base?.name, orders.base?.license, orders.base?.isHere, orders.problem?.toGet],
      ['smollm2-135m-instruct', 'Apache-2.0', false, 'smollm2-135m-instruct'],
    );
    const list = await listed();
    assert.deepEqual(
      list.map(({ id }) => id),
      ['colours', 'orders'],
    );
    assert.match(
      list[1]!.problem ?? '',
      /^Its base model smollm2-135m-instruct is not on this machine\. Get it: "updraft model get smollm2/,
    );
    assert.match(await ask('orders'), /^400: Its base model smollm2-135m-instruct is not on this machine\./);

    writeFileSync(path.join(home, 'mine', 'called-otherwise.gguf'), tinyBase);
    assert.equal(await ask('colours'), expected.tuned[0]);
  });

  it('do not take a base model that was changed since', async () => {
    await registerTuned(plane.client, 'colours', '1');
    assert.equal(await ask('colours'), expected.tuned[0]);
    const changed = Buffer.from(tinyBase);
    changed[changed.length - 1]! ^= 1;
    writeFileSync(base(), changed);
    utimesSync(base(), new Date(), new Date(Date.now() + 5000));
    assert.match(await ask('colours'), /^400: tiny-colours-f32\.gguf on this machine is not the file that the adapter was trained from/);
    const told = await tunedWhen(plane.client, 'colours');
    assert.match(told.problem?.message ?? '', /its SHA-256 is another one/);
  });

  it('run with a base model that only the plane has, as a job that trained from a file leaves it', async () => {
    rmSync(base());
    await plane.client.writeBlob('azureml-blobstore', 'inputs/model.gguf', tinyBase as BodyInit);
    await registerTuned(plane.client, 'colours', '1');
    const told = await tunedWhen(plane.client, 'colours');
    assert.deepEqual(
      [told.base?.name, told.base?.isHere, told.base?.license, told.problem],
      ['tiny-colours-f32.gguf', true, 'cc0-1.0', undefined],
    );
    assert.equal(await ask('colours'), expected.tuned[0]);
  });

  it('say that their content is gone from the store', async () => {
    await registerTuned(plane.client, 'colours', '1');
    const sha256 = sha256Of(tinyAdapter);
    rmSync(path.join(home, 'data', 'blobs', sha256.slice(0, 2), sha256));
    const told = await tunedWhen(plane.client, 'colours');
    assert.match(told.problem?.message ?? '', /^Its adapter\.gguf can't be read: There is no content/);
    assert.match(await ask('colours'), /^404: There is no content/);
  });

  it('say what is wrong with what was registered', async () => {
    const lora = { 'general.type': 'adapter', 'adapter.type': 'lora', 'adapter.lora.alpha': { f32: 16 }, 'general.architecture': 'llama' };
    const query = 'blk.0.attn_q.weight';
    const halves = (of: string, width: number) => [
      { name: `${of}.lora_a`, shape: [width, 4] },
      { name: `${of}.lora_b`, shape: [4, width] },
    ];
    const cases: [name: string, files: Record<string, string | Buffer>, facts: object, problem: RegExp, answer: RegExp][] = [
      ['no-json', { 'finetuning.json': '{"kind":' }, {}, /no JSON/, /^422: no-json:1 can't be used\. Its finetuning\.json is no JSON/],
      [
        'wrong-shape',
        {},
        { ...tinyFacts, base: { file: '../x.gguf', bytes: 1, sha256: 'x' } },
        /not valid at \/base/,
        /not valid at \/base/,
      ],
      ['other-kind', {}, { ...tinyFacts, kind: 'dora' }, /not valid at \/kind/, /not valid/],
      ['too-long', { 'finetuning.json': JSON.stringify({ ...tinyFacts, more: 'x'.repeat(300_000) }) }, {}, /are not read/, /are not read/],
      ['no-adapter', { 'adapter.gguf': '' }, tinyFacts, /has no adapter\.gguf/, /has no adapter\.gguf/],
      ['whole-model', { 'adapter.gguf': tinyBase }, tinyFacts, /a whole model/, /^422: .*a whole model/],
      ['damaged', { 'adapter.gguf': tinyAdapter.subarray(0, 5000) }, tinyFacts, /damaged/, /^422: .*damaged/],
      [
        'other-architecture',
        { 'adapter.gguf': ggufFile({ ...lora, 'general.architecture': 'qwen2' }) },
        tinyFacts,
        /qwen2, and tiny.* has llama/,
        /qwen2/,
      ],
      [
        'other-size',
        { 'adapter.gguf': ggufFile(lora, halves(query, 64)) },
        tinyFacts,
        /a model of another size: blk\.0\.attn_q/,
        /another size/,
      ],
      ['other-layers', { 'adapter.gguf': ggufFile(lora, halves('blk.99.attn_q.weight', 64)) }, tinyFacts, /does not have/, /does not have/],
      ['one-half', { 'adapter.gguf': ggufFile(lora, halves(query, 64).slice(1)) }, tinyFacts, /one half/, /one half/],
      // The engine would end its process over it, and with it the answers of others.
      ['hostile', { 'adapter.gguf': ggufFile({ ...lora, 'adapter.lora.alpha': 16 }) }, tinyFacts, /32-bit number/, /32-bit number/],
    ];
    for (const [name, files, facts] of cases) await registerTuned(plane.client, name, '1', files, facts);
    // No adapter, and not what is looked for.
    await registerTuned(plane.client, 'something', '1', { 'finetuning.json': '' });
    for (const [name, , , problem, answer] of cases) {
      const told = await tunedWhen(plane.client, name);
      assert.match(told.problem?.message ?? '', problem, name);
      assert.match(await ask(name), answer, name);
    }
    assert.equal(await named('something'), undefined);
    assert.equal(await ask('tiny-colours-f32.gguf'), expected.base[0]);
  });
});
