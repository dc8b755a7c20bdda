import { halfOf, numberOfHalf } from './halves.ts';

/** Types of numbers that adapters are kept in, and bytes of each. */
export const readableTypes: ReadonlyMap<string, number> = new Map([
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
]);

/** The largest number of 16 bits. */
export const largestHalf = 65504;

/** Numbers of a file as 32-bit floats. The bytes may be used for them. */
export function weightsOfBytes(bytes: Buffer, type: string): Float32Array {
  if (type === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const weights = new Float32Array(halves.length);
  if (type === 'F16') for (let at = 0; at < halves.length; at++) weights[at] = numberOfHalf(halves[at]!);
  else {
    // The upper half of a 32-bit float.
    const bits = new Uint32Array(weights.buffer);
    for (let at = 0; at < halves.length; at++) bits[at] = halves[at]! << 16;
  }
  return weights;
}

/** The bytes of numbers in a type. */
export function bytesOfWeights(weights: Float32Array, type: 'F32' | 'F16'): Uint8Array {
  if (type === 'F32') return new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);
  const bits = new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
  const halves = new Uint16Array(weights.length);
  for (let at = 0; at < bits.length; at++) halves[at] = halfOf(bits[at]!);
  return new Uint8Array(halves.buffer);
}

/** The largest of the numbers, whatever their signs; NaN where one is. */
export function largestOf(weights: Float32Array): number {
  let largest = 0;
  for (let at = 0; at < weights.length; at++) {
    const size = Math.abs(weights[at]!);
    if (size > largest) largest = size;
    else if (Number.isNaN(size)) return size;
  }
  return largest;
}
