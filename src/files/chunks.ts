import { createHash, type Hash } from 'node:crypto';

/** Bytes of a chunk: at least, about, and at most. All planes cut alike: these numbers and `gear` are a part of the protocol. */
const [least, mean, most] = [16 * 1024, 64 * 1024, 256 * 1024];
/** Bits of the rolling hash that are 0 where a chunk ends, up to the mean length and after it: so most chunks are near the mean. */
const [strict, loose] = [topBits(18), topBits(14)];
/** Of the first byte of a chunk's SHA-256, the bits that are 0 where a group of chunks ends, and chunks of a group at most. */
const [groupMask, mostInGroup] = [0x3f, 256];
/** Bytes of a SHA-256 by which chunks and groups are told apart. */
const hashBytes = 8;

/** A number for each value of a byte, made from a constant. */
const gear = makeGear();

function topBits(count: number): number {
  return ~((1 << (32 - count)) - 1);
}

function makeGear(): Int32Array {
  const numbers = new Int32Array(256);
  const [perHash, hashes] = [8, 32];
  for (let index = 0; index < hashes; index++) {
    const digest = createHash('sha256').update(`Updraft cuts files: ${index}`).digest();
    for (let word = 0; word < perHash; word++) numbers[index * perHash + word] = digest.readInt32LE(word * 4);
  }
  return numbers;
}

/**
 * Finds where chunks of a stream end, by its content alone: FastCDC with a gear hash. After an insertion chunks end at the same bytes again, so nearly all of them are the same.
 */
export class Cutter {
  private hash = 0;
  private length = 0;

  /** The offsets in the next bytes of the stream behind which a chunk ends. */
  cuts(bytes: Uint8Array): number[] {
    const ends: number[] = [];
    let at = 0;
    while (at < bytes.length) {
      at = this.scan(bytes, at);
      if (this.length > 0) break;
      ends.push(at);
    }
    return ends;
  }

  /** Goes on from `at` to the end of the chunk, after which `length` is 0, or of the bytes. Answers where. */
  private scan(bytes: Uint8Array, at: number): number {
    const begin = at - this.length;
    const end = bytes.length;
    // No chunk ends before its least length, so nothing is hashed there.
    let i = Math.min(end, Math.max(at, begin + least));
    let { hash } = this;
    for (const [limit, mask] of [
      [begin + mean, strict],
      [begin + most, loose],
    ] as const) {
      const stop = Math.min(end, limit);
      while (i < stop) {
        hash = ((hash << 1) + gear[bytes[i++]!]!) | 0;
        if ((hash & mask) === 0) return this.cutAt(i);
      }
    }
    if (i - begin >= most) return this.cutAt(i);
    this.hash = hash;
    this.length = i - begin;
    return i;
  }

  private cutAt(i: number): number {
    this.hash = 0;
    this.length = 0;
    return i;
  }
}

/** A chunk, or a group of them, that has come to its end. `hash`: the first 8 bytes of its SHA-256, that of a group over those of its chunks. */
export interface Cut {
  length: number;
  hash: Buffer;
}

/** The chunks of a stream. */
export async function* chunksOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Cut> {
  const cutter = new Cutter();
  let [hash, length]: [Hash, number] = [createHash('sha256'), 0];
  const add = (bytes: Uint8Array) => {
    hash.update(bytes);
    length += bytes.length;
  };
  const ended = (): Cut => {
    const cut = { length, hash: hash.digest().subarray(0, hashBytes) };
    [hash, length] = [createHash('sha256'), 0];
    return cut;
  };
  for await (const bytes of content) {
    let at = 0;
    for (const end of cutter.cuts(bytes)) {
      add(bytes.subarray(at, end));
      yield ended();
      at = end;
    }
    if (at < bytes.length) add(bytes.subarray(at));
  }
  if (length > 0) yield ended();
}

/** Chunks in groups of about 64, which end by the content of their chunks. */
export async function* groupsOf(chunks: AsyncIterable<Cut>): AsyncGenerator<Cut> {
  let [hash, length, count]: [Hash, number, number] = [createHash('sha256'), 0, 0];
  const ended = (): Cut => {
    const cut = { length, hash: hash.digest().subarray(0, hashBytes) };
    [hash, length, count] = [createHash('sha256'), 0, 0];
    return cut;
  };
  for await (const chunk of chunks) {
    hash.update(chunk.hash);
    length += chunk.length;
    count++;
    if ((chunk.hash[0]! & groupMask) === 0 || count === mostInGroup) yield ended();
  }
  if (count > 0) yield ended();
}
