import { statSync } from 'node:fs';
import type { PlaneLock } from '../protocol/plane.ts';

/**
 * Whether a plane that was started on demand runs an older version than `ours`, or a program whose files were replaced or removed since: what it has not loaded yet
 * is gone then. One that a person started is theirs to end.
 */
export function isOutdated({ onDemand, version, program, startedAt }: PlaneLock, ours: string, now = Date.now()): boolean {
  if (!onDemand) return false;
  if (version.localeCompare(ours, 'en', { numeric: true }) < 0) return true;
  const written = statSync(program, { throwIfNoEntry: false })?.mtimeMs;
  // A time to come says nothing: some tools give files any date.
  return written === undefined || (written > Date.parse(startedAt) && written <= now);
}
