import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { JobProperties, JobStatus } from '../../../src/protocol/job.ts';
import { afterLoss, isToBeRenewed, leaseEnd, leaseMs } from '../../../src/server/leases/lease.ts';
import type { StoredJob } from '../../../src/store/store.ts';

const now = 1_000_000;

function job(status: JobStatus, more: object = {}): StoredJob {
  return {
    name: 'job',
    serial: 1,
    rank: 4,
    workspace: 'ws',
    experimentId: '0',
    experimentName: 'Default',
    properties: { jobType: 'Command', command: 'true', environmentId: 'e', progress: 'Installing', ...more } as JobProperties,
    status,
    parent: null,
    claimedBy: 'runner',
    claim: 1,
    compute: '',
    leaseUntil: now,
    definition: null,
    createdAt: 0,
    modifiedAt: 0,
    startedAt: 5,
    endedAt: null,
    user: 'me',
    isDeleted: false,
    artifactLocation: null,
  };
}

describe('a lease', () => {
  it('ends when it says, but not before the plane has listened for one whole lease', () => {
    assert.equal(leaseEnd({ leaseUntil: now }, 0), now);
    assert.equal(leaseEnd({ leaseUntil: now }, now - 1), now - 1 + leaseMs);
  });

  it('is not written anew for every word of its runner', () => {
    assert.equal(isToBeRenewed({ leaseUntil: now + leaseMs }, now + 1000), false);
    assert.equal(isToBeRenewed({ leaseUntil: now + leaseMs }, now + leaseMs / 3), true);
    assert.equal(isToBeRenewed({ leaseUntil: 0 }, now), true);
  });
});

describe('a job whose runner is gone', () => {
  it('waits for another one when it never started', () => {
    for (const status of ['NotStarted', 'Queued', 'Starting', 'Provisioning', 'Preparing'] as const) {
      const { properties, fields } = afterLoss(job(status), now)!;
      assert.deepEqual(fields, { claimedBy: null, leaseUntil: null, status: 'Queued', startedAt: null });
      assert.equal(properties!.progress, 'Its runner was not heard of for 1 min 0 s: it waits for another one.');
    }
  });

  it('has failed when it ran, and says why', () => {
    for (const status of ['Running', 'Finalizing'] as const) {
      const { properties, fields } = afterLoss(job(status), now)!;
      assert.deepEqual(fields, { claimedBy: null, leaseUntil: null, status: 'Failed', endedAt: now });
      assert.equal(properties!.error?.code, 'Interrupted');
      assert.match(properties!.error!.message, /^Its runner was not heard of for 1 min 0 s \(runner\)/);
      assert.equal(properties!.progress, undefined);
    }
  });

  it('is tried again as often as its retry settings allow', () => {
    const first = afterLoss(job('Running', { retrySettings: { maxRetries: 1 } }), now)!;
    assert.equal(first.fields.status, 'Queued');
    const second = afterLoss(job('Running', first.properties), now)!;
    assert.equal(second.fields.status, 'Failed');
  });

  it('is canceled when that was asked for', () => {
    assert.deepEqual(afterLoss(job('CancelRequested'), now)!.fields, {
      claimedBy: null,
      leaseUntil: null,
      status: 'Canceled',
      endedAt: now,
    });
  });

  it('goes on where it stood when it is orchestrated', () => {
    const pipeline = { jobType: 'Pipeline', jobs: {} };
    for (const status of ['Running', 'CancelRequested'] as const)
      assert.deepEqual(afterLoss(job(status, pipeline), now), { fields: { claimedBy: null, leaseUntil: null } });
  });

  it('is left alone when it has ended or nobody has it', () => {
    assert.equal(afterLoss(job('Completed'), now), undefined);
    assert.equal(afterLoss({ ...job('Queued'), claimedBy: null }, now), undefined);
  });
});
