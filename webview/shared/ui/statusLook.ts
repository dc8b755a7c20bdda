import type { JobStatus } from '../../../src/protocol/job.ts';

export interface StatusLook {
  icon: string;
  /** Class that gives the colour: the editor's own colours of test results. */
  tone: 'running' | 'queued' | 'passed' | 'failed' | 'skipped' | 'warning';
  label: string;
  spin?: boolean;
}

const running = (label: string): StatusLook => ({ icon: 'loading', tone: 'running', label, spin: true });
const looks: Record<JobStatus, StatusLook> = {
  NotStarted: { icon: 'circle-large-outline', tone: 'queued', label: 'Not started' },
  Queued: { icon: 'clock', tone: 'queued', label: 'Queued' },
  Starting: running('Starting'),
  Provisioning: running('Provisioning'),
  Preparing: running('Preparing'),
  Running: running('Running'),
  Finalizing: running('Finalizing'),
  CancelRequested: { icon: 'loading', tone: 'skipped', label: 'Canceling', spin: true },
  Completed: { icon: 'pass', tone: 'passed', label: 'Completed' },
  Failed: { icon: 'error', tone: 'failed', label: 'Failed' },
  Canceled: { icon: 'circle-slash', tone: 'skipped', label: 'Canceled' },
  NotResponding: { icon: 'warning', tone: 'warning', label: 'Not responding' },
  Paused: { icon: 'debug-pause', tone: 'queued', label: 'Paused' },
  Unknown: { icon: 'question', tone: 'queued', label: 'Unknown' },
};
const waiting: StatusLook = { icon: 'circle-large-outline', tone: 'queued', label: 'Waiting' };

/** How a status looks; without one it is a step whose turn has not come. */
export const lookOf = (status: JobStatus | undefined): StatusLook => (status ? looks[status] : waiting);
