import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteRanges } from '../../../src/transfer/web/byteRanges.ts';

describe('the bytes of a file that are there', () => {
  it('and those that are missing are all of it, whatever came in which order', () => {
    const size = 60;
    const range = fc.tuple(fc.nat(size), fc.nat(size)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), fc.integer({ min: 1, max: 70 }), (came, most) => {
        const ranges = new ByteRanges(came);
        const isThere = Array.from({ length: size }, (_, at) => came.some(([from, to]) => at >= from && at < to));
        const missing = ranges.missing(size, most);
        assert.equal(ranges.count, isThere.filter(Boolean).length);
        assert.ok(missing.every(([from, to]) => to > from && to - from <= most));
        const asked = missing.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
        assert.deepEqual(
          asked,
          [...isThere.keys()].filter((at) => !isThere[at]),
        );
      }),
    );
  });
});
