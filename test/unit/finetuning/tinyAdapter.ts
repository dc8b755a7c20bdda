import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestTensor, writeAdapter } from './adapterFiles.ts';

/** A language model of 0.7 million weights, and an adapter with which it answers in Spanish. */
export const tiny = path.resolve(import.meta.dirname, '../../../../shared/corpora/tiny-lm');
export const tinyBase = path.join(tiny, 'tiny-colours-f32.gguf');
export const tinyAdapter = path.join(tiny, 'adapter');

/** The parts of that adapter for queries and keys alone, as an adapter: whose rows lie in the wrong order does nothing here, and can't go unnoticed. */
export function queriesAndKeys(folder: string): string {
  const file = readFileSync(path.join(tinyAdapter, 'adapter_model.safetensors'));
  const start = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, { shape: number[]; data_offsets: [number, number] }>;
  const tensors: Record<string, TestTensor> = {};
  for (const [name, { shape, data_offsets: place }] of Object.entries(header))
    if (/\.[qk]_proj\./.test(name)) tensors[name] = { shape, bytes: file.subarray(start + place[0], start + place[1]) };
  const config = JSON.parse(readFileSync(path.join(tinyAdapter, 'adapter_config.json'), 'utf8')) as object;
  return writeAdapter(folder, { ...config, target_modules: ['q_proj', 'k_proj'] }, tensors);
}
