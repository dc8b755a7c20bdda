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

  it('tells who waits how many run and how many come first, whenever that changes', async () => {
    const slots = new Slots(2);
    const [a, b] = [await slots.take(never), await slots.take(never)];
    const told: Record<string, string[]> = { c: [], d: [], e: [] };
    const impatient = new AbortController();
    const take = (name: string, signal = never) => slots.take(signal, ({ running, ahead }) => told[name]!.push(`${ahead} of ${running}`));
    const [c, d, e] = [take('c'), take('d', impatient.signal), take('e')];
    impatient.abort(new Error('enough'));
    await assert.rejects(d, /enough/);
    a();
    (await c)();
    (await e)();
    b();
    assert.deepEqual(told, { c: ['0 of 2', '0 of 2'], d: ['1 of 2'], e: ['2 of 2', '1 of 2', '0 of 2'] });
    await take('c');
    assert.equal(told.c!.length, 2, 'who need not wait is told nothing');
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
