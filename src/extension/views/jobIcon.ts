import { ThemeColor, ThemeIcon } from 'vscode';
import type { JobStatus } from '../../protocol/job.ts';

const moving = new ThemeIcon('loading~spin', new ThemeColor('charts.blue'));
const icons: Partial<Record<JobStatus, ThemeIcon>> = {
  NotStarted: new ThemeIcon('clock', new ThemeColor('testing.iconQueued')),
  Queued: new ThemeIcon('clock', new ThemeColor('testing.iconQueued')),
  Starting: moving,
  Provisioning: moving,
  Preparing: moving,
  Running: moving,
  Finalizing: moving,
  CancelRequested: new ThemeIcon('loading~spin', new ThemeColor('testing.iconSkipped')),
  Completed: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  Failed: new ThemeIcon('error', new ThemeColor('testing.iconFailed')),
  Canceled: new ThemeIcon('circle-slash', new ThemeColor('testing.iconSkipped')),
  NotResponding: new ThemeIcon('warning', new ThemeColor('testing.iconErrored')),
  Paused: new ThemeIcon('debug-pause'),
};

/** How a status looks in a tree; the same colours as the editor's own test results. */
export const jobIcon = (status: JobStatus | undefined): ThemeIcon => icons[status ?? 'Unknown'] ?? new ThemeIcon('question');
