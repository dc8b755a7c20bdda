import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { m4 } from '../../../src/store/sqlite/m4.ts';

describe('m4', () => {
  it('keeps the first, the last, every extreme, the order and the bound', () => {
    const values = fc.array(fc.oneof(fc.double({ noDefaultInfinity: true, noNaN: true }), fc.constant(Number.NaN)), {
      minLength: 1,
      maxLength: 500,
    });
    fc.assert(
      fc.property(values, fc.integer({ min: 8, max: 100 }), (given, points) => {
        const sorted = given.map((value, step) => ({ key: 'k', value, at: step, step }));
        const { steps, values: kept, total } = m4('k', sorted, points);
        assert.equal(total, given.length);
        assert.ok(kept.length <= Math.max(points, given.length <= points ? given.length : (points / 4) * 5));
        assert.deepEqual([steps[0], steps.at(-1)], [0, given.length - 1]);
        assert.deepEqual(
          steps,
          [...steps].sort((a, b) => a - b),
        );
        const finite = given.filter(Number.isFinite);
        if (finite.length) {
          const numbers = kept.filter((value) => value !== null);
          assert.equal(Math.max(...numbers), Math.max(...finite));
          assert.equal(Math.min(...numbers), Math.min(...finite));
        }
      }),
    );
  });
});
