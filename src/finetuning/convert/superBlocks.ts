import { numberOfHalf } from './halves.ts';

/** Fills the 256 numbers of a block at `out` from its bytes at `at`. */
type ReadBlock = (bytes: Buffer, at: number, into: Float32Array, out: number) => void;

/** Numbers in such a block. */
export const superBlockSize = 256;

const half = (bytes: Buffer, at: number) => numberOfHalf(bytes.readUInt16LE(at));

/** Blocks of 256 numbers, whose parts have scales of their own: by the number of the type, bytes and how they are read. As `dequantize_row_*` of ggml have them, in steps of 32-bit floats. */
export const superBlocks: ReadonlyMap<number, readonly [bytes: number, read: ReadBlock]> = new Map([
  [10, [84, twoBits]],
  [11, [110, threeBits]],
  [12, [144, (bytes, at, into, out) => fourOrFiveBits(bytes, at, into, out, false)]],
  [13, [176, (bytes, at, into, out) => fourOrFiveBits(bytes, at, into, out, true)]],
  [14, [210, sixBits]],
  [23, [136, fourBitsOfTable]],
]);

/** Scale and offset of 16 numbers in a byte of 4 bits each. */
function twoBits(bytes: Buffer, at: number, into: Float32Array, out: number): void {
  const [scale, offset] = [half(bytes, at + 80), half(bytes, at + 82)];
  for (let part = 0; part < 16; part++) {
    const byte = bytes[at + part]!;
    const [step, less] = [Math.fround(scale * (byte & 15)), Math.fround(offset * (byte >>> 4))];
    const numbers = at + 16 + (part >>> 3) * 32 + (part & 1) * 16;
    const shift = ((part >>> 1) & 3) * 2;
    for (let i = 0; i < 16; i++) into[out + part * 16 + i] = Math.fround(step * ((bytes[numbers + i]! >>> shift) & 3)) - less;
  }
}

/** The third bit of each number lies apart, and so do the upper two bits of each scale. */
function threeBits(bytes: Buffer, at: number, into: Float32Array, out: number): void {
  const scale = half(bytes, at + 108);
  const scales = at + 96;
  for (let part = 0; part < 16; part++) {
    const low = part < 8 ? bytes[scales + part]! & 15 : bytes[scales + part - 8]! >>> 4;
    const high = (bytes[scales + 8 + (part & 3)]! >>> (2 * (part >>> 2))) & 3;
    const step = Math.fround(scale * ((low | (high << 4)) - 32));
    const numbers = at + 32 + (part >>> 3) * 32 + (part & 1) * 16;
    const shift = ((part >>> 1) & 3) * 2;
    const thirdBits = at + (part & 1) * 16;
    const bit = part >>> 1;
    for (let i = 0; i < 16; i++) {
      const third = (bytes[thirdBits + i]! >>> bit) & 1 ? 0 : 4;
      into[out + part * 16 + i] = step * (((bytes[numbers + i]! >>> shift) & 3) - third);
    }
  }
}

/** Eight parts of 32 numbers, with scale and offset of 6 bits each. */
function fourOrFiveBits(bytes: Buffer, at: number, into: Float32Array, out: number, hasFifth: boolean): void {
  const [scale, offset] = [half(bytes, at), half(bytes, at + 2)];
  const scales = at + 4;
  const numbers = at + 16 + (hasFifth ? 32 : 0);
  for (let part = 0; part < 8; part++) {
    const [own, other] = [bytes[scales + part]!, bytes[scales + part + 4]!];
    const before = part < 4 ? 0 : bytes[scales + part - 4]!;
    const step = Math.fround(scale * (part < 4 ? own & 63 : (other & 15) | ((before >>> 6) << 4)));
    const less = Math.fround(offset * (part < 4 ? other & 63 : (other >>> 4) | ((own >>> 6) << 4)));
    const shift = (part & 1) * 4;
    const from = numbers + (part >>> 1) * 32;
    for (let i = 0; i < 32; i++) {
      const fifth = hasFifth ? ((bytes[at + 16 + i]! >>> part) & 1) << 4 : 0;
      into[out + part * 32 + i] = Math.fround(step * (((bytes[from + i]! >>> shift) & 15) | fifth)) - less;
    }
  }
}

function sixBits(bytes: Buffer, at: number, into: Float32Array, out: number): void {
  const scale = half(bytes, at + 208);
  for (let part = 0; part < 16; part++) {
    // Two halves of 128 numbers; in each four groups of 32, of two parts.
    const [side, group, within] = [part >>> 3, (part >>> 1) & 3, (part & 1) * 16];
    const step = Math.fround(scale * bytes.readInt8(at + 192 + part));
    const low = at + side * 64 + (group & 1) * 32 + within;
    const high = at + 128 + side * 32 + within;
    for (let i = 0; i < 16; i++) {
      const number = ((bytes[low + i]! >>> (group >>> 1 ? 4 : 0)) & 15) | (((bytes[high + i]! >>> (group * 2)) & 3) << 4);
      into[out + part * 16 + i] = step * (number - 32);
    }
  }
}

/** The 16 numbers that 4 bits stand for in the types IQ4. */
export const unevenSteps = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

function fourBitsOfTable(bytes: Buffer, at: number, into: Float32Array, out: number): void {
  const scale = half(bytes, at);
  const upper = bytes.readUInt16LE(at + 2);
  for (let part = 0; part < 8; part++) {
    const low = (bytes[at + 4 + (part >>> 1)]! >>> ((part & 1) * 4)) & 15;
    const step = Math.fround(scale * ((low | (((upper >>> (part * 2)) & 3) << 4)) - 32));
    const numbers = at + 8 + part * 16;
    for (let i = 0; i < 16; i++) {
      into[out + part * 32 + i] = step * unevenSteps[bytes[numbers + i]! & 15]!;
      into[out + part * 32 + i + 16] = step * unevenSteps[bytes[numbers + i]! >>> 4]!;
    }
  }
}
