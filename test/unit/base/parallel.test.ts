import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { mapParallel } from '../../../src/base/parallel.ts';
import { SharedWork } from '../../../src/base/sharedWork.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('mapParallel', () => {
  it('works on so many at a time, and answers in the order of the items', async () => {
    let [now, most] = [0, 0];
    const results = await mapParallel([5, 1, 4, 2, 3], 2, async (turns, index) => {
      most = Math.max(most, ++now);
      for (let i = 0; i < turns; i++) await turn();
      now--;
      return `${index}:${turns}`;
    });
    assert.deepEqual(results, ['0:5', '1:1', '2:4', '3:2', '4:3']);
    assert.equal(most, 2);
    assert.deepEqual(await mapParallel([], 2, async () => 1), []);
  });

  it('begins nothing after a failure, and throws it when the others have ended', async () => {
    const seen: number[] = [];
    let ended = false;
    await assert.rejects(
      mapParallel([0, 1, 2, 3, 4], 2, async (item) => {
        seen.push(item);
        if (item === 1) throw new Error('the second');
        for (let i = 0; i < 5; i++) await turn();
        ended = true;
      }),
      { message: 'the second' },
    );
    assert.deepEqual(seen, [0, 1]);
    assert.equal(ended, true);
  });
});

describe('shared work', () => {
  it('is done once for all who ask at the same time, and anew afterwards', async () => {
    const work = new SharedWork<number>();
    let count = 0;
    const begin = async () => {
      await turn();
      return ++count;
    };
    assert.deepEqual(
      await Promise.all([work.run('a', undefined, begin), work.run('a', undefined, begin), work.run('b', undefined, begin)]),
      [1, 1, 2],
    );
    assert.equal(await work.run('a', undefined, begin), 3);
    assert.equal(work.has('a'), false);
  });

  it('fails for all', async () => {
    const work = new SharedWork<number>();
    const begin = () => turn().then(() => Promise.reject(new Error('no')));
    const both = await Promise.allSettled([work.run('a', undefined, begin), work.run('a', undefined, begin)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await work.run('a', undefined, async () => 1), 1);
  });

  it('is stopped when the last one leaves, and the next begins anew', async () => {
    const work = new SharedWork<string>();
    const [one, two] = [new AbortController(), new AbortController()];
    const stopped: string[] = [];
    const begin = (name: string) => (signal: AbortSignal) =>
      new Promise<string>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped.push(name);
          reject(signal.reason);
        });
      });
    const results = Promise.allSettled([work.run('a', one.signal, begin('first')), work.run('a', two.signal, begin('never'))]);
    one.abort();
    await turn();
    assert.deepEqual(stopped, []);
    two.abort();
    await turn();
    assert.deepEqual(stopped, ['first']);
    assert.equal(await work.run('a', undefined, async () => 'anew'), 'anew');
    assert.deepEqual(
      (await results).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    await assert.rejects(work.run('a', AbortSignal.abort(new Error('before')), begin('never')), { message: 'before' });
  });
});
