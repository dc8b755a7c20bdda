import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Job } from '../../../src/protocol/job.ts';
import { progressOf } from '../../../webview/job/progressOf.ts';

const job = (name: string, status: string, progress?: string) =>
  ({ name, properties: { displayName: name, status, ...(progress ? { progress } : {}) } }) as Job;

describe('what the head of a page says about progress', () => {
  it("is the job's own, else that of the first step that says something", () => {
    const steps = [
      job('prepare', 'Completed', 'old'),
      job('train', 'Preparing', 'Getting uv'),
      job('test', 'Queued', 'Waits for room: 2 jobs are before it.'),
    ];
    assert.equal(progressOf(job('one', 'Preparing', 'Getting uv')), 'Getting uv');
    assert.equal(progressOf(job('all', 'Running'), steps), 'train: Getting uv');
    assert.equal(progressOf(job('all', 'Running', 'mine'), steps), 'mine');
    assert.equal(progressOf(job('all', 'Running')), undefined);
  });
  it('is nothing once the job has ended', () => {
    assert.equal(progressOf(job('all', 'Failed', 'old'), [job('train', 'Running', 'Getting uv')]), undefined);
  });
});
