import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findModels } from '../../../src/catalog/findModels.ts';
import { fitOf } from '../../../src/catalog/fit.ts';
import { placesOf } from '../../../src/catalog/places.ts';
import { ggufFile, safetensorsFile } from './modelFiles.ts';

const llama = (more: object = {}) =>
  ggufFile({
    'general.architecture': 'llama',
    'llama.block_count': 4,
    'llama.embedding_length': 64,
    'llama.attention.head_count': 8,
    'llama.context_length': 2048,
    ...more,
  });
const commit = 'a'.repeat(40);

describe('models of this machine', () => {
  let home: string;
  const write = (name: string, content: Buffer | string) => {
    const file = path.join(home, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const find = (folders: string[] = [], env: Record<string, string> = {}) =>
    findModels(placesOf(env, home, path.join(home, 'cache'), folders));

  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-models-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('are found in the stores of Hugging Face, Ollama and LM Studio', async () => {
    const blob = write('.cache/huggingface/hub/models--org--small/blobs/abc', llama());
    const snapshot = path.join(home, '.cache/huggingface/hub/models--org--small/snapshots', commit);
    mkdirSync(snapshot, { recursive: true });
    symlinkSync(blob, path.join(snapshot, 'small-Q4_K_M.gguf'));
    write(`.cache/huggingface/hub/models--org--full/snapshots/${commit}/model.safetensors`, safetensorsFile({}, 0));
    write(
      `.cache/huggingface/hub/models--org--full/snapshots/${commit}/config.json`,
      '{"model_type": "qwen2", "max_position_embeddings": 512}',
    );
    const digest = 'b'.repeat(64);
    write(
      '.ollama/models/manifests/registry.ollama.ai/library/tiny/1b',
      JSON.stringify({ layers: [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}` }] }),
    );
    write(`.ollama/models/blobs/sha256-${digest}`, llama());
    write(
      '.ollama/models/manifests/registry.ollama.ai/someone/gone/latest',
      JSON.stringify({ layers: [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${'c'.repeat(64)}` }] }),
    );
    write('.lmstudio/models/maker/repo/chat.gguf', llama());
    const models = await find();
    assert.deepEqual(
      models.map(({ name, place, problem, facts }) => [name, place.label, facts?.architecture, problem !== undefined]),
      [
        ['org/full', 'Hugging Face cache', 'qwen2', false],
        ['org/small/small-Q4_K_M.gguf', 'Hugging Face cache', 'llama', false],
        ['tiny:1b', 'Ollama', 'llama', false],
        ['someone/gone:latest', 'Ollama', undefined, true],
        ['maker/repo/chat.gguf', 'LM Studio', 'llama', false],
      ].sort((a, b) => order(a) - order(b)),
    );
  });

  it('are found where the variables of these programs say', async () => {
    write('elsewhere/models--a--b/snapshots/1/x.gguf', llama());
    assert.deepEqual(
      (await find([], { HF_HUB_CACHE: path.join(home, 'elsewhere') })).map(({ name }) => name),
      ['a/b/x.gguf'],
    );
  });

  it('of several files count as one, and say when a file is missing', async () => {
    write('all/big-00001-of-00002.gguf', llama());
    write('all/big-00002-of-00002.gguf', llama());
    write('all/half-00001-of-00002.gguf', llama());
    const models = await find([path.join(home, 'all')]);
    assert.deepEqual(
      models.map(({ name, files, facts, problem }) => [name, files.length, facts?.parameters, problem]),
      [
        ['big.gguf', 2, 64, undefined],
        ['half.gguf', 1, undefined, '1 of its 2 files are there.'],
      ],
    );
  });

  it('that are pickle files are shown as unsafe, those that are damaged with the reason, and each file once', async () => {
    write('all/pytorch_model.bin', 'x');
    write('all/broken.gguf', 'GGUF');
    const whole = write('all/whole.gguf', llama());
    symlinkSync(whole, path.join(home, 'all/again.gguf'));
    symlinkSync(path.join(home, 'all'), path.join(home, 'all/circle'));
    const models = await find([path.join(home, 'all')]);
    const problems = Object.fromEntries(models.map(({ name, problem }) => [name, problem ?? 'none']));
    assert.match(problems['pytorch_model.bin']!, /pickle file: to load one runs whatever code is in it/);
    assert.match(problems['broken.gguf']!, /ends in the middle of its header/);
    assert.equal(models.filter(({ problem }) => problem === undefined).length, 1);
  });

  it('are judged by the memory of the machine', async () => {
    write('all/one.gguf', llama());
    write('all/adapter.gguf', ggufFile({ 'general.architecture': 'llama', 'general.type': 'adapter' }));
    write('all/train.safetensors', safetensorsFile({}, 0));
    const [adapter, one, train] = (await find([path.join(home, 'all')])).sort((a, b) => (a.name < b.name ? -1 : 1));
    const machine = { memory: 8e9, available: 4e9 };
    assert.deepEqual(fitOf(one!, machine), { runs: true, needs: 180e6 + 128 + 2048 * 4 * 8 * 16 * 2, context: 2048 });
    assert.match(JSON.stringify(fitOf(one!, { memory: 8e9, available: 1e8 })), /"later".*are free now/);
    assert.match(JSON.stringify(fitOf(one!, { memory: 1e8, available: 1e8 })), /false.*this machine has 100 MB/);
    const gpu = { name: 'GPU', memory: 8e9, available: 7e9 };
    assert.match(JSON.stringify(fitOf(one!, { memory: 1e8, available: 1e8, gpu })), /true.*"onGpu":"whole"/);
    assert.match(JSON.stringify(fitOf(one!, { memory: 8e9, available: 4e9, gpu: { ...gpu, available: 1e8 } })), /true.*"onGpu":"part"/);
    assert.match(JSON.stringify(fitOf(adapter!, machine)), /is an adapter/);
    assert.match(JSON.stringify(fitOf(train!, machine)), /made for training/);
  });
});

/** Places in their order; models of Ollama by name. */
function order([name, place]: (string | boolean | undefined)[]): number {
  return ['Hugging Face cache', 'Ollama', 'LM Studio'].indexOf(String(place)) * 10 + (name === 'tiny:1b' ? 1 : 0);
}
