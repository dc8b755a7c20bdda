import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { decodePoints, encodePoints } from '../../../src/store/metrics/columnCodec.ts';
import { decodePack, decodeRecord, encodePack, encodeRecord } from '../../../src/store/metrics/records.ts';

const whole = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
  fc.maxSafeInteger(),
  fc.constantFrom(2 ** 53, -(2 ** 53), 0),
);
const value = fc.oneof(
  fc.double(),
  fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 1000),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE, Number.MAX_VALUE, 0),
  fc.float(),
);
const points = fc.array(
  fc.record({ step: whole, at: whole, value: fc.oneof(value, fc.constant(0.25)), key: fc.constantFrom('a', 'b', 'c') }),
);
type Row = { step: number; at: number; value: number; key: string };
const columns = (rows: Row[]) => ({
  steps: Float64Array.from(rows, ({ step }) => step),
  ats: Float64Array.from(rows, ({ at }) => at),
  values: Float64Array.from(rows, ({ value }) => value),
});

describe('encoding of points', () => {
  it('gives back every number', () => {
    fc.assert(
      fc.property(points, (rows) => {
        const there = columns(rows);
        assert.deepEqual(decodePoints(encodePoints(there)), there);
        assert.deepEqual(decodePack(encodePack(new Map([[7, there]]))), new Map([[7, there]]));
      }),
      { numRuns: 300 },
    );
  });

  it('gives back decimals of a few places and straight lines from few bytes', () => {
    const rows = Array.from({ length: 8192 }, (_, i) => ({
      step: i * 10,
      at: 1.7e12 + i * 250,
      value: ((i * 7919) % 1000) / 1000,
      key: '',
    }));
    const bytes = encodePoints(columns(rows));
    assert.deepEqual(decodePoints(bytes), columns(rows));
    assert.ok(bytes.length < rows.length * 2, `${bytes.length} bytes`);
  });

  it('gives back the records of the write-ahead part', () => {
    const ids = { a: 1, b: 2, c: 70_000 } as Record<string, number>;
    fc.assert(
      fc.property(points, fc.boolean(), (some, same) => {
        const rows = same && some.length ? some.map(() => some[0]!) : some;
        if (rows.length === 0) return;
        const back = decodeRecord(encodeRecord(rows, (name) => ids[name]!));
        // -0 and 0 are one value to MLflow: the record keeps 0.
        assert.deepEqual(back.points, columns(rows.map((row) => ({ ...row, value: row.value + 0 }))));
        assert.deepEqual(
          [...back.keys],
          rows.map(({ key }) => ids[key]),
        );
      }),
    );
  });
});
