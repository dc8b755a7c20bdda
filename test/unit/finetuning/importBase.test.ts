import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { UserError } from '../../../src/base/userError.ts';
import { readSafetensorsHeader } from '../../../src/catalog/headers/readSafetensors.ts';
import { importBase } from '../../../src/finetuning/base/importBase.ts';
import { mergesOfPieces } from '../../../src/finetuning/base/mergesOfPieces.ts';
import { permuteRows, unpermuteRows } from '../../../src/finetuning/convert/permuteRows.ts';
import { type GgufTensor, type GgufValue, ggufFile, random } from '../catalog/modelFiles.ts';
import { floats } from './adapterFiles.ts';
import { tiny, tinyBase } from './tinyAdapter.ts';

/** Keys of a small model that can be trained, but for its architecture's own. */
const common = {
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'qwen2',
  'tokenizer.ggml.tokens': ['a', 'b', 'Ġ', 'ab', 'Ġa', '<|im_end|>', '<tool>'],
  'tokenizer.ggml.token_type': [1, 1, 1, 1, 1, 3, 4],
  'tokenizer.ggml.merges': ['a b', 'Ġ a'],
  'tokenizer.ggml.eos_token_id': 5,
  'tokenizer.chat_template': '{{ messages }}',
};
const sizes = (architecture: string): Record<string, GgufValue> => ({
  'general.architecture': architecture,
  [`${architecture}.block_count`]: 1,
  [`${architecture}.embedding_length`]: 8,
  [`${architecture}.feed_forward_length`]: 16,
  [`${architecture}.context_length`]: 128,
  [`${architecture}.attention.head_count`]: 2,
  [`${architecture}.attention.head_count_kv`]: 1,
  [`${architecture}.attention.layer_norm_rms_epsilon`]: { f32: 2 ** -20 },
});
const embedding: GgufTensor = { name: 'token_embd.weight', shape: [8, 7] };
const numbered = (count: number, from = 0) => floats(Array.from({ length: count }, (_, at) => from + at));

