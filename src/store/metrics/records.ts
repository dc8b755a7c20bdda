import { ByteReader, ByteWriter, compress, decompress, readColumns, writeColumns } from './columnCodec.ts';
import type { Point } from './metricStore.ts';
import { emptyPoints, type Points } from './points.ts';

/** Points of one run as one record of the write-ahead part: little work to write. A column whose numbers are all the same is written once. */
export function encodeRecord(points: Point[], keyOf: (name: string) => number): Uint8Array {
  const count = points.length;
  const first = points[0]!;
  const sameKey = points.every((point) => point.key === first.key);
  const sameStep = points.every((point) => point.step === first.step);
  const sameAt = points.every((point) => point.at === first.at);
  const doubles = new Float64Array((sameStep ? 1 : count) + (sameAt ? 1 : count) + count);
  let at = 0;
  if (sameStep) doubles[at++] = first.step;
  else for (let i = 0; i < count; i++) doubles[at++] = points[i]!.step;
  if (sameAt) doubles[at++] = first.at;
  else for (let i = 0; i < count; i++) doubles[at++] = points[i]!.at;
  // -0 becomes 0: they are one value to every comparison.
  for (let i = 0; i < count; i++) doubles[at++] = points[i]!.value + 0;
  const words = new Uint32Array(2 + (sameKey ? 1 : count));
  words[0] = count;
  words[1] = (sameKey ? 1 : 0) | (sameStep ? 2 : 0) | (sameAt ? 4 : 0);
  if (sameKey) words[2] = keyOf(first.key);
  else for (let i = 0; i < count; i++) words[2 + i] = keyOf(points[i]!.key);
  const bytes = new Uint8Array(words.byteLength + doubles.byteLength);
  bytes.set(new Uint8Array(words.buffer), 0);
  bytes.set(new Uint8Array(doubles.buffer), words.byteLength);
  return bytes;
}

/** A record's columns, points in the order of their arrival; `keys` holds ids. */
export function decodeRecord(bytes: Uint8Array): { keys: Uint32Array; points: Points } {
  const copy = bytes.slice().buffer;
  const [count, flags] = new Uint32Array(copy, 0, 2) as unknown as [number, number];
  const words = flags & 1 ? 1 : count;
  const keys = new Uint32Array(count);
  const found = new Uint32Array(copy, 8, words);
  if (flags & 1) keys.fill(found[0]!);
  else keys.set(found);
  const doubles = new Float64Array(copy.slice(8 + words * 4));
  const points = emptyPoints(count);
  let at = 0;
  const column = (into: Float64Array, same: boolean) => {
    if (same) into.fill(doubles[at++]!);
    else {
      into.set(doubles.subarray(at, at + count));
      at += count;
    }
  };
  column(points.steps, (flags & 2) !== 0);
  column(points.ats, (flags & 4) !== 0);
  column(points.values, false);
  return { keys, points };
}

/** Short series of a run in one piece, by key id. */
export function encodePack(series: Map<number, Points>): Uint8Array {
  const writer = new ByteWriter();
  writer.word(series.size);
  for (const [key, points] of series) {
    writer.word(key);
    writeColumns(writer, points);
  }
  return compress(writer.take());
}

export function decodePack(bytes: Uint8Array): Map<number, Points> {
  const reader = new ByteReader(decompress(bytes));
  const series = new Map<number, Points>();
  for (let left = reader.word(); left > 0; left--) series.set(reader.word(), readColumns(reader));
  return series;
}
