import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { random } from '../catalog/modelFiles.ts';

/** A tensor of a safetensors file, with its bytes. */
export interface TestTensor {
  shape: number[];
  /** `F32` when absent. */
  type?: string;
  bytes: Buffer;
}

/** A folder as PEFT writes it. */
export function writeAdapter(folder: string, config: object, tensors: Record<string, TestTensor>): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'adapter_config.json'), JSON.stringify(config));
  writeFileSync(path.join(folder, 'adapter_model.safetensors'), safetensorsOf(tensors));
  return folder;
}

/** A safetensors file with these tensors. */
export function safetensorsOf(tensors: Record<string, TestTensor>): Buffer {
  let at = 0;
  const header = Object.entries(tensors).map(([name, { shape, type = 'F32', bytes }]) => {
    const from = at;
    at += bytes.length;
    return [name, { dtype: type, shape, data_offsets: [from, at] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...Object.values(tensors).map(({ bytes }) => bytes)]);
}

export const floats = (numbers: Iterable<number>): Buffer => {
  const values = Float32Array.from(numbers);
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
};

/** Both matrices of a module, of numbers between -1 and 1 that are the same in each run. */
export function matricesOf(module: string, rank: number, inputs: number, outputs: number, seed: number): Record<string, TestTensor> {
  const next = random(seed);
  const matrix = (rows: number, columns: number): TestTensor => ({
    shape: [rows, columns],
    bytes: floats(Array.from({ length: rows * columns }, () => next() * 2 - 1)),
  });
  const name = (which: string) => `base_model.model.model.layers.${module}.lora_${which}.weight`;
  return { [name('A')]: matrix(rank, inputs), [name('B')]: matrix(outputs, rank) };
}

export const plainConfig = { peft_type: 'LORA', task_type: 'CAUSAL_LM', r: 4, lora_alpha: 8, bias: 'none', target_modules: ['q_proj'] };

/** Keys of a model with groups of heads: 8 for queries, 2 for keys. */
export const groupedLlama = {
  'general.architecture': 'llama',
  'llama.block_count': 2,
  'llama.embedding_length': 64,
  'llama.attention.head_count': 8,
  'llama.attention.head_count_kv': 2,
};
