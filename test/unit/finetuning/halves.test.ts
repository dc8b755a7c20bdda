import assert from 'node:assert/strict';
import { halfOf, numberOfHalf } from '../../../src/finetuning/convert/halves.ts';
import { random } from '../catalog/modelFiles.ts';

/** Node's own numbers of 16 bits, which TypeScript does not know yet. */
const Float16Array = (globalThis as unknown as { Float16Array: new (source: ArrayBuffer | number[]) => Uint16Array }).Float16Array;

describe('numbers of 16 bits', () => {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  const nodes = (value: number) => new Uint16Array(new Float16Array([value]).buffer)[0]!;

  it('are what Node takes them for, all of them', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, half) => half);
    const expected = new Float16Array(all.buffer);
    for (const half of all) {
      assert.ok(Object.is(numberOfHalf(half), expected[half]), `0x${half.toString(16)}`);
      float[0] = numberOfHalf(half);
      if (!Number.isNaN(float[0])) assert.equal(halfOf(bits[0]!), half);
    }
  });

  it('are the nearest ones, of two as near the even one', () => {
    const next = random(16);
    for (let i = 0; i < 300_000; i++) {
      bits[0] = next() * 2 ** 32;
      if (i % 3 === 0) bits[0] &= 0xfffff000;
      if (i % 3 === 1) float[0] = (next() * 2 - 1) * 2 ** (i % 40) * 2 ** -26;
      if (!Number.isNaN(float[0]!)) assert.equal(halfOf(bits[0]), nodes(float[0]!), String(float[0]));
    }
  });
});
