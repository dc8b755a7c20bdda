import { ThemeColor, ThemeIcon } from 'vscode';
import type { JobStatus } from '../../protocol/job.ts';

// Our own colours, declared in package.json: those of the editor's test results are too pale in its light themes.
const waits = new ThemeColor('updraft.statusWaiting');
const runs = new ThemeColor('updraft.statusRunning');
const warns = new ThemeColor('updraft.statusWarning');

const moving = new ThemeIcon('loading~spin', runs);
const icons: Partial<Record<JobStatus, ThemeIcon>> = {
  NotStarted: new ThemeIcon('clock', waits),
  Queued: new ThemeIcon('clock', waits),
  Starting: moving,
  Provisioning: moving,
  Preparing: moving,
  Running: moving,
  Finalizing: moving,
  CancelRequested: new ThemeIcon('loading~spin', waits),
  Completed: new ThemeIcon('pass', new ThemeColor('updraft.statusCompleted')),
  Failed: new ThemeIcon('error', new ThemeColor('updraft.statusFailed')),
  Canceled: new ThemeIcon('circle-slash', waits),
  NotResponding: new ThemeIcon('warning', warns),
  Paused: new ThemeIcon('debug-pause'),
};

/** How a status looks in a tree. */
export const jobIcon = (status: JobStatus | undefined): ThemeIcon => icons[status ?? 'Unknown'] ?? new ThemeIcon('question');

/** As `jobIcon`, for a place where nothing moves: a list of choices shows an icon that spins as one that it does not know. */
export function stillJobIcon(status: JobStatus): ThemeIcon {
  const { id, color } = jobIcon(status);
  return id === moving.id ? new ThemeIcon('play-circle', color) : new ThemeIcon(id, color);
}
