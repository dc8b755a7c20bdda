import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { OneAtATime } from '../../../src/base/oneAtATime.ts';

describe('work that many events ask for', () => {
  it('runs once for what was asked before, and once more for what was asked meanwhile', async () => {
    let runs = 0;
    const inside = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const one = new OneAtATime({
      signal: new AbortController().signal,
      onError: assert.fail,
      work: async () => {
        runs++;
        inside.resolve();
        await gate.promise;
      },
    });
    one.ask();
    one.ask();
    await inside.promise;
    one.ask();
    one.ask();
    gate.resolve();
    await one.settled();
    assert.equal(runs, 2);
  });

  it('is tried again when it fails, and leaves no rejection', async () => {
    const errors: number[] = [];
    let runs = 0;
    const one = new OneAtATime({
      signal: new AbortController().signal,
      onError: (_error, attempt) => errors.push(attempt),
      work: async () => {
        if (++runs < 3) throw new Error('not yet');
      },
    });
    one.ask();
    await one.settled();
    assert.deepEqual({ runs, errors }, { runs: 3, errors: [0, 1] });
  });

  it('ends with its signal, also while it waits for the next try', async () => {
    const abort = new AbortController();
    const one = new OneAtATime({
      signal: abort.signal,
      onError: (_error, attempt) => attempt === 1 && abort.abort(),
      work: () => Promise.reject(new Error('never')),
    });
    one.ask();
    await one.settled();
    one.ask();
    await one.settled();
  });
});
