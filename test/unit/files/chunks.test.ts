import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Cut, Cutter, chunksOf, groupsOf } from '../../../src/files/chunks.ts';
import { seeded } from '../../contract/faults/random.ts';

function noise(size: number, seed: number): Buffer {
  const random = seeded(seed);
  return Buffer.from(Uint8Array.from({ length: size }, () => Math.floor(random() * 256)));
}

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const all = (cuts: AsyncIterable<Cut>): Promise<Cut[]> => Array.fromAsync(cuts);
const keys = (cuts: Cut[]): string[] => cuts.map(({ hash, length }) => `${hash.toString('hex')}/${length}`);
const content = noise(3_000_000, 1);

describe('chunks of a file', () => {
  it('end at the same bytes, whatever the pieces in which it is read', async () => {
    const whole = keys(await all(chunksOf(inPieces(content, [content.length]))));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 10 }), async (sizes) => {
        // Small pieces alone would make a run long.
        const read = sizes.every((size) => size < 100) ? [...sizes, 10_000] : sizes;
        assert.deepEqual(keys(await all(chunksOf(inPieces(content, read)))), whole);
      }),
      { numRuns: 20 },
    );
    const start = content.subarray(0, 300_000);
    assert.deepEqual(await all(chunksOf(inPieces(start, [1]))), await all(chunksOf(inPieces(start, [start.length]))));
  });

  it('are the file, have 16 to 256 KiB, about 64, and the hash of their bytes', async () => {
    const chunks = await all(chunksOf(inPieces(content, [65_536])));
    let at = 0;
    for (const { length, hash } of chunks) {
      assert.equal(
        hash.toString('hex'),
        createHash('sha256')
          .update(content.subarray(at, at + length))
          .digest('hex')
          .slice(0, 16),
      );
      at += length;
    }
    assert.equal(at, content.length);
    assert.ok(chunks.slice(0, -1).every(({ length }) => length >= 16_384 && length <= 262_144));
    const mean = content.length / chunks.length;
    assert.ok(mean > 45_000 && mean < 100_000, `${mean} bytes`);
    assert.deepEqual(
      (await all(chunksOf(inPieces(Buffer.alloc(1_000_000), [65_536])))).map(({ length }) => length),
      [262_144, 262_144, 262_144, 213_568],
    );
    assert.deepEqual(await all(chunksOf(inPieces(Buffer.alloc(0), [1]))), []);
  });

  it('are the same ones around what was put in or taken out', async () => {
    const before = new Set(keys(await all(chunksOf(inPieces(content, [65_536])))));
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length), fc.nat(5000), fc.nat(5000), async (at, taken, put) => {
        const edited = Buffer.concat([content.subarray(0, at), noise(put, at), content.subarray(at + taken)]);
        const fresh = (await all(chunksOf(inPieces(edited, [65_536])))).filter((cut) => !before.has(keys([cut])[0]!));
        assert.ok(fresh.length <= 4, `${fresh.length} new chunks`);
      }),
      // Always the same places: where the cuts meet again is a matter of chance, and about one place in 400 takes longer.
      { numRuns: 20, seed: 1 },
    );
  });

  it('end where they always did: other versions of Updraft have to agree', async () => {
    assert.deepEqual(new Cutter().cuts(content).slice(0, 5), [51_514, 140_571, 266_456, 345_551, 427_136]);
  });

  it('come in groups, which are the same ones again after the place where something was put in', async () => {
    const long = noise(24_000_000, 2);
    const groups = (bytes: Buffer) => all(groupsOf(chunksOf(inPieces(bytes, [65_536]))));
    const before = await groups(long);
    assert.equal(
      before.reduce((sum, { length }) => sum + length, 0),
      long.length,
    );
    assert.ok(before.length > 2, `${before.length} groups`);
    const after = await groups(Buffer.concat([Buffer.from('put in front'), long]));
    assert.deepEqual(keys(after).slice(1), keys(before).slice(1));
    // Asked for from the end of a group on, they are the same.
    assert.deepEqual(keys(await groups(long.subarray(before[0]!.length))), keys(before).slice(1));
    // Chunks that never end a group.
    const zeros = await groups(Buffer.alloc(80_000_000));
    assert.ok(zeros.length >= 1 && zeros.every(({ length }) => length <= 256 * 262_144));
  });
});
