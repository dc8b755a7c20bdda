import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DisposableStore, toDisposable } from '../../../src/base/disposable.ts';
import { Emitter } from '../../../src/base/event.ts';

describe('Emitter', () => {
  it('tells every listener, also when one of them throws, and reports the error', () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<number>((error) => errors.push(error));
    const seen: number[] = [];
    emitter.event(() => {
      throw new Error('mine');
    });
    const subscription = emitter.event((value) => seen.push(value));
    emitter.fire(1);
    subscription.dispose();
    emitter.fire(2);
    assert.deepEqual(seen, [1]);
    assert.equal(errors.length, 2);
  });
});

describe('DisposableStore', () => {
  it('ends in reverse order, each once, and ends late comers at once', () => {
    const ended: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => ended.push('first')));
    store.add(toDisposable(() => ended.push('second')));
    store.dispose();
    store.dispose();
    store.add(toDisposable(() => ended.push('late')));
    assert.deepEqual(ended, ['second', 'first', 'late']);
  });
});
