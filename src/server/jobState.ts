import { UserError } from '../base/userError.ts';
import { isTerminal, type JobStatus, waitingStatuses } from '../protocol/job.ts';
import type { RunStatus } from '../protocol/mlflow.ts';

/** From each status, the ones a runner's report may lead to. Skipping ahead is allowed, going back is not. */
const next: Partial<Record<JobStatus, readonly JobStatus[]>> = {
  NotStarted: ['Queued', 'Starting', 'Preparing', 'Running', 'Finalizing', 'Completed', 'Failed', 'Canceled'],
  Queued: ['Starting', 'Provisioning', 'Preparing', 'Running', 'Finalizing', 'Completed', 'Failed', 'Canceled'],
  Starting: ['Provisioning', 'Preparing', 'Running', 'Finalizing', 'Completed', 'Failed', 'Canceled'],
  Provisioning: ['Preparing', 'Running', 'Finalizing', 'Completed', 'Failed', 'Canceled'],
  Preparing: ['Running', 'Finalizing', 'Completed', 'Failed', 'Canceled'],
  Running: ['Finalizing', 'Completed', 'Failed', 'Canceled'],
  Finalizing: ['Completed', 'Failed', 'Canceled'],
  // A job that ended before the cancel reached it has ended by itself.
  CancelRequested: ['Canceled', 'Failed', 'Completed'],
};

/** The status after a report of `to`; throws `InvalidTransition`. Repeating the present status is harmless, and a requested cancel is not forgotten. */
export function reported(from: JobStatus, to: JobStatus): JobStatus {
  if (from === to) return from;
  if (from === 'CancelRequested' && !isTerminal(to)) return from;
  if (next[from]?.includes(to)) return to;
  throw new UserError('InvalidTransition', `A job that is ${from} can't become ${to}.`);
}

/** The status after someone asked to cancel. Nobody has to be told when no runner has the job. */
export function canceled(from: JobStatus, isClaimed: boolean): JobStatus {
  if (isTerminal(from)) throw new UserError('InvalidTransition', `The job has ended already: it is ${from}.`);
  return isClaimed ? 'CancelRequested' : 'Canceled';
}

/** MLflow's word for a status. */
export function runStatus(status: JobStatus): RunStatus {
  if (status === 'Completed') return 'FINISHED';
  if (status === 'Failed') return 'FAILED';
  if (status === 'Canceled') return 'KILLED';
  return waitingStatuses.includes(status) ? 'SCHEDULED' : 'RUNNING';
}

/** The status that MLflow's word stands for. */
export function fromRunStatus(status: RunStatus): JobStatus {
  return ({ RUNNING: 'Running', SCHEDULED: 'Queued', FINISHED: 'Completed', FAILED: 'Failed', KILLED: 'Canceled' } as const)[status];
}
