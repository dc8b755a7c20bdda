import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { mayConcern } from '../../../src/protocol/change.ts';
import { DueKeys } from '../../../webview/job/metrics/dueKeys.ts';

describe('the metrics that a change is about', () => {
  it('are those that it names, or any when it names none', () => {
    assert.equal(mayConcern({ kind: 'metric', keys: ['loss'] }, 'loss'), true);
    assert.equal(mayConcern({ kind: 'metric', keys: ['loss'] }, 'accuracy'), false);
    assert.equal(mayConcern({ kind: 'metric' }, 'accuracy'), true);
    assert.equal(mayConcern({ kind: 'job' }, 'accuracy'), false);
  });

  it('are asked for by a chart together, all of them as soon as any may have points', () => {
    const due = new DueKeys(['a']);
    due.add('a', ['loss']);
    due.add('b', ['loss']);
    due.add('b', ['accuracy']);
    due.add('c', ['loss']);
    due.add('c', 'any');
    due.add('c', ['accuracy']);
    assert.deepEqual(
      due.take(),
      new Map<string, unknown>([
        ['a', 'any'],
        ['b', new Set(['loss', 'accuracy'])],
        ['c', 'any'],
      ]),
    );
    assert.deepEqual(due.take(), new Map());
  });
});
