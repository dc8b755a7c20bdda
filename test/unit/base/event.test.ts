import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DisposableStore, toDisposable } from '../../../src/base/disposable.ts';
import { Emitter, reportListenerErrors } from '../../../src/base/event.ts';

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

  it('reports a listener whose promise rejects, and where no place was given for errors, to that of the process', async () => {
    const errors: unknown[] = [];
    reportListenerErrors((error) => errors.push(error));
    const emitter = new Emitter<void>();
    emitter.event(async () => {
      throw new Error('later');
    });
    emitter.event(() => {
      throw new Error('at once');
    });
    emitter.fire();
    await new Promise((resolve) => setImmediate(resolve));
    reportListenerErrors((error) => console.error('A listener failed:', error));
    assert.deepEqual(
      errors.map((error) => (error as Error).message),
      ['at once', 'later'],
    );
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
