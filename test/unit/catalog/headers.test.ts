import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from '../../../src/base/userError.ts';
import { readGguf } from '../../../src/catalog/headers/readGguf.ts';
import { readOnnx } from '../../../src/catalog/headers/readOnnx.ts';
import { readSafetensors } from '../../../src/catalog/headers/readSafetensors.ts';
import { ggufFile, mutated, onnxFile, random, safetensorsFile } from './modelFiles.ts';

const tiny = path.resolve(import.meta.dirname, '../../../../shared/corpora/tiny-lm');
const llama = {
  'general.architecture': 'llama',
  'general.name': 'A small one',
  'general.license': 'apache-2.0',
  'general.file_type': 1,
  'llama.block_count': 4,
  'llama.embedding_length': 64,
  'llama.attention.head_count': 8,
  'llama.attention.head_count_kv': 2,
  'llama.context_length': 2048,
  'tokenizer.chat_template': '{{ messages }}',
  'general.languages': ['en', 'de'],
};

describe('headers of model files', () => {
  let folder: string;
  const write = (name: string, content: Buffer) => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const refused = (reading: Promise<unknown>, why: RegExp) =>
    assert.rejects(reading, (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, why);
      return true;
    });

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-headers-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('tell what a GGUF file is', async () => {
    assert.deepEqual(await readGguf(write('llama.gguf', ggufFile(llama, [{ name: 'a', shape: [64, 10], type: 1 }]))), {
      format: 'gguf',
      architecture: 'llama',
      title: 'A small one',
      license: 'apache-2.0',
      parameters: 640,
      quantization: 'F16',
      weightBytes: 1280,
      contextLength: 2048,
      // 4 layers, 2 heads of 8 numbers for keys and for values, 2 bytes each.
      cacheBytesPerToken: 4 * 2 * (8 + 8) * 2,
      languages: ['en', 'de'],
      hasChatTemplate: true,
      isAdapter: false,
    });
  });

  it('are read as far as they go, also when a vocabulary is large', async () => {
    const words = Array.from({ length: 200_000 }, (_, i) => `word ${i}`);
    const facts = await readGguf(write('words.gguf', ggufFile({ 'tokenizer.ggml.tokens': words, ...llama })));
    assert.equal(facts.contextLength, 2048);
    assert.equal(facts.parameters, 32);
  });

  it('of real files agree with what is known of them', async () => {
    const model = await readGguf(path.join(tiny, 'tiny-colours-f32.gguf'));
    assert.deepEqual([model.architecture, model.quantization, model.hasChatTemplate, model.isAdapter], ['llama', 'F32', true, false]);
    const same = await readSafetensors(path.join(tiny, 'hf/model.safetensors'));
    assert.equal(same.parameters, model.parameters);
    assert.equal(same.weightBytes, model.weightBytes);
    assert.equal((await readGguf(path.join(tiny, 'tiny-colours-lora-es.gguf'))).isAdapter, true);
    assert.equal((await readSafetensors(path.join(tiny, 'adapter/adapter_model.safetensors'))).isAdapter, true);
  });

  it('that are cut, damaged or a lie are refused with the reason', async () => {
    const whole = ggufFile(llama);
    await refused(readGguf(write('cut.gguf', whole.subarray(0, whole.length - 40))), /a part of it is missing/);
    await refused(readGguf(write('short.gguf', whole.subarray(0, 60))), /ends in the middle of its header/);
    await refused(readGguf(write('empty.gguf', Buffer.alloc(0))), /ends in the middle/);
    await refused(readGguf(write('text.gguf', Buffer.from('version https://git-lfs'))), /does not begin as a GGUF file/);
    const many = Buffer.from(whole);
    many.writeBigUInt64LE(1n << 60n, 8);
    await refused(readGguf(write('many.gguf', many)), /1152921504606846976 tensors, of which there may be 100,000/);
    const future = Buffer.from(whole);
    future.writeUInt32LE(9, 4);
    await refused(readGguf(write('future.gguf', future)), /version 9/);
    await refused(readGguf(folder), /no file|EISDIR/);
    const one = (more: object, data = 16) => safetensorsFile({ a: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16], ...more } }, data);
    assert.equal((await readSafetensors(write('a.safetensors', one({})))).parameters, 4);
    await refused(readSafetensors(write('b.safetensors', one({}, 15))), /a part of it is missing/);
    await refused(readSafetensors(write('c.safetensors', one({}, 17))), /more in it than its tensors/);
    await refused(readSafetensors(write('d.safetensors', one({ shape: [2, 3] }))), /another size than its shape says/);
    await refused(readSafetensors(write('e.safetensors', one({ dtype: 'F33' }))), /does not describe a tensor/);
    await refused(readSafetensors(write('f.safetensors', safetensorsFile([1], 0))), /no JSON object/);
    await refused(readSafetensors(write('g.safetensors', Buffer.alloc(8, 255))), /bytes in its header/);
  });

  it('of a huge file take no more than their own bytes', async () => {
    const file = write('huge.gguf', ggufFile(llama));
    // A hole: nothing of it is on the disk.
    truncateSync(file, 200_000_000_000);
    assert.equal((await readGguf(file)).parameters, 32);
  });

  it('tell what an ONNX file is, also where its weights are in a file beside it', async () => {
    const tensors = [
      { name: 'a', shape: [4, 8], type: 3 },
      { name: 'b', shape: [8], type: 1 },
    ];
    const names = { inputs: ['X', 'a'], outputs: ['label', 'probabilities'] };
    assert.deepEqual(await readOnnx(write('a.onnx', onnxFile('classifier', tensors, names))), {
      format: 'onnx',
      title: 'classifier',
      parameters: 40,
      quantization: 'I8',
      weightBytes: 32 + 32,
      hasChatTemplate: false,
      isAdapter: false,
      // Weights among the inputs, as old files have them, are none.
      inputs: ['X'],
      outputs: ['label', 'probabilities'],
    });
    const values = Array.from({ length: 6000 }, (_, at) => `x${at}`);
    await refused(readOnnx(write('wide.onnx', onnxFile('wide', [], { inputs: values }))), /more than 5000 inputs or outputs/);
    const far = onnxFile('far', [{ name: 'a', shape: [4, 8], type: 1, file: 'far.onnx_data' }]);
    await refused(readOnnx(write('far.onnx', far)), /its weights are in the file "far\.onnx_data", which is not there/);
    write('far.onnx_data', Buffer.alloc(128));
    assert.equal((await readOnnx(path.join(folder, 'far.onnx'))).weightBytes, 128);
    await refused(
      readOnnx(write('up.onnx', onnxFile('up', [{ name: 'a', shape: [1], type: 1, file: '../../etc/passwd' }]))),
      /which is not there/,
    );
    await refused(readOnnx(write('cut.onnx', onnxFile('cut', tensors).subarray(0, -1))), /a part of it is missing/);
    await refused(readOnnx(write('text.onnx', Buffer.from('version https://git-lfs'))), /ONNX file|missing|longer/);
    await refused(readOnnx(write('empty.onnx', Buffer.alloc(0))), /does not begin as an ONNX file/);
    await refused(readOnnx(write('many.onnx', Buffer.alloc(1 << 20, Buffer.from([8, 1])))), /more than 300,000 parts/);
  });

  it('of thousands of mutated files are refused or read, and never anything else', async function () {
    this.timeout(60_000);
    const next = random(20261126);
    const whole = {
      gguf: ggufFile({ ...llama, 'tokenizer.ggml.tokens': ['a', 'b', 'c'] }),
      safetensors: safetensorsFile({ __metadata__: { format: 'pt' }, a: { dtype: 'F16', shape: [4, 8], data_offsets: [0, 64] } }, 64),
      onnx: onnxFile(
        'small',
        [
          { name: 'a', shape: [4, 8], type: 1 },
          { name: 'b', shape: [8], type: 3 },
        ],
        { inputs: ['input_ids'], outputs: ['last_hidden_state'] },
      ),
    };
    const readers = { gguf: readGguf, safetensors: readSafetensors, onnx: readOnnx };
    let refusals = 0;
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 15_000; i++) {
      const kind = (['gguf', 'safetensors', 'onnx', 'onnx'] as const)[i % 4]!;
      const file = write(`mutated.${kind}`, mutated(whole[kind], next));
      const started = performance.now();
      try {
        await readers[kind](file);
      } catch (error) {
        assert.ok(error instanceof UserError, `${i}: ${(error as Error).stack}`);
        refusals++;
      }
      assert.ok(performance.now() - started < 1000, `${i} took ${performance.now() - started} ms`);
    }
    assert.ok(refusals > 5000, `${refusals} were refused`);
    assert.ok(process.memoryUsage().rss - before < 200e6);
  });
});
