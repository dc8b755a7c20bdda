import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Slots } from '../../../src/runner/slots.ts';

const never = new AbortController().signal;

describe('Slots', () => {
  it('lets so many in and the next in turn', async () => {
    const slots = new Slots(2);
    const seen: string[] = [];
    const [a] = await Promise.all([slots.take(never), slots.take(never)]);
    const [c, d] = ['c', 'd'].map(async (name) => {
      const leave = await slots.take(never);
      seen.push(name);
      return leave;
    });
    a();
    a();
    const leave = await c!;
    assert.deepEqual(seen, ['c']);
    leave();
    await d;
    assert.deepEqual(seen, ['c', 'd']);
  });

  it('forgets who gave up waiting', async () => {
    const slots = new Slots(1);
    const leave = await slots.take(never);
    const impatient = new AbortController();
    const waiting = slots.take(impatient.signal);
    impatient.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    leave();
    await slots.take(never);
  });

  it('counts what runs already, beyond the limit', async () => {
    const slots = new Slots(1);
    const [first, second] = [slots.occupy(), slots.occupy()];
    const next = slots.take(never);
    first();
    let isIn = false;
    void next.then(() => {
      isIn = true;
    });
    await Promise.resolve();
    assert.equal(isIn, false);
    second();
    await next;
  });
});
