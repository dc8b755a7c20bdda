import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { NumberColumn, TextColumn } from '../../../src/store/search/column.ts';
import { sortRuns } from '../../../src/store/search/sortRuns.ts';

const cells = { maxLength: 60 };
const numbers = fc.array(
  fc.option(fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, Number.MIN_VALUE, -Number.MIN_VALUE)), { nil: undefined }),
  cells,
);
const texts = fc.array(
  fc.option(fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }), fc.constantFrom('a', 'b')), { nil: undefined }),
  cells,
);
type Cell = number | string | undefined;

/** NaN after every number and what is missing last, in either direction. */
function compare(a: Cell, b: Cell, descending: boolean): number {
  const rank = (cell: Cell) => (cell === undefined ? 2 : Number.isNaN(cell) ? 1 : 0);
  if (rank(a) !== rank(b) || rank(a) > 0 || a === b) return rank(a) - rank(b);
  return a! < b! === descending ? 1 : -1;
}

describe('sorting runs by columns', () => {
  it('gives the order of the values, whatever they are, and leaves equal ones as they were', function () {
    this.timeout(20_000);
    fc.assert(
      fc.property(numbers, texts, fc.boolean(), fc.boolean(), (some, others, down, back) => {
        const [number, text] = [new NumberColumn(), new TextColumn()];
        for (const [run, value] of some.entries()) number.set(run, value);
        for (const [run, value] of others.entries()) text.set(run, value);
        const runs = Uint32Array.from({ length: Math.max(some.length, others.length) }, (_, run) => run);
        const sorted = sortRuns(runs, [
          { column: text, descending: down },
          { column: number, descending: back },
        ]);
        const expected = [...runs].sort((a, b) => compare(others[a], others[b], down) || compare(some[a], some[b], back) || a - b);
        assert.deepEqual([...sorted], expected);
      }),
      { numRuns: 200 },
    );
  });

  it('takes texts that are numbers as such, before all others', () => {
    const values = ['10', '9', '1e-5', '-3', '0x10', 'Infinity', '', ' 1', '.5', '1_0', 'auto', '010'];
    const column = new TextColumn();
    for (const [run, value] of values.entries()) column.set(run, value);
    const runs = Uint32Array.from(values.keys());
    const sorted = (descending: boolean) => [...sortRuns(runs, [{ column, descending, asNumbers: true }])].map((run) => values[run]);
    const expected = ['-3', '1e-5', '.5', '9', '010', '10', '', ' 1', '0x10', '1_0', 'Infinity', 'auto'];
    assert.deepEqual(sorted(false), expected);
    assert.deepEqual(sorted(true), sorted(false).toReversed());
  });
});
