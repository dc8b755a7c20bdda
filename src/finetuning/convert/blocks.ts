import { halfOf, numberOfHalf } from './halves.ts';
import { superBlockSize, superBlocks, unevenSteps } from './superBlocks.ts';

/** Fills numbers from the bytes that they are kept in. */
type Read = (bytes: Buffer, into: Float32Array) => void;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Numbers in a block. */
export const blockSize = 32;

/** The nearest number of 16 bits, as its bits. */
export function halfOfNumber(value: number): number {
  float[0] = value;
  return halfOf(bits[0]!);
}

/** How rows of a GGUF file become 32-bit floats, by the number of the type. As `dequantize_row_*` of ggml have it. */
export const readers: ReadonlyMap<number, Read> = new Map<number, Read>([
  [0, (bytes, into) => each(into, (at) => bytes.readFloatLE(at * 4))],
  [1, (bytes, into) => each(into, (at) => numberOfHalf(bytes.readUInt16LE(at * 2)))],
  [30, (bytes, into) => each(into, (at) => brainFloat(bytes.readUInt16LE(at * 2)))],
  [2, (bytes, into) => eachBlock(into, 18, (at, out) => nibbles(bytes, at + 2, into, out, numberOfHalf(bytes.readUInt16LE(at)), -8, -0))],
  [
    3,
    (bytes, into) =>
      eachBlock(into, 20, (at, out) =>
        nibbles(bytes, at + 4, into, out, numberOfHalf(bytes.readUInt16LE(at)), 0, numberOfHalf(bytes.readUInt16LE(at + 2))),
      ),
  ],
  [6, (bytes, into) => eachBlock(into, 22, (at, out) => fiveBits(bytes, at + 2, into, out, numberOfHalf(bytes.readUInt16LE(at)), -16, -0))],
  [
    7,
    (bytes, into) =>
      eachBlock(into, 24, (at, out) =>
        fiveBits(bytes, at + 4, into, out, numberOfHalf(bytes.readUInt16LE(at)), 0, numberOfHalf(bytes.readUInt16LE(at + 2))),
      ),
  ],
  [
    20,
    (bytes, into) =>
      eachBlock(into, 18, (at, out) => {
        const scale = numberOfHalf(bytes.readUInt16LE(at));
        for (let i = 0; i < blockSize / 2; i++) {
          into[out + i] = scale * unevenSteps[bytes[at + 2 + i]! & 15]!;
          into[out + i + blockSize / 2] = scale * unevenSteps[bytes[at + 2 + i]! >>> 4]!;
        }
      }),
  ],
  [
    8,
    (bytes, into) =>
      eachBlock(into, 34, (at, out) => {
        const scale = numberOfHalf(bytes.readUInt16LE(at));
        for (let i = 0; i < blockSize; i++) into[out + i] = scale * bytes.readInt8(at + 2 + i);
      }),
  ],
  ...[...superBlocks].map(
    ([type, [blockBytes, read]]) =>
      [
        type,
        (bytes: Buffer, into: Float32Array) => {
          for (let at = 0, out = 0; out < into.length; at += blockBytes, out += superBlockSize) read(bytes, at, into, out);
        },
      ] as const,
  ),
]);

function each(into: Float32Array, valueAt: (at: number) => number): void {
  for (let at = 0; at < into.length; at++) into[at] = valueAt(at);
}

function eachBlock(into: Float32Array, blockBytes: number, work: (at: number, out: number) => void): void {
  for (let at = 0, out = 0; out < into.length; at += blockBytes, out += blockSize) work(at, out);
}

/** 32 numbers of 4 bits: the lower halves of the bytes come first. An offset of -0 changes no number, not even -0. */
function nibbles(bytes: Buffer, at: number, into: Float32Array, out: number, scale: number, shift: number, offset: number): void {
  for (let i = 0; i < blockSize / 2; i++) {
    const byte = bytes[at + i]!;
    into[out + i] = scale * ((byte & 15) + shift) + offset;
    into[out + i + blockSize / 2] = scale * ((byte >>> 4) + shift) + offset;
  }
}

/** 32 numbers of 5 bits: the fifth bits lie before the others. */
function fiveBits(bytes: Buffer, at: number, into: Float32Array, out: number, scale: number, shift: number, offset: number): void {
  const fifth = bytes.readUInt32LE(at);
  for (let i = 0; i < blockSize / 2; i++) {
    const byte = bytes[at + 4 + i]!;
    into[out + i] = scale * (((byte & 15) | (((fifth >>> i) & 1) << 4)) + shift) + offset;
    into[out + i + blockSize / 2] = scale * (((byte >>> 4) | (((fifth >>> (i + 16)) & 1) << 4)) + shift) + offset;
  }
}

function brainFloat(half: number): number {
  bits[0] = half << 16;
  return float[0]!;
}

/** Numbers as blocks of Q8_0, as `quantize_row_q8_0_ref` of ggml has them: in steps of 32-bit floats. */
export function eightBits(row: Float32Array): Uint8Array {
  const bytes = Buffer.alloc((row.length / blockSize) * 34);
  for (let from = 0, at = 0; from < row.length; from += blockSize, at += 34) {
    let largest = 0;
    for (let i = 0; i < blockSize; i++) largest = Math.max(largest, Math.abs(row[from + i]!));
    const scale = Math.fround(largest / 127);
    const inverse = scale ? Math.fround(1 / scale) : 0;
    bytes.writeUInt16LE(halfOfNumber(scale), at);
    for (let i = 0; i < blockSize; i++) bytes.writeInt8(rounded(Math.fround(row[from + i]! * inverse)), at + 2 + i);
  }
  return bytes;
}

/** Halves go away from zero, as C rounds them. */
const rounded = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
