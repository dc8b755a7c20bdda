import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { joined, missingOf } from '../../../src/base/ranges.ts';

const ranges = fc.array(fc.record({ start: fc.nat(40), length: fc.nat(10) }), { maxLength: 8 });
const bytesOf = (list: { start: number; length: number }[]) =>
  new Set(list.flatMap(({ start, length }) => Array.from({ length }, (_, index) => start + index)));

describe('ranges of a file', () => {
  it('joined are the same bytes, in their order, with a gap between them', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const all = joined(list);
        assert.deepEqual(bytesOf(all), new Set([...bytesOf(list)].sort((a, b) => a - b)));
        for (const [index, { start, length }] of all.entries()) {
          assert.ok(length > 0);
          if (index > 0) assert.ok(start > all[index - 1]!.start + all[index - 1]!.length);
        }
      }),
    );
  });

  it('that are missing are all the other bytes of it', () => {
    fc.assert(
      fc.property(fc.nat(45), ranges, (size, list) => {
        const there = bytesOf(list);
        const others = Array.from({ length: size }, (_, byte) => byte).filter((byte) => !there.has(byte));
        assert.deepEqual([...bytesOf(missingOf(size, list))], others);
      }),
    );
  });
});
