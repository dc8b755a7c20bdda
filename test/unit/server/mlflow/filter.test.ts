import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseFilter, parseOrder, passes, sortBy } from '../../../../src/server/routes/mlflow/filter.ts';

describe("MLflow's filters", () => {
  it('read comparisons joined by AND, with every way to quote', () => {
    assert.deepEqual(
      parseFilter(
        `name = 'it''s' AND tags.\`my key\` ILIKE "a%" and metrics."f/1" >= -1.5e3 AND run_id NOT IN ('a', "b") AND tags.x IS NOT  NULL`,
      ),
      [
        { scope: '', key: 'name', operator: '=', value: "it's" },
        { scope: 'tags', key: 'my key', operator: 'ILIKE', value: 'a%' },
        { scope: 'metrics', key: 'f/1', operator: '>=', value: -1500 },
        { scope: '', key: 'run_id', operator: 'NOT IN', value: ['a', 'b'] },
        { scope: 'tags', key: 'x', operator: 'IS NOT NULL', value: null },
      ],
    );
    assert.deepEqual(parseFilter('  '), []);
  });

  for (const text of [
    'name',
    'name =',
    "= 'x'",
    "name = 'x' OR name = 'y'",
    "name = 'x' AND",
    'name = x',
    'name IN ()',
    "name == 'x'",
    "name = 'open",
    'x'.repeat(2000),
  ])
    it(`refuses ${text.slice(0, 30)}`, () => assert.throws(() => parseFilter(text), { code: 'InvalidRequest' }));

  it('compare as SQL does: what is not there passes nothing but IS NULL', () => {
    const one = (text: string, value: string | number | undefined) => passes(value, parseFilter(text)[0]!);
    assert.equal(one("a != 'x'", undefined), false);
    assert.equal(one('a IS NULL', undefined), true);
    assert.equal(one("a LIKE 'x_z%'", 'xyz and more\nlines'), true);
    assert.equal(one("a LIKE 'X%'", 'xyz'), false);
    assert.equal(one("a LIKE '.*'", 'xyz'), false);
    assert.equal(one("a RLIKE '^x.z$'", 'xyz'), true);
    assert.throws(() => one("a RLIKE '('", 'x'), { code: 'InvalidRequest' });
    assert.equal(one('a > 9', 10), true);
  });

  it('sort with what is not there last, whichever way', () => {
    const order = parseOrder(['metrics.`a b` DESC'])[0]!;
    assert.deepEqual(order, { scope: 'metrics', key: 'a b', descending: true });
    const read = (item: { v?: number }) => item.v;
    assert.deepEqual(sortBy([{}, { v: 1 }, { v: 2 }], [{ read, descending: true }]), [{ v: 2 }, { v: 1 }, {}]);
    assert.deepEqual(sortBy([{}, { v: 2 }, { v: 1 }], [{ read, descending: false }]), [{ v: 1 }, { v: 2 }, {}]);
    assert.throws(() => parseOrder(['name SIDEWAYS']), { code: 'InvalidRequest' });
  });
});