describe('importBase', () => {
  let folder: string;
  const at = (...names: string[]) => path.join(folder, ...names);
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-import-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const json = (name: string) => JSON.parse(readFileSync(at('out', name), 'utf8'));
  async function tensors(file: string): Promise<Record<string, { shape: number[]; numbers: number[] }>> {
    const bytes = readFileSync(file);
    return Object.fromEntries(
      (await readSafetensorsHeader(file)).map(({ name, shape, type, from, to }) => {
        assert.equal(type, 'F32');
        return [name, { shape, numbers: [...new Float32Array(Uint8Array.from(bytes.subarray(from, to)).buffer)] }];
      }),
    );
  }
  async function imported(keys: Record<string, GgufValue>, parts: GgufTensor[] = [embedding]) {
    writeFileSync(at('model.gguf'), ggufFile(keys, parts));
    return await importBase(at('model.gguf'), at('out'));
  }
  const refused = (work: Promise<unknown>, why: RegExp) =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof UserError, String((error as Error).stack));
      assert.match(error.describe(), why);
      return true;
    });

  it('makes the folder that a model was converted from', async () => {
    const { parameters } = await importBase(tinyBase, at('out'));
    const original = await tensors(path.join(tiny, 'hf/model.safetensors'));
    assert.deepEqual(await tensors(at('out/model.safetensors')), original);
    assert.equal(
      parameters,
      Object.values(original).reduce((sum, { numbers }) => sum + numbers.length, 0),
    );
    const {
      torch_dtype: _,
      rope_theta: theta,
      rms_norm_eps: epsilon,
      ...facts
    } = JSON.parse(readFileSync(path.join(tiny, 'hf/config.json'), 'utf8'));
    const config = json('config.json');
    assert.deepEqual({ ...config, ...facts }, config);
    assert.equal(config.rope_parameters.rope_theta, theta);
    assert.equal(config.rms_norm_eps, Math.fround(epsilon));
    assert.equal(json('tokenizer_config.json').eos_token, '</s>');
  });

  it('tells how texts become tokens: pairs of bytes', async () => {
    await imported({ ...sizes('qwen2'), ...common });
    const { model, pre_tokenizer: pre, added_tokens: added } = json('tokenizer.json');
    assert.deepEqual(model.merges, [
      ['a', 'b'],
      ['Ġ', 'a'],
    ]);
    assert.equal(model.vocab.Ġa, 4);
    assert.deepEqual(
      added.map(({ id, special }: { id: number; special: boolean }) => [id, special]),
      [
        [5, true],
        [6, false],
      ],
    );
    const digits = new RegExp(pre.pretokenizers[0].pattern.Regex, 'gu');
    assert.deepEqual('May 12 it’s'.match(digits), ['May', ' ', '1', '2', ' it', '’s']);
    assert.deepEqual(json('tokenizer_config.json'), {
      tokenizer_class: 'PreTrainedTokenizerFast',
      eos_token: '<|im_end|>',
      pad_token: '<|im_end|>',
      clean_up_tokenization_spaces: false,
      chat_template: '{{ messages }}',
    });
  });

  it('tells how texts become tokens: pieces with scores, with a space before or without', async () => {
    const pieces = { ...common, 'tokenizer.ggml.model': 'llama', 'tokenizer.ggml.scores': [0, 0, 0, 9, 5, 0, 0] };
    await imported({ ...sizes('llama'), ...pieces });
    assert.deepEqual(
      json('tokenizer.json').normalizer.normalizers.map(({ type }: { type: string }) => type),
      ['Prepend', 'Replace'],
    );
    await imported({ ...sizes('llama'), ...pieces, 'tokenizer.ggml.add_space_prefix': false });
    assert.deepEqual(
      json('tokenizer.json').normalizer.normalizers.map(({ type }: { type: string }) => type),
      ['Replace'],
    );
    assert.deepEqual(json('tokenizer.json').model.merges, [
      ['a', 'b'],
      ['Ġ', 'a'],
    ]);
  });

  it('joins pieces with the best score first', () => {
    const tokens = ['a', 'b', 'c', 'ab', 'bc', 'abc'];
    assert.deepEqual(mergesOfPieces(tokens, [0, 0, 0, -2, -1, -3]), [
      ['b', 'c'],
      ['a', 'b'],
      ['ab', 'c'],
      ['a', 'bc'],
    ]);
  });

  it('gives norms of Gemma the number that they have in transformers, and its four norms their names', async () => {
    const norms = ['attn_norm', 'post_attention_norm', 'ffn_norm', 'post_ffw_norm', 'attn_q_norm'];
    await imported({ ...sizes('gemma3'), 'gemma3.attention.sliding_window': 64, ...common }, [
      embedding,
      ...norms.map((name, order) => ({ name: `blk.0.${name}.weight`, shape: [8], bytes: numbered(8, order) })),
    ]);
    const found = await tensors(at('out/model.safetensors'));
    const name = (norm: string) => `model.layers.0.${norm}.weight`;
    const first = (norm: string) => found[name(norm)]!.numbers[0];
    assert.deepEqual(
      ['input_layernorm', 'post_attention_layernorm', 'pre_feedforward_layernorm', 'post_feedforward_layernorm', 'self_attn.q_norm'].map(
        first,
      ),
      [-1, 0, 1, 2, 3],
    );
    const config = json('config.json');
    assert.equal(config.model_type, 'gemma3_text');
    assert.equal(config.rope_parameters.sliding_attention.rope_theta, 10_000);
  });

  it('puts rows of queries and keys back in their order, biases too, in groups of heads', async () => {
    const rows = (count: number) => Float32Array.from({ length: count }, (_, row) => row);
    const q = permuteRows(rows(8), 8, 1, 2);
    const k = permuteRows(rows(4), 4, 1, 1);
    await imported({ ...sizes('llama'), ...common }, [
      embedding,
      { name: 'blk.0.attn_q.weight', shape: [2, 8], bytes: floats([...q].flatMap((row) => [row, row + 0.5])) },
      { name: 'blk.0.attn_k.bias', shape: [4], bytes: floats(k) },
      { name: 'blk.0.attn_v.bias', shape: [4], bytes: floats(rows(4)) },
    ]);
    const found = await tensors(at('out/model.safetensors'));
    assert.deepEqual(
      found['model.layers.0.self_attn.q_proj.weight']!.numbers,
      [...rows(8)].flatMap((row) => [row, row + 0.5]),
    );
    assert.deepEqual(found['model.layers.0.self_attn.k_proj.bias']!.numbers, [0, 1, 2, 3]);
    assert.deepEqual(found['model.layers.0.self_attn.v_proj.bias']!.numbers, [0, 1, 2, 3]);
    const next = random(3);
    const matrix = Float32Array.from({ length: 24 * 5 }, next);
    assert.deepEqual(unpermuteRows(permuteRows(matrix, 24, 5, 3), 24, 5, 3), matrix);
  });

  it("finds the number behind Llama 3's longer waves, and refuses other rules", async () => {
    const [theta, width, factor] = [500_000, 16, 8];
    const factors = Array.from({ length: width / 2 }, (_, wave) => {
      const waves = 8192 / (2 * Math.PI * theta ** ((2 * wave) / width));
      const share = Math.min(1, Math.max(0, (waves - 1) / 3));
      return 1 / ((1 - share) / factor + share);
    });
    const keys = { ...sizes('llama'), 'llama.rope.freq_base': { f32: theta }, 'llama.rope.dimension_count': 16, ...common };
    const wide = { ...keys, 'llama.attention.key_length': width };
    await imported(wide, [embedding, { name: 'rope_freqs.weight', shape: [8], bytes: floats(factors) }]);
    const { rope_parameters: rope } = json('config.json');
    assert.equal(rope.rope_type, 'llama3');
    assert.equal(rope.factor, factor);
    await refused(
      imported(wide, [embedding, { name: 'rope_freqs.weight', shape: [8], bytes: numbered(8, 1) }]),
      /another rule than that of Llama 3/,
    );
    await refused(imported({ ...sizes('phi3'), ...common }, [embedding, { name: 'rope_factors_long.weight', shape: [4] }]), /128k/);
  });

  it('says what it can not train, and why', async () => {
    const keys = { ...sizes('llama'), ...common };
    const without = (key: string) => Object.fromEntries(Object.entries(keys).filter(([each]) => each !== key)) as typeof keys;
    await refused(imported({ ...keys, 'general.architecture': 'mamba' }), /architecture "mamba"/);
    await refused(imported(without('tokenizer.chat_template')), /no chat template/);
    await refused(imported({ ...keys, 'tokenizer.ggml.pre': 'viking' }), /"viking".*not known.*qwen2/s);
    await refused(imported({ ...keys, 'tokenizer.ggml.model': 't5' }), /kind "t5"/);
    await refused(imported(without('tokenizer.ggml.merges')), /merges is no list/);
    await refused(imported({ ...keys, 'tokenizer.ggml.token_type': [1, 2] }), /2 values for 7 tokens/);
    await refused(imported(without('llama.context_length')), /does not have llama\.context_length/);
    await refused(imported({ ...keys, 'llama.attention.head_count': [1, 2] }), /not one number for all layers/);
    await refused(imported({ ...keys, 'split.count': 2 }), /go on in other files/);
    await refused(imported(keys, [embedding, { name: 'blk.0.ssm_a', shape: [4] }]), /tensor "blk\.0\.ssm_a"/);
    await refused(imported(keys, [embedding, { name: 'blk.0.attn_v.weight', shape: [256, 2], type: 16 }]), /IQ2_XXS.*Q4_K/s);
    await refused(imported(keys, [{ name: 'output.weight', shape: [8, 7] }]), /no tensor token_embd/);
    await refused(imported({ ...keys, 'llama.rope.scaling.type': 'yarn', 'llama.rope.scaling.factor': { f32: 4 } }), /"yarn"/);
    await refused(importBase(at('none.gguf'), at('out')), /no base model/);
  });
});
