import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toDisposable } from '../../src/base/disposable.ts';
import type { Timers } from '../../src/base/timers.ts';
import { PacedWrites } from '../../src/server/localModels/pacedWrites.ts';

describe('writes at a pace', () => {
  it('come at once, then no sooner than they may, the newest state last, and none after the end', async () => {
    let now = 0;
    let plans: { at: number; callback: () => void }[] = [];
    const timers: Timers = {
      now: () => now,
      after(ms, callback) {
        const plan = { at: now + ms, callback };
        plans.push(plan);
        return toDisposable(() => (plans = plans.filter((each) => each !== plan)));
      },
    };
    const pass = (to: number) => {
      now = to;
      const due = plans.filter(({ at }) => at <= now);
      plans = plans.filter(({ at }) => at > now);
      for (const { callback } of due) callback();
    };
    let state = 1;
    const written: [number, number][] = [];
    const writes = new PacedWrites(async () => void written.push([now, state]), 100, timers);
    writes.ask();
    pass(0);
    await Promise.resolve();
    state = 2;
    writes.ask();
    state = 3;
    writes.ask();
    pass(99);
    await Promise.resolve();
    assert.deepEqual(written, [[0, 1]]);
    pass(100);
    writes.ask();
    await writes.end();
    pass(1000);
    assert.deepEqual(written, [
      [0, 1],
      [100, 3],
    ]);
    writes.ask();
    assert.deepEqual(plans, []);
  });
});
