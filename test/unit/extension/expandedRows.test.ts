import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ExpandedRows } from '../../../src/extension/state/expandedRows.ts';

describe('rows that a person opened', () => {
  let kept = { open: [] as string[], closed: [] as string[] };
  const rows = () => new ExpandedRows({ read: () => kept, write: (now) => (kept = now) });

  it('stay open and closed over a reload, and one that runs is open until it is closed', () => {
    const before = rows();
    assert.deepEqual([before.isOpen('a', false), before.isOpen('a', true)], [false, true]);
    before.note('a', true);
    before.note('b', false);
    const after = rows();
    assert.deepEqual([after.isOpen('a', false), after.isOpen('b', true), after.isOpen('c', true)], [true, false, true]);
    after.note('a', false);
    after.note('b', true);
    assert.deepEqual([after.isOpen('a', true), after.isOpen('b', false)], [false, true]);
  });

  it('are forgotten when there are too many, the oldest first', () => {
    const many = rows();
    for (let n = 0; n < 1200; n++) many.note(`row ${n}`, true);
    assert.ok(kept.open.length <= 500);
    assert.deepEqual([many.isOpen('row 1199', false), many.isOpen('row 0', false)], [true, false]);
  });
});
