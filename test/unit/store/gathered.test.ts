import assert from 'node:assert/strict';
import { gathered } from '../../../src/store/gathered.ts';

describe('what is looked up by keys', () => {
  it('is found by one call for all that ask at the same moment, by the next one for who asks after it', async () => {
    const calls: number[][] = [];
    const square = gathered(async (keys: number[]) => {
      calls.push(keys);
      return new Map(keys.filter((key) => key > 0).map((key) => [key, key * key]));
    });
    const twice = async (key: number) => [await square(key), await square(key + 1)];
    assert.deepEqual(await Promise.all([twice(1), twice(2), twice(-5)]), [
      [1, 4],
      [4, 9],
      [undefined, undefined],
    ]);
    assert.deepEqual(calls, [
      [1, 2, -5],
      [2, 3, -4],
    ]);
  });

  it('fails for those who asked in vain, and for nobody later', async () => {
    let isAway = true;
    const found = gathered(async (keys: string[]) => {
      if (isAway) throw new Error('away');
      return new Map(keys.map((key) => [key, key]));
    });
    const [one, two] = await Promise.allSettled([found('a'), found('b')]);
    assert.deepEqual([one.status, two.status], ['rejected', 'rejected']);
    isAway = false;
    assert.equal(await found('a'), 'a');
  });
});
