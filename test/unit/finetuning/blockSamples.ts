import { tensorTypes } from '../../../src/catalog/headers/tensorTypes.ts';
import { halfOfNumber } from '../../../src/finetuning/convert/blocks.ts';
import { random } from '../catalog/modelFiles.ts';

/** Numbers in a sample. */
export const sampleSize = 32 * 64;

/** Where in a block its scale lies, and its offset, by the type; at the beginning where it is not said. */
const halves: Record<number, number[]> = { 3: [0, 2], 7: [0, 2], 10: [80, 82], 11: [108], 12: [0, 2], 13: [0, 2], 14: [208] };

/** The bytes of numbers in a type: chance, with scales that are finite. */
export function sampleBlocks(type: number): Buffer {
  const next = random(type + 1);
  const [, block, blockBytes] = tensorTypes.get(type)!;
  const bytes = Buffer.from(Array.from({ length: (sampleSize / block) * blockBytes }, () => next() * 256));
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const half = () => halfOfNumber((next() * 2 - 1) / 8);
    if (type === 0) bytes.writeFloatLE(next() * 2 - 1, at);
    else if (type === 30) bytes.writeUInt16LE(half() | 0x3000, at);
    else for (const place of halves[type] ?? [0]) bytes.writeUInt16LE(half(), at + place);
  }
  return bytes;
}

/** Numbers of all sizes that weights have, with a block of zeros and numbers that lie between two steps. */
export function sampleRow(): Float32Array {
  const next = random(8);
  return Float32Array.from({ length: sampleSize }, (_, at) =>
    at < 32 ? 0 : at < 64 ? ((at % 2 ? 1 : -1) * (at === 32 ? 254 : at - 31.5 + (at % 3))) / 2 : (next() * 2 - 1) * 2 ** -(at >> 8),
  );
}
