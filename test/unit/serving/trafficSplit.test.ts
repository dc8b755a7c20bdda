import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { TrafficSplit } from '../../../src/serving/trafficSplit.ts';

describe('a split of traffic', () => {
  it('gives each its share of a hundred requests, exactly and evenly', () => {
    const weights = fc.integer({ min: 0, max: 100 }).map((blue) => ({ blue, green: 100 - blue }));
    fc.assert(
      fc.property(weights, (each) => {
        const split = new TrafficSplit();
        const turns = Array.from({ length: 100 }, () => split.next(each));
        assert.equal(turns.filter((turn) => turn === 'blue').length, each.blue);
        // No share comes in one piece.
        for (let count = 1; count <= 100; count++) {
          const blue = turns.slice(0, count).filter((turn) => turn === 'blue').length;
          assert.ok(Math.abs(blue - (count * each.blue) / 100) <= 1);
        }
      }),
    );
  });

  it('leaves turns to nobody where the total is more than the weights', () => {
    const split = new TrafficSplit();
    const turns = Array.from({ length: 200 }, () => split.next({ shadow: 10 }, 100));
    assert.equal(turns.filter((turn) => turn === 'shadow').length, 20);
  });

  it('goes to nobody without a weight, and follows a change of the weights', () => {
    const split = new TrafficSplit();
    assert.equal(split.next({}), undefined);
    assert.equal(split.next({ blue: 0 }), undefined);
    assert.equal(split.next({ blue: 100 }), 'blue');
    assert.deepEqual(new Set(Array.from({ length: 10 }, () => split.next({ green: 100 }))), new Set(['green']));
  });
});
