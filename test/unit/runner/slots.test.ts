import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Slots } from '../../../src/runner/slots.ts';

const never = new AbortController().signal;
const one = { name: 'one', rank: 4 };

describe('Slots', () => {
  it('lets so many in and the next in turn', async () => {
    const slots = new Slots(2);
    const seen: string[] = [];
    const [a] = await Promise.all([slots.take(never, one), slots.take(never, one)]);
    const [c, d] = ['c', 'd'].map(async (name) => {
      const leave = await slots.take(never, one);
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

  it('lets in the smaller rank first, and says who waits', async () => {
    const slots = new Slots(1);
    const leave = await slots.take(never, one);
    const told: number[] = [];
    const seen: string[] = [];
    const wish = async (name: string, rank: number, tell = (_ahead: number) => {}) => {
      const left = await slots.take(never, { name, rank }, ({ ahead }) => tell(ahead));
      seen.push(name);
      left();
    };
    const all = [wish('spot', 10, (ahead) => told.push(ahead)), wish('a', 4), wish('b', 4), wish('premium', 1)];
    assert.deepEqual(slots.ready(), ['premium', 'a', 'b', 'spot']);
    assert.deepEqual(told, [0, 1, 2, 3]);
    leave();
    await Promise.all(all);
    assert.deepEqual(seen, ['premium', 'a', 'b', 'spot']);
  });

  it('forgets who gave up waiting', async () => {
    const slots = new Slots(1);
    const leave = await slots.take(never, one);
    const impatient = new AbortController();
    const waiting = slots.take(impatient.signal, one);
    impatient.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    leave();
    await slots.take(never, one);
  });

  it('tells who waits how many run and how many come first, whenever that changes', async () => {
    const slots = new Slots(2);
    const [a, b] = [await slots.take(never, one), await slots.take(never, one)];
    const told: Record<string, string[]> = { c: [], d: [], e: [] };
    const impatient = new AbortController();
    const take = (name: string, signal = never) =>
      slots.take(signal, one, ({ running, ahead }) => told[name]!.push(`${ahead} of ${running}`));
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
    const next = slots.take(never, one);
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
