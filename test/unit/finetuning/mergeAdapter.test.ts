import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from '../../../src/base/userError.ts';
import { readGgufHeader } from '../../../src/catalog/headers/readGguf.ts';
import { sha256Of } from '../../../src/files/hash.ts';
import { eightBits, readers } from '../../../src/finetuning/convert/blocks.ts';
import { mergeAdapter } from '../../../src/finetuning/convert/mergeAdapter.ts';
import { weightsOfBytes } from '../../../src/finetuning/convert/weights.ts';
import { ggufFile } from '../catalog/modelFiles.ts';
import { groupedLlama, matricesOf, plainConfig, type TestTensor, writeAdapter } from './adapterFiles.ts';
import { sampleBlocks, sampleRow, sampleSize } from './blockSamples.ts';
import { tinyAdapter, tinyBase } from './tinyAdapter.ts';

describe('weights in blocks', () => {
  // From `gguf.quants` of the Python package gguf 0.19.0, on the same bytes.
  for (const [type, name, hash] of [
    [0, 'F32', 'f78a35682e16c9649b539701b9a9dc976a1f0b022df379b906b2bd62914b8b00'],
    [1, 'F16', '2fa4b6d323612ca78e903e8d5cdf26e8d5dd48a212bfdee00f5400af360e2825'],
    [2, 'Q4_0', 'd81146c9c7f3a3b8de641cc0285eb11d1e1dabc263aef2b42163b52f7f4eed35'],
    [3, 'Q4_1', 'e37a77c6fdceb53f2092bf0278ce489bf57d54b123b6351d01142adc37f6c6ab'],
    [6, 'Q5_0', '8fa72bc4156c86af1cbfb59a620534bec85a23175818aa1d6c12cd55b7bd303e'],
    [7, 'Q5_1', '99aa3cf58da235c0ea590f86016d9058dbf1c9f09d6da45a8e54670725f0a0bc'],
    [8, 'Q8_0', '13750420f9bbd75c7fdc3c606d7ab7d94604af96c47feeaef9bb79469c448675'],
    [10, 'Q2_K', '8238a3d02ee1ccbb9d26f8e28759bc1fc597dc8ed794e7b1b95925e5a435a623'],
    [11, 'Q3_K', '4bc3f8c0a1b36942fb6a449f99bad03b6fa3403b2f1981bdef9e8e5e60a4a88f'],
    [12, 'Q4_K', '63c71a8dbe3d095072eeae1dae8b2ff91bb9c4cb5aa45e3b867e7ddfae304d1c'],
    [13, 'Q5_K', '4b10c770d6e0d15d12f4f1698962cbf214c6307aa2f5f641100c7ca868e46d57'],
    [14, 'Q6_K', 'f66ceaac132515f040e7fc506e0c583b159ea10f1e19ac87c334ec3d2c6521a7'],
    [20, 'IQ4_NL', '8f0eefd65cc185f81ecd31b08cc58dceded34156b55b5288c24ad8595aa98d8e'],
    [23, 'IQ4_XS', '3952f477af1558922fb04e7dd3514da862e1cce92d3a50744a398a24ebab7043'],
    [30, 'BF16', '71ed13b72cc0bf2267f8bea2a0ad3e87f627b1211dcee8a7e75881ce8cdcf218'],
  ] as const)
    it(`are read as the library of the format does: ${name}`, () => {
      const weights = new Float32Array(sampleSize);
      readers.get(type)!(sampleBlocks(type), weights);
      assert.equal(sha256Of(new Uint8Array(weights.buffer)), hash);
    });

  it('of 8 bits are written as the library of the format does', () => {
    assert.equal(sha256Of(eightBits(sampleRow())), '922aea1f582111492b2b5175e1fc818b9e4c4c25deca20334004cb19309bad2b');
  });
});

