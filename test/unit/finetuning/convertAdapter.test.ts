import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from '../../../src/base/userError.ts';
import { readGgufHeader } from '../../../src/catalog/headers/readGguf.ts';
import { sha256OfFile } from '../../../src/files/hash.ts';
import { readSpan } from '../../../src/files/readSpan.ts';
import { canConvert } from '../../../src/finetuning/convert/canConvert.ts';
import { convertAdapter } from '../../../src/finetuning/convert/convertAdapter.ts';
import { weightsOfBytes } from '../../../src/finetuning/convert/weights.ts';
import { type GgufValue, ggufFile, mutated, random } from '../catalog/modelFiles.ts';
import { floats, groupedLlama, matricesOf, plainConfig, type TestTensor, writeAdapter } from './adapterFiles.ts';
import { queriesAndKeys, tinyAdapter, tinyBase } from './tinyAdapter.ts';

describe('convertAdapter', () => {
  let folder: string;
  const at = (...names: string[]) => path.join(folder, ...names);
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-adapter-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A base model of zeros: queries of 64, keys of 16 numbers, 176 in between. */
  function baseOf(keys: Record<string, GgufValue> = groupedLlama): string {
    const tensors = [0, 1].flatMap((layer) =>
      Object.entries({ attn_q: [64, 64], attn_k: [64, 16], attn_qkv: [64, 96], ffn_down: [176, 64], ffn_up: [64, 352] }).map(
        ([name, shape]) => ({
          name: `blk.${layer}.${name}.weight`,
          shape,
        }),
      ),
    );
    writeFileSync(at('base.gguf'), ggufFile(keys, tensors));
    return at('base.gguf');
  }

  const adapterOf = (config: object, tensors: Record<string, TestTensor>) =>
    writeAdapter(at('adapter'), { ...plainConfig, ...config }, tensors);
  const convert = (type: 'f16' | 'f32' = 'f32', base = baseOf()) =>
    convertAdapter({ base, adapter: at('adapter'), out: at('out.gguf'), type });

  /** The numbers of a tensor that was written. */
  async function written(name: string): Promise<number[]> {
    const tensor = (await readGgufHeader(at('out.gguf'))).tensors.find((each) => each.name === name)!;
    const handle = await open(at('out.gguf'));
    try {
      return [...weightsOfBytes(await readSpan(handle, tensor), tensor.type === 1 ? 'F16' : 'F32')];
    } finally {
      await handle.close();
    }
  }

  const numbersOf = (tensors: Record<string, TestTensor>, which: 'A' | 'B') => [
    ...weightsOfBytes(Buffer.from(Object.entries(tensors).find(([name]) => name.includes(`lora_${which}`))![1].bytes), 'F32'),
  ];

  const refused = (work: Promise<unknown>, why: RegExp) =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof UserError, String((error as Error).stack));
      assert.match(error.describe(), why);
      return true;
    });

  // From a converter in Python with numpy, which llama.cpp's own answers were compared with.
  for (const [what, type, hash] of [
    ['all matrices', 'f32', '55fbb0b7b83f04c05ac7d19df8c33fb4aefa957d132f6f86060024ecd6f41940'],
    ['all matrices', 'f16', '4ed744ccf5b1919f33e49984511e53d8b9e67bd24f361171f983af336bbee1d8'],
    ['queries and keys', 'f32', '25e908ac99642cc5a4ef584faf952e63ec46b513363976894c8a3e88caf38647'],
    ['queries and keys', 'f16', '8f8939527135e9efabeb03a4dde18052d4128b24f21b7cb0c38cad5a9526bcea'],
    ['groups of heads', 'f32', 'ef36533fb1ecd54659dcaf85cbe2550e62f3db4608e01535cdd11544fd52d428'],
    ['groups of heads', 'f16', '8c4dd5c49cc113ccc30ba0011090f85792a1d428b95eeaab4e9e932f4eaf9ba3'],
  ] as const)
    it(`writes the same bytes as a converter in Python: ${what}, ${type}`, async () => {
      if (what === 'queries and keys') queriesAndKeys(at('adapter'));
      if (what === 'groups of heads')
        writeAdapter(
          at('adapter'),
          { ...plainConfig, target_modules: ['q_proj', 'k_proj'] },
          { ...matricesOf('1.self_attn.q_proj', 4, 64, 64, 1), ...matricesOf('1.self_attn.k_proj', 4, 64, 16, 2) },
        );
      await convertAdapter({
        base: what === 'groups of heads' ? baseOf() : tinyBase,
        adapter: what === 'all matrices' ? tinyAdapter : at('adapter'),
        out: at('out.gguf'),
        type,
      });
      assert.equal(await sha256OfFile(at('out.gguf')), hash);
    });

  it('reads 16 bits of both kinds', async () => {
    const halves = (...values: number[]) => Buffer.from(Uint16Array.from(values).buffer);
    const one = [...Array(64).keys()];
    adapterOf(
      { r: 1, lora_alpha: 1 },
      {
        'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight': {
          shape: [1, 64],
          type: 'BF16',
          bytes: halves(...one.map(() => 0x3fc0)),
        },
        'base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight': {
          shape: [64, 1],
          type: 'F16',
          bytes: halves(...one.map(() => 0xc100)),
        },
      },
    );
    await convert('f16');
    assert.deepEqual(
      await written('blk.0.attn_q.weight.lora_a'),
      one.map(() => 1.5),
    );
    assert.deepEqual(
      await written('blk.0.attn_q.weight.lora_b'),
      one.map(() => -2.5),
    );
  });

  it('keeps the scale of rank-stabilised adapters, and of modules with a rank or alpha of their own', async () => {
    // A pattern is for the end of the name, and the first that fits counts.
    adapterOf(
      { lora_alpha: 8, use_rslora: true, rank_pattern: { k_proj: 16 }, alpha_pattern: { '0.self_attn.k_proj': 4, 'self_attn.k_proj': 1 } },
      {
        ...matricesOf('0.self_attn.q_proj', 4, 64, 64, 1),
        ...matricesOf('0.mlp.down_proj', 4, 176, 64, 2),
        ...matricesOf('0.self_attn.k_proj', 16, 64, 16, 3),
      },
    );
    const b = numbersOf(matricesOf('0.self_attn.k_proj', 16, 64, 16, 3), 'B');
    await convert();
    const { keys } = await readGgufHeader(at('out.gguf'));
    // llama.cpp multiplies by alpha / rank: 16 / 4 is 8 / sqrt(4).
    assert.equal(keys.get('adapter.lora.alpha'), 16);
    // PEFT multiplies by 4 / sqrt(16), llama.cpp by 16 / 16.
    assert.deepEqual((await written('blk.0.attn_k.weight.lora_b')).slice(0, 16), b.slice(0, 16));
  });

  it('makes up in a matrix for what one alpha for all can not say', async () => {
    adapterOf(
      { alpha_pattern: { down_proj: 2 } },
      { ...matricesOf('0.self_attn.q_proj', 4, 64, 64, 1), ...matricesOf('0.mlp.down_proj', 4, 176, 64, 2) },
    );
    const b = numbersOf(matricesOf('0.mlp.down_proj', 4, 176, 64, 2), 'B');
    await convert();
    assert.equal((await readGgufHeader(at('out.gguf'))).keys.get('adapter.lora.alpha'), 8);
    assert.deepEqual(
      await written('blk.0.ffn_down.weight.lora_b'),
      b.map((each) => each / 4),
    );
  });

  it('knows the fused matrices of Phi-3', async () => {
    adapterOf(
      { target_modules: ['qkv_proj', 'gate_up_proj'] },
      { ...matricesOf('1.self_attn.qkv_proj', 4, 64, 96, 1), ...matricesOf('1.mlp.gate_up_proj', 4, 64, 352, 2) },
    );
    await convert('f32', baseOf({ 'general.architecture': 'phi3' }));
    assert.deepEqual(
      (await readGgufHeader(at('out.gguf'))).tensors.map(({ name, shape }) => [name, ...shape]),
      [
        ['blk.1.attn_qkv.weight.lora_a', 64, 4],
        ['blk.1.attn_qkv.weight.lora_b', 4, 96],
        ['blk.1.ffn_up.weight.lora_a', 64, 4],
        ['blk.1.ffn_up.weight.lora_b', 4, 352],
      ],
    );
  });

  it('says before a training what speaks against it', async () => {
    const base = await readGgufHeader(baseOf());
    const against = (config: object, of = base) => canConvert({ ...plainConfig, ...config }, of).reasons.join('; ');
    assert.deepEqual(canConvert(plainConfig, base), { can: true, reasons: [] });
    assert.equal(
      against({ target_modules: 'all-linear', use_dora: false, modules_to_save: null, rank_pattern: {}, trainable_token_indices: [] }),
      '',
    );
    assert.match(against({ use_dora: true }), /use_dora is set: DoRA/);
    assert.match(against({ modules_to_save: ['lm_head'] }), /modules_to_save/);
    assert.match(against({ bias: 'all' }), /bias is "all"/);
    assert.match(against({ lora_bias: true }), /lora_bias/);
    assert.match(against({ trainable_token_indices: [5] }), /trainable_token_indices/);
    assert.match(against({ peft_type: 'IA3' }), /peft_type is "IA3": only LORA/);
    assert.match(against({ peft_type: undefined }), /peft_type is missing/);
    assert.match(against({ target_modules: ['q_proj', 'lm_head'] }), /lm_head: adapters for embeddings/);
    assert.match(against({ target_modules: '.*(q_proj|embed_tokens)' }), /embed_tokens/);
    assert.match(against({ target_modules: ['c_attn'] }), /"c_attn": of this architecture q_proj, k_proj/);
    assert.match(against({ init_lora_weights: 'pissa_niter_4' }), /changes the weights of the base model/);
    assert.match(against({ r: 0 }), /r is 0/);
    assert.match(against({ lora_alpha: 'much' }), /lora_alpha is "much"/);
    assert.match(against({ alpha_pattern: { '(a+)+': 4 } }), /too intricate/);
    assert.match(against({ alpha_pattern: 5 }), /alpha_pattern is no object/);
    assert.match(
      against({}, await readGgufHeader(baseOf({ 'general.architecture': 'falcon' }))),
      /architecture "falcon": those of llama, qwen2/,
    );
    assert.match(against({}, await readGgufHeader(baseOf({ ...groupedLlama, 'llama.expert_count': 8 }))), /mixture of experts/);
    assert.match(against({}, await readGgufHeader(baseOf({ 'general.architecture': 'llama' }))), /how many heads/);
  });

  it('refuses what can not be right, and leaves nothing behind', async () => {
    const q = matricesOf('0.self_attn.q_proj', 4, 64, 64, 1);
    const name = (which: string) => `base_model.model.model.layers.0.self_attn.q_proj.lora_${which}.weight`;
    const cases: [what: Record<string, TestTensor>, why: RegExp, config?: object][] = [
      [{ [name('A')]: q[name('A')]! }, /lora_B of layers|lora_B of model\.layers\.0\.self_attn\.q_proj is missing/],
      [matricesOf('0.self_attn.q_proj', 4, 64, 48, 1), /does not fit the base model: .* is 48 x 64, and in the base model it is 64 x 64/],
      [matricesOf('7.self_attn.q_proj', 4, 64, 64, 1), /the base model has no blk\.7\.attn_q\.weight/],
      [matricesOf('0.self_attn.q_proj', 8, 64, 64, 1), /has rank 8, and adapter_config\.json says 4/],
      [matricesOf('0.self_attn.c_attn', 4, 64, 64, 1), /c_attn.* is not among what is converted/],
      [{ ...q, 'base_model.model.lm_head.weight': q[name('A')]! }, /lm_head/],
      [{ ...q, [name('A')]: { shape: [4, 64], bytes: floats(Array(256).fill(Number.NaN)) } }, /no numbers: the training has failed/],
      [{ ...q, [name('A')]: { shape: [4, 64], bytes: floats(Array(256).fill(70_000)) } }, /16 bits go up to 65504/],
      [{ ...q, [name('A')]: { shape: [4, 64], type: 'I32', bytes: Buffer.alloc(1024) } }, /numbers of type I32/],
      [{}, /has no weights/],
      [q, /use_dora is set/, { use_dora: true }],
    ];
    for (const [tensors, why, config = {}] of cases) {
      adapterOf(config, tensors);
      await refused(convert('f16'), why);
    }
    rmSync(at('adapter/adapter_model.safetensors'));
    writeFileSync(at('adapter/adapter_model.bin'), 'pickle');
    adapterConfig('{}');
    await refused(convert(), /peft_type is missing/);
    adapterConfig(JSON.stringify(plainConfig));
    await refused(convert(), /may hold code and is not read: save the adapter with safe_serialization/);
    adapterConfig('{');
    await refused(convert(), /adapter_config\.json is no JSON/);
    await refused(convertAdapter({ base: baseOf(), adapter: at('nowhere'), out: at('out.gguf') }), /There is no .*nowhere/);
    await refused(convertAdapter({ base: at('no.gguf'), adapter: tinyAdapter, out: at('out.gguf') }), /There is no base model/);
    await refused(convertAdapter({ base: tinyBase, adapter: tinyAdapter, out: at('base.gguf/out.gguf') }), /can't be written/);
    assert.deepEqual(readdirSync(folder).sort(), ['adapter', 'base.gguf']);
    function adapterConfig(text: string): void {
      writeFileSync(at('adapter/adapter_config.json'), text);
    }
  });

  it('stops when it is told to', async () => {
    const stop = AbortSignal.abort(new Error('enough'));
    await assert.rejects(convertAdapter({ base: tinyBase, adapter: tinyAdapter, out: at('out.gguf'), signal: stop }), /enough/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('of mutated files makes something or refuses them, and never anything else', async function () {
    this.timeout(60_000);
    const next = random(20261127);
    const tensors = { ...matricesOf('0.self_attn.q_proj', 4, 64, 64, 1), ...matricesOf('0.self_attn.k_proj', 4, 64, 16, 2) };
    const config = { ...plainConfig, target_modules: ['q_proj', 'k_proj'] };
    const base = baseOf();
    const whole = { base: readFileSync(base), weights: Buffer.alloc(0), config: Buffer.from(JSON.stringify(config)) };
    adapterOf(config, tensors);
    whole.weights = readFileSync(at('adapter/adapter_model.safetensors'));
    const files = { base, weights: at('adapter/adapter_model.safetensors'), config: at('adapter/adapter_config.json') };
    let refusals = 0;
    for (let i = 0; i < 1500; i++) {
      const kind = (['base', 'weights', 'config'] as const)[i % 3]!;
      writeFileSync(files[kind], kind === 'weights' ? mutatedHeader(whole.weights, next) : mutated(whole[kind], next));
      try {
        await convert('f16', base);
      } catch (error) {
        assert.ok(error instanceof UserError, `${i}, ${kind}: ${(error as Error).stack}`);
        refusals++;
      }
      writeFileSync(files[kind], whole[kind]);
    }
    assert.ok(refusals > 250, `${refusals} were refused`);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.part')),
      [],
    );

    function mutatedHeader(file: Buffer, chance: () => number): Buffer {
      const end = 8 + Number(file.readBigUInt64LE());
      return Buffer.concat([mutated(file.subarray(0, end), chance), file.subarray(end)]);
    }
  });

  it('refuses a base model that was cut while it was away', async () => {
    const base = baseOf();
    truncateSync(base, 300);
    adapterOf({}, matricesOf('0.self_attn.q_proj', 4, 64, 64, 1));
    await refused(convert('f16', base), /missing|ends in the middle/);
  });
});
