import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { FairQueue } from '../../../src/inference/worker/fairQueue.ts';

describe('a fair queue', () => {
  const never = new AbortController().signal;
  const any = (free: readonly string[]) => free[0]!;

  it('lets callers take turns, however many requests one of them has', async () => {
    const queue = new FairQueue(['seat']);
    const order: string[] = [];
    await queue.take('first', any, never);
    const work = async (caller: string, name: string) => {
      const seat = await queue.take(caller, any, never);
      order.push(name);
      queue.give(seat);
    };
    const all = [work('many', 'many 1'), work('many', 'many 2'), work('many', 'many 3'), work('one', 'one 1')];
    queue.give('seat');
    await Promise.all(all);
    assert.deepEqual(order, ['many 1', 'one 1', 'many 2', 'many 3']);
  });

  it('forgets who has gone, and lends its turn to the next', async () => {
    const queue = new FairQueue(['seat']);
    await queue.take('first', any, never);
    const gone = new AbortController();
    const waiting = queue.take('second', any, gone.signal);
    const next = queue.take('third', any, never);
    gone.abort(new Error('gone'));
    await assert.rejects(waiting, /gone/);
    queue.give('seat');
    assert.equal(await next, 'seat');
    queue.give('seat');
    assert.equal(await queue.take('fourth', any, never), 'seat');
  });

  it('lets the caller choose among those that are free', async () => {
    const queue = new FairQueue(['a', 'b']);
    assert.equal(await queue.take('x', (free) => free.at(-1)!, never), 'b');
    assert.equal(await queue.take('x', (free) => free.at(-1)!, never), 'a');
  });
});
