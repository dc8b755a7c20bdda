import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { jobStatuses, terminalStatuses } from '../../../src/protocol/job.ts';
import { canceled, reported } from '../../../src/server/jobState.ts';

describe('jobState', () => {
  it('never leaves an end', () => {
    for (const end of terminalStatuses) {
      for (const status of jobStatuses) if (status !== end) assert.throws(() => reported(end, status), { code: 'InvalidTransition' });
      assert.throws(() => canceled(end, true), { code: 'InvalidTransition' });
    }
  });

  it('lets every job that has not ended fail', () => {
    for (const status of [
      'NotStarted',
      'Queued',
      'Starting',
      'Provisioning',
      'Preparing',
      'Running',
      'Finalizing',
      'CancelRequested',
    ] as const)
      assert.equal(reported(status, 'Failed'), 'Failed');
  });

  it('never goes back', () => {
    assert.throws(() => reported('Running', 'Queued'));
    assert.throws(() => reported('Finalizing', 'Running'));
  });

  it('does not forget a cancel that was asked for', () => {
    assert.equal(reported('CancelRequested', 'Running'), 'CancelRequested');
    assert.equal(reported('CancelRequested', 'Completed'), 'Completed');
    assert.equal(canceled('Running', true), 'CancelRequested');
    assert.equal(canceled('Queued', false), 'Canceled');
  });
});
