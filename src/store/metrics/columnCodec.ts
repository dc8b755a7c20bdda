import * as zlib from 'node:zlib';
import type { Units } from './m4.ts';
import { emptyPoints, type Points } from './points.ts';

/**
 * Columns as bytes, little-endian. A column of whole numbers is a line (first value and slope) or its differences in the fewest bytes that hold them; values are
 * decimals of up to six places as whole numbers, or doubles. Bytes of equal weight stand together, which is what the compressor likes.
 */
const line = 0;
const raw = 8;
/** Added to the width of differences when they are of decimals. */
const places = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];
/** Differences beyond this are not exact in a double. */
const exact = 2 ** 52;

export class ByteWriter {
  private bytes = Buffer.allocUnsafe(1024);
  length = 0;

  private room(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  word(value: number): void {
    this.room(4);
    this.length = this.bytes.writeUInt32LE(value, this.length);
  }

  double(value: number): void {
    this.room(8);
    this.length = this.bytes.writeDoubleLE(value, this.length);
  }

  /** The bytes of `array`, those of equal weight together. */
  planes(array: Uint8Array | Uint16Array | Uint32Array | Float64Array): void {
    const width = array.BYTES_PER_ELEMENT;
    const count = array.length;
    const from = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    this.room(from.length);
    const { bytes } = this;
    for (let plane = 0; plane < width; plane++) {
      let to = this.length + plane * count;
      for (let i = plane; i < from.length; i += width) bytes[to++] = from[i]!;
    }
    this.length += from.length;
  }

  take(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

export class ByteReader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  word(): number {
    this.at += 4;
    return this.bytes.readUInt32LE(this.at - 4);
  }

  double(): number {
    this.at += 8;
    return this.bytes.readDoubleLE(this.at - 8);
  }

  planes<T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(array: T): T {
    const width = array.BYTES_PER_ELEMENT;
    const count = array.length;
    const to = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const { bytes } = this;
    for (let plane = 0; plane < width; plane++) {
      let from = this.at + plane * count;
      for (let i = plane; i < to.length; i += width) to[i] = bytes[from++]!;
    }
    this.at += to.length;
    return array;
  }
}

const narrow = (width: number, count: number) =>
  width === 1 ? new Uint8Array(count) : width === 2 ? new Uint16Array(count) : new Uint32Array(count);

/** Writes whole numbers; `flag` is kept in the upper bits of the column's first byte. */
function writeWhole(writer: ByteWriter, numbers: Float64Array, flag = 0): void {
  const count = numbers.length;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 1; i < count; i++) {
    const difference = numbers[i]! - numbers[i - 1]!;
    if (difference < least) least = difference;
    if (difference > most) most = difference;
  }
  if (count < 2) [least, most] = [0, 0];
  const extent = most - least;
  const fits = Math.abs(least) < exact && Math.abs(most) < exact;
  const width = !fits ? raw : extent === 0 ? line : extent < 2 ** 8 ? 1 : extent < 2 ** 16 ? 2 : extent < 2 ** 32 ? 4 : raw;
  writer.byte(flag | width);
  if (width === raw) return writer.planes(numbers);
  writer.double(numbers[0] ?? 0);
  writer.double(least);
  if (width === line) return;
  const differences = narrow(width, count);
  for (let i = 1; i < count; i++) differences[i] = numbers[i]! - numbers[i - 1]! - least;
  writer.planes(differences);
}

function readWhole(reader: ByteReader, numbers: Float64Array, width: number): void {
  if (width === raw) {
    reader.planes(numbers);
    return;
  }
  const count = numbers.length;
  let number = reader.double();
  const least = reader.double();
  if (count) numbers[0] = number;
  if (width === line) {
    for (let i = 1; i < count; i++) numbers[i] = number += least;
    return;
  }
  const differences = reader.planes(narrow(width, count));
  for (let i = 1; i < count; i++) numbers[i] = number += differences[i]! + least;
}

/** The number of decimal places that gives every value exactly, or -1. */
function decimalsOf(values: Float64Array): number {
  let digits = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Object.is(value, -0)) return -1;
    while (digits < places.length) {
      const scaled = Math.round(value * places[digits]!);
      if (Math.abs(scaled) < exact && scaled / places[digits]! === value) break;
      digits++;
    }
    if (digits === places.length) return -1;
  }
  return digits;
}

export function writeColumns(writer: ByteWriter, { steps, ats, values }: Points): void {
  writer.word(steps.length);
  writeWhole(writer, steps);
  writeWhole(writer, ats);
  const digits = decimalsOf(values);
  if (digits < 0) {
    writer.byte(0xff);
    writer.planes(values);
  } else {
    writer.byte(digits);
    writeWhole(
      writer,
      values.map((value) => Math.round(value * places[digits]!)),
    );
  }
}

export function readColumns(reader: ByteReader): Points {
  const points = emptyPoints(reader.word());
  readWhole(reader, points.steps, reader.byte());
  readWhole(reader, points.ats, reader.byte());
  const digits = reader.byte();
  if (digits === 0xff) reader.planes(points.values);
  else {
    readWhole(reader, points.values, reader.byte());
    if (digits) for (let i = 0; i < points.values.length; i++) points.values[i]! /= places[digits]!;
  }
  return points;
}

/** First byte of compressed bytes. zstd came with Node 22.15; an older host writes deflate, and every host reads what it can. */
const codecs = { plain: 0, zstd: 1, deflate: 2 };

export function compress(bytes: Uint8Array, level = 3): Uint8Array {
  const [codec, packed] =
    bytes.length < 64
      ? [codecs.plain, bytes]
      : zlib.zstdCompressSync
        ? [codecs.zstd, zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } })]
        : [codecs.deflate, zlib.deflateRawSync(bytes, { level: Math.min(9, level) })];
  const whole = Buffer.allocUnsafe(packed.length + 1);
  whole[0] = codec;
  whole.set(packed, 1);
  return whole;
}

export function decompress(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(1);
  if (bytes[0] === codecs.plain) return body;
  if (bytes[0] === codecs.deflate) return zlib.inflateRawSync(body);
  if (bytes[0] === codecs.zstd && zlib.zstdDecompressSync) return zlib.zstdDecompressSync(body);
  throw new Error(`the codec ${bytes[0]} of stored metrics is not known to Node ${process.versions.node}`);
}

export function encodePoints(points: Points, level?: number): Uint8Array {
  const writer = new ByteWriter();
  writeColumns(writer, points);
  return compress(writer.take(), level);
}

export const decodePoints = (bytes: Uint8Array): Points => readColumns(new ByteReader(decompress(bytes)));

export function encodeUnits({ points, sizes }: Units): Uint8Array {
  const writer = new ByteWriter();
  writer.word(sizes.length);
  writer.planes(sizes);
  writeColumns(writer, points);
  return writer.take();
}

export function decodeUnits(bytes: Uint8Array): Units {
  const reader = new ByteReader(bytes);
  const sizes = reader.planes(new Uint8Array(reader.word()));
  return { sizes, points: readColumns(reader) };
}
