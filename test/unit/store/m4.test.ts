import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { reduceToBuckets, toSeries, unitsOf } from '../../../src/store/metrics/m4.ts';
import { concat, type Points } from '../../../src/store/metrics/points.ts';

const series = (values: number[], steps = values.map((_, index) => index)): Points => ({
  steps: Float64Array.from(steps),
  ats: Float64Array.from(steps, (step) => step * 10),
  values: Float64Array.from(values),
});
const reduced = (points: Points, buckets: number) =>
  toSeries('k', points.steps.length, reduceToBuckets(points, points.steps, points.steps[0]!, points.steps.at(-1)!, buckets));

describe('M4 reduction', () => {
  it('keeps every extreme of every bucket, the first and the last point, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 2000 }), (values) => {
        const buckets = 16;
        const { steps, values: kept } = reduced(series(values), buckets);
        assert.ok(steps.length <= buckets * 4);
        assert.equal(steps[0], 0);
        assert.equal(steps.at(-1), values.length - 1);
        assert.deepEqual(
          steps,
          [...steps].sort((a, b) => a - b),
        );
        assert.ok(steps.every((step, index) => Object.is(kept[index], values[step])));
        const width = (values.length - 1) / buckets;
        for (let bucket = 0; bucket < buckets; bucket++) {
          const inside = values.filter((_, i) => (width ? Math.min(buckets - 1, Math.floor(i / width)) : 0) === bucket);
          if (!inside.length) continue;
          assert.ok(kept.includes(Math.min(...inside)));
          assert.ok(kept.includes(Math.max(...inside)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('gives the same for what was reduced before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)), { minLength: 1, maxLength: 600 }),
        fc.integer({ min: 1, max: 8 }),
        (values, size) => {
          const whole = series(values);
          const small = unitsOf(whole, size);
          const starts = Uint32Array.from(small.sizes, (_, i) => small.sizes.slice(0, i).reduce((a, b) => a + b, 0));
          const from = 0;
          const to = values.length - 1;
          const twice = reduceToBuckets(small.points, small.points.steps, from, to, 5, starts);
          // Buckets end between two units: the same ones as of the points when each point takes the step of its unit's first.
          const snapped = { ...whole, steps: whole.steps.map((step) => Math.floor(step / size) * size) };
          const once = reduceToBuckets(snapped, snapped.steps, from, to, 5);
          assert.deepEqual([...twice.values], [...once.values]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('shows a gap where a value is not finite', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i === 500 ? Number.NaN : 1));
    assert.ok(reduced(series(values), 10).values.includes(null));
    assert.equal(toSeries('k', 0, concat([])).total, 0);
  });
});
