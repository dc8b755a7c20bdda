import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { defaultEmbedderFile } from '../../scripts/defaultModelFile.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { configOf } from '../../src/server/config.ts';
import { planeModels } from '../../src/server/planeModels.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { root } from './updraft.ts';

const fixtures = path.join(root, 'test/fixtures/onnx');
const never = new AbortController().signal;
/** What sentence-transformers makes of some texts; the weights there have 32 bits, and here 8. */
const reference = (
  JSON.parse(readFileSync(path.join(fixtures, 'minilm.json'), 'utf8')) as { texts: { text: string; tokens: number; vector: string }[] }
).texts.map(({ vector, ...each }) => ({ ...each, vector: floatsOf(vector) }));

interface Answer {
  data: { index: number; embedding: number[] }[];
  usage: { prompt_tokens: number; total_tokens: number };
  error: { message: string; type: string };
}

/** With the engine itself, which is got once and kept in the cache, as the real model is; the model of a few words is in the fixtures. */
describe('vectors of texts', () => {
  let plane: TestPlane;
  let folder: string;
  before(async function () {
    // The first run on a machine gets the model and what runs it: some 140 MB.
    this.timeout(600_000);
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-embed-'));
    for (const each of ['words', 'words-beside', 'words-fixed', 'escaped', 'missing', 'cut', 'damaged', 'bare'])
      cpSync(
        path.join(fixtures, /escaped|missing/.test(each) ? 'words-beside' : each.startsWith('words') ? each : 'words'),
        path.join(folder, each),
        {
          recursive: true,
        },
      );
    const at = (name: string, file = 'model.onnx') => path.join(folder, name, file);
    // Its weights are named as a file above its folder, where there is one.
    const outside = readFileSync(at('escaped')).toString('latin1').replace('model.onnx_data', '../escaped.data');
    writeFileSync(at('escaped'), outside, 'latin1');
    cpSync(at('escaped', 'model.onnx_data'), path.join(folder, 'escaped.data'));
    rmSync(at('missing', 'model.onnx_data'));
    truncateSync(at('cut'), 300);
    // The header is right, and a node asks for what no engine has.
    writeFileSync(at('damaged'), readFileSync(at('damaged')).toString('latin1').replace('Gather', 'Gathex'), 'latin1');
    rmSync(at('bare', 'tokenizer.json'));
    await defaultEmbedderFile();
    plane = await startPlane({}, path.join(folder, 'data'), {
      ...(process.env as Record<string, string>),
      UPDRAFT_MODEL_FOLDERS: folder,
    });
    assert.equal((await ask({ input: 'ready?' })).status, 200);
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(body: object, route = 'embeddings'): Promise<{ status: number } & Answer> {
    const response = await fetch(`${plane.url}/v1/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'all-minilm-l6-v2', ...body }),
    });
    return { status: response.status, ...((await response.json()) as Answer) };
  }
  async function vectors(body: object): Promise<number[][]> {
    const { status, data, error } = await ask(body);
    assert.equal(status, 200, JSON.stringify(error));
    assert.deepEqual(
      data.map(({ index }) => index),
      data.map((_, at) => at),
    );
    return data.map(({ embedding }) => embedding);
  }

  it('are those of sentence-transformers', async () => {
    const { data, usage } = await ask({ input: reference.map(({ text }) => text), truncate: true });
    for (const [at, { vector, text }] of reference.entries()) {
      const cosine = dot(data[at]!.embedding, vector);
      assert.ok(cosine > 0.998, `${text.slice(0, 40)}: ${cosine}`);
    }
    const tokens = reference.reduce((sum, each) => sum + each.tokens, 0);
    assert.deepEqual(usage, { prompt_tokens: tokens, total_tokens: tokens });
  });

  it('do not depend on the texts beside them', async () => {
    const texts = ['A cat sits on the sofa.', 'x', 'The sea is wide and the night is calm. '.repeat(9)];
    const together = await vectors({ input: texts });
    for (const [at, text] of texts.entries()) assert.deepEqual((await vectors({ input: text }))[0], together[at]);
  });

  it('come as base64, and shorter', async () => {
    const input = 'A cat sits on the sofa.';
    const [whole] = await vectors({ input });
    const { data } = await ask({ input, encoding_format: 'base64' });
    assert.deepEqual([...floatsOf(String(data[0]!.embedding))], whole);
    const [short] = await vectors({ input, dimensions: 64 });
    assert.equal(short!.length, 64);
    assert.ok(Math.abs(dot(short!, short!) - 1) < 1e-6);
    assert.ok(Math.abs(short![1]! / short![0]! - whole![1]! / whole![0]!) < 1e-5);
  });

  const mean = (...rows: number[][]): number[] => {
    const sums = rows[0]!.map((_, at) => rows.reduce((sum, row) => sum + row[at]!, 0));
    return sums.map((each) => Math.fround(each / Math.hypot(...sums)));
  };
  const [none, red, green, cat] = [
    [0, 0, 0, 0],
    [6, 0, 0, 0],
    [0, 6, 0, 0],
    [0, 0, 3, 3],
  ] as [number[], number[], number[], number[]];

  for (const model of ['words/model.onnx', 'words-beside', 'words-fixed'])
    it(`are the mean of all tokens, whatever fills up a batch: ${model}`, async () => {
      const made = await vectors({ model, input: ['red', 'Red green cat', 'something'] });
      const wanted = [mean(none, red, none), mean(none, red, green, cat, none), none];
      made.forEach((vector, row) => {
        vector.forEach((each, at) => {
          assert.ok(Math.abs(each - wanted[row]![at]!) < 1e-6, `${vector}`);
        });
      });
    });

  it('are made for many texts at once', async () => {
    const made = await vectors({ model: 'words/model.onnx', input: Array.from({ length: 2048 }, (_, at) => ['red', 'green cat'][at % 2]) });
    assert.deepEqual(made.at(-2), made[0]);
    assert.deepEqual(made.at(-1), made[1]);
  });

  it('a text that is too long is cut only where that is asked for', async () => {
    const input = ['red', 'red '.repeat(9)];
    const { status, error } = await ask({ model: 'words/model.onnx', input });
    assert.equal(status, 400);
    assert.match(error.message, /Text 2 of the input has 11 tokens, and the model takes 10\.\n.*"truncate": true/);
    const { usage } = await ask({ model: 'words/model.onnx', input, truncate: true });
    assert.equal(usage.total_tokens, 3 + 10);
    const fixed = await ask({ model: 'words-fixed', input: 'red '.repeat(7) });
    assert.match(fixed.error.message, /has 9 tokens, and the model takes 8\./);
    const huge = await ask({ model: 'words/model.onnx', input: 'red '.repeat(1e6) });
    assert.match(huge.error.message, /Text 1 of the input is longer than the 10 tokens/);
  });

  for (const [what, body, message, route] of [
    ['an empty text', { input: ['red', ''] }, /Text 2 is empty/],
    ['no texts', { input: [] }, /at \/input/],
    ['tokens', { input: [1, 2, 3] }, /at \/input/],
    ['more numbers than a vector has', { input: 'red', dimensions: 1000 }, /The vectors of this model have 384 numbers, not 1000/],
    ['a chat', { messages: [{ role: 'user', content: 'hello' }] }, /makes vectors of texts, and does not write/, 'chat/completions'],
    ['a completion', { prompt: 'hello' }, /makes vectors of texts, and does not write/, 'completions'],
  ] as [string, object, RegExp, string?][])
    it(`${what} is refused in words`, async () => {
      const { status, error } = await ask(body, route);
      assert.equal(status, 400);
      assert.match(error.message, message);
    });

  for (const [model, status, message] of [
    ['cut', 400, /can't be read as a model: a part of it is missing/],
    ['missing', 400, /its weights are in the file "model\.onnx_data", which is not there/],
    ['escaped', 400, /its weights are in the file "\.\.\/escaped\.data", which is not there/],
    ['damaged', 422, /The model was not loaded: .*Gathex/],
    ['bare', 400, /takes no texts: it has no tokenizer\.json beside it/],
  ] as const)
    it(`says of a model that is ${model} why it makes none`, async () => {
      const answer = await ask({ model: `${model}/model.onnx`, input: 'red' });
      assert.match(answer.error.message, message);
      assert.equal(answer.status, status);
    });

  it('the models that make them are listed, and those alone', async () => {
    const response = await fetch(`${plane.url}/v1/models`, { headers: { authorization: `Bearer ${plane.token}` } });
    const { data } = (await response.json()) as {
      data: { id: string; context_length?: number; has_chat_template?: boolean; is_embedder?: boolean }[];
    };
    const found = data.filter(({ id }) => id.endsWith('.onnx') || id === 'all-minilm-l6-v2');
    assert.deepEqual(
      found.map((each) => [each.id, each.context_length, each.has_chat_template || !each.is_embedder]),
      [
        ['all-minilm-l6-v2', 256, false],
        ['damaged/model.onnx', 10, false],
        ['words/model.onnx', 10, false],
        ['words-beside/model.onnx', 10, false],
        ['words-fixed/model.onnx', 10, false],
      ],
    );
  });

  it('a process that is killed fails its request, and is started again for the next one', async () => {
    const { own } = planeModels(configOf({ dataFolder: path.join(folder, 'data') }), silentLogger);
    const file = path.join(folder, 'words/model.onnx');
    const embed = (kill: boolean) =>
      own.withFile(file, [], (model) => {
        const asked = model.embed({ texts: Array(2000).fill('red'), isCut: false }, 'test', never);
        if (kill) process.kill(model.pid, 'SIGKILL');
        return asked;
      });
    try {
      await assert.rejects(embed(true), /The process that has the model was ended by SIGKILL/);
      assert.equal((await embed(false)).vectors.length, 2000);
    } finally {
      await own.dispose();
    }
  });
});

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, each, at) => sum + each * b[at]!, 0);

function floatsOf(base64: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return new Float32Array(bytes.buffer);
}
