import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SelectedJob } from '../../../src/extension/state/selectedJob.ts';

describe('the selected job', () => {
  it('is told of when it is another one, and is the same after a reload', () => {
    let kept = '';
    const keeper = { read: () => kept, write: (name: string) => void (kept = name) };
    const selected = new SelectedJob(keeper);
    const told: string[] = [];
    selected.onDidChange((name) => told.push(name));
    assert.equal(selected.name, '');
    for (const name of ['a', 'a', 'b']) selected.select(name);
    assert.deepEqual(told, ['a', 'b']);
    selected.dispose();
    assert.equal(new SelectedJob(keeper).name, 'b');
  });
});
