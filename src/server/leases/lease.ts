import { formatDuration } from '../../base/text.ts';
import { claimantOf } from '../../protocol/claims.ts';
import { isTerminal, type JobProperties, jobProperty } from '../../protocol/job.ts';
import type { Claim, JobFields, StoredJob } from '../../store/store.ts';
import { queuedAgain } from '../queue/queuedAgain.ts';

/** Milliseconds for which a claim holds without a word of its runner. */
export const leaseMs = 60_000;
/** Milliseconds between two words of a runner: two may get lost. */
export const heartbeatMs = leaseMs / 3;

/**
 * When a claim ends. `listeningSince` is since when the plane has been there to hear of runners: one that was away itself, stopped or on a machine that slept, takes no job from
 * a runner that is still there.
 */
export const leaseEnd = ({ leaseUntil }: Pick<Claim, 'leaseUntil'>, listeningSince: number): number =>
  Math.max(leaseUntil, listeningSince + leaseMs);

/** Whether a lease is worth to be written anew: heartbeats that come often are not all written. */
export const isToBeRenewed = ({ leaseUntil }: Pick<Claim, 'leaseUntil'>, now: number): boolean =>
  leaseUntil - now < leaseMs - heartbeatMs / 2;

/** A fact of a job that was started again after its runner was gone: how often. */
const retriesMade = 'updraft.retries';

/**
 * What becomes of a job whose lease has run out because its runner was silent. A job that never started waits for the next runner. A pipeline or sweep waits too, and then goes on where it
 * stood. A command that was running may have done half of its work, so it fails, unless its `retrySettings` allow another attempt.
 */
export function afterLoss(job: StoredJob, now: number): { properties?: JobProperties; fields: JobFields } | undefined {
  if (job.claimedBy === null || isTerminal(job.status)) return undefined;
  const released = { claimedBy: null, leaseUntil: null };
  if (claimantOf(job.properties) === 'orchestrator') return { fields: released };
  if (job.status === 'CancelRequested') return { fields: { ...released, status: 'Canceled', endedAt: now } };
  const silence = `Its runner was not heard of for ${formatDuration(leaseMs)}`;
  const made = Number(job.properties.properties?.[retriesMade] ?? 0);
  // What was to give way to another job is queued again, as it would have been.
  if (job.properties.properties?.[jobProperty.givesWayTo] !== undefined)
    return { properties: queuedAgain(job), fields: { ...released, status: 'Queued', startedAt: null } };
  const hasRun = job.status === 'Running' || job.status === 'Finalizing';
  if (!hasRun || made < retriesAllowed(job.properties)) {
    const facts = hasRun ? { properties: { ...job.properties.properties, [retriesMade]: String(made + 1) } } : {};
    return {
      properties: { ...job.properties, ...facts, progress: `${silence}: it waits for another one.` },
      fields: { ...released, status: 'Queued', startedAt: null },
    };
  }
  const error = {
    code: 'Interrupted',
    message: `${silence} (${job.claimedBy}), so nobody knows what became of the command.`,
    hint: 'Look whether that machine and its network are well, then submit the job again.',
  };
  const { progress: _progress, ...kept } = job.properties;
  return { properties: { ...kept, error } as JobProperties, fields: { ...released, status: 'Failed', endedAt: now } };
}

/** Azure's `retrySettings`, where a job has them. */
function retriesAllowed(properties: JobProperties): number {
  const { maxRetries } = ((properties as { retrySettings?: unknown }).retrySettings ?? {}) as { maxRetries?: unknown };
  return typeof maxRetries === 'number' ? maxRetries : 0;
}