describe('mergeAdapter', () => {
  let folder: string;
  const at = (...names: string[]) => path.join(folder, ...names);
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-merge-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const refused = (work: Promise<unknown>, why: RegExp) =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof UserError, String((error as Error).stack));
      assert.match(error.describe(), why);
      return true;
    });

  /** The numbers of a tensor of a file. */
  async function tensorOf(file: string, name: string): Promise<Float32Array> {
    const { type, shape, from, to } = (await readGgufHeader(file)).tensors.find((each) => each.name === name)!;
    const weights = new Float32Array(shape.reduce((product, each) => product * each, 1));
    readers.get(type)!(readFileSync(file).subarray(from, to), weights);
    return weights;
  }

  /** `w + scale * b * a`, computed straight away, with the rows of `b` as PEFT has them. */
  function expected(base: Float32Array, tensors: Record<string, TestTensor>, scale: number, toRow = (row: number) => row): number[] {
    const [a, b] = ['A', 'B'].map((which) => Object.entries(tensors).find(([name]) => name.includes(`lora_${which}`))![1]) as [
      TestTensor,
      TestTensor,
    ];
    const [rank, inputs] = a.shape as [number, number];
    const [aWeights, bWeights] = [a, b].map(({ bytes }) => weightsOfBytes(Buffer.from(bytes), 'F32')) as [Float32Array, Float32Array];
    const sums = [...base];
    for (let row = 0; row < b.shape[0]!; row++)
      for (let column = 0; column < inputs; column++)
        for (let k = 0; k < rank; k++)
          sums[toRow(row) * inputs + column]! += scale * bWeights[row * rank + k]! * aWeights[k * inputs + column]!;
    return sums;
  }

  const near = (found: Float32Array, wanted: number[], error: (value: number) => number) => {
    assert.equal(found.length, wanted.length);
    for (const [i, value] of wanted.entries()) assert.ok(Math.abs(found[i]! - value) <= error(value), `${i}: ${found[i]} is not ${value}`);
  };

  /** A base model whose weights of a type are chance, and an adapter for a part of it. */
  function make(type: number): { base: string; tensors: Record<string, TestTensor> } {
    const file = ggufFile({ ...groupedLlama, 'general.file_type': 3, 'tokenizer.ggml.tokens': ['a', 'b'], 'general.name': 'A base' }, [
      { name: 'blk.0.attn_v.weight', shape: [64, 32], type },
      { name: 'blk.0.attn_norm.weight', shape: [64] },
      { name: 'blk.1.attn_v.weight', shape: [64, 32], type },
    ]);
    writeFileSync(at('base.gguf'), file);
    return { base: at('base.gguf'), tensors: matricesOf('0.self_attn.v_proj', 4, 64, 32, 9) };
  }

  for (const type of [0, 1, 8, 30] as const)
    it(`adds what was trained to weights of type ${type}, and leaves the rest as it was`, async () => {
      const { base, tensors } = make(type);
      const { tensors: places } = await readGgufHeader(base);
      const file = readFileSync(base);
      for (const { from, to } of places.filter(({ name }) => name.includes('attn_v'))) sampleBlocks(type).copy(file, from, 0, to - from);
      writeFileSync(base, file);
      writeAdapter(at('adapter'), plainConfig, tensors);
      await mergeAdapter({ base, adapter: at('adapter'), out: at('out.gguf'), type: 'f16' });
      const wanted = expected(await tensorOf(base, 'blk.0.attn_v.weight'), tensors, 8 / 4);
      near(await tensorOf(at('out.gguf'), 'blk.0.attn_v.weight'), wanted, (value) => Math.abs(value) * 2 ** -11 + 2 ** -24);
      const out = await readGgufHeader(at('out.gguf'));
      assert.deepEqual(
        out.tensors.map((each) => each.type),
        [1, 0, type],
      );
      assert.deepEqual(await tensorOf(at('out.gguf'), 'blk.1.attn_v.weight'), await tensorOf(base, 'blk.1.attn_v.weight'));
      const before = await readGgufHeader(base);
      assert.deepEqual(
        [...out.keys],
        [...before.keys].map(([key, value]) => (key === 'general.file_type' ? [key, 1] : [key, value])),
      );
      await mergeAdapter({ base, adapter: at('adapter'), out: at('out.gguf'), type: 'q8_0' });
      const merged = await tensorOf(at('out.gguf'), 'blk.0.attn_v.weight');
      for (let block = 0; block < merged.length; block += 32) {
        const part = wanted.slice(block, block + 32);
        const step = Math.max(...part.map(Math.abs)) / 127;
        // Half a step, and what a scale of 16 bits adds.
        near(merged.subarray(block, block + 32), part, (value) => step * 0.501 + Math.abs(value) * 2 ** -11);
      }
    });

  it('adds to rows of queries where llama.cpp has them', async () => {
    writeFileSync(at('base.gguf'), ggufFile(groupedLlama, [{ name: 'blk.0.attn_q.weight', shape: [64, 64] }]));
    const tensors = matricesOf('0.self_attn.q_proj', 4, 64, 64, 5);
    writeAdapter(at('adapter'), plainConfig, tensors);
    await mergeAdapter({ base: at('base.gguf'), adapter: at('adapter'), out: at('out.gguf'), type: 'f16' });
    // Heads of 8 rows: what are rows 0 to 7 there is 0, 2, 4, 6, 1, 3, 5, 7 here.
    const toRow = (row: number) => row - (row % 8) + [0, 2, 4, 6, 1, 3, 5, 7][row % 8]!;
    near(
      await tensorOf(at('out.gguf'), 'blk.0.attn_q.weight'),
      expected(new Float32Array(64 * 64), tensors, 2, toRow),
      (value) => Math.abs(value) * 2 ** -11 + 2 ** -24,
    );
  });

  it('has 16 bits where a row is no whole blocks of 8 bits', async () => {
    await mergeAdapter({ base: tinyBase, adapter: tinyAdapter, out: at('out.gguf') });
    const { tensors } = await readGgufHeader(at('out.gguf'));
    const typeOf = (name: string) => tensors.find((each) => each.name === name)!.type;
    assert.deepEqual([typeOf('blk.0.attn_q.weight'), typeOf('blk.0.ffn_down.weight'), typeOf('token_embd.weight')], [8, 1, 0]);
  });

  it('refuses what would be wrong, and leaves nothing behind', async () => {
    const { base, tensors } = make(0);
    writeAdapter(at('adapter'), plainConfig, tensors);
    const merge = (more: object) => mergeAdapter({ base, adapter: at('adapter'), out: at('out.gguf'), ...more });
    for (const type of ['q4_1', 'Q4_K_M', 'iq2_xs', 'mxfp4'])
      await refused(merge({ type }), /not merged into .* is lost.*\nMerge into q8_0 or f16/s);
    await refused(merge({ type: 'f64' }), /f16 or q8_0, not into f64/);
    await refused(merge({ out: base }), /is the base model itself/);
    make(2);
    await mergeAdapter({ base, adapter: at('adapter'), out: at('out.gguf') });
    rmSync(at('out.gguf'));
    const six = ggufFile({ ...groupedLlama, 'split.count': 2 }, [{ name: 'blk.0.attn_v.weight', shape: [64, 32] }]);
    writeFileSync(base, six);
    await refused(merge({}), /a part of a model in several files/);
    const far = ggufFile(groupedLlama, [{ name: 'blk.0.attn_v.weight', shape: [64, 32], type: 16 }]);
    writeFileSync(base, far);
    await refused(merge({}), /is IQ2_XXS: weights of F32, F16, BF16, Q4_0, .*Q4_K.* can be merged with/);
    assert.deepEqual(readdirSync(folder).sort(), ['adapter', 'base.gguf']);
  });
});
