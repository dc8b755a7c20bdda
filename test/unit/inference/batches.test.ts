import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { batches } from '../../../src/inference/worker/batches.ts';

describe('texts that are worked on together', () => {
  it('are of about one length, and each is in one batch', () => {
    const lengths = Array.from({ length: 1000 }, (_, at) => 3 + ((at * 7919) % 500));
    const all = batches(lengths, false);
    assert.deepEqual(
      all.flat().sort((a, b) => a - b),
      lengths.map((_, at) => at),
    );
    const filled = all.reduce((sum, batch) => sum + batch.length * Math.max(...batch.map((at) => lengths[at]!)), 0);
    assert.ok(filled < 1.1 * lengths.reduce((sum, each) => sum + each, 0), 'little is filled up');
    for (const batch of all) assert.ok(batch.length <= 32 && batch.length * Math.max(...batch.map((at) => lengths[at]!)) <= 4096);
  });

  it('are single ones where a text would get another vector beside others, and where one is very long', () => {
    assert.deepEqual(batches([5, 3, 4], true), [[0], [1], [2]]);
    assert.deepEqual(batches([9000, 3], false), [[1], [0]]);
    assert.deepEqual(batches([], false), []);
  });
});
