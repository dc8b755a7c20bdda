import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../base/userError.ts';

/** How long a write waits for another process, in ms, and how long it sleeps between two tries. */
const longestWait = 30_000;
const longestPause = 10;

/** Whether another connection holds what is needed: https://www.sqlite.org/rescode.html#busy, in any of its forms. */
const isBusy = (error: unknown): boolean => ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;

/**
 * Tries again while another process writes to the database. Everything else of this process goes on meanwhile, which SQLite's own `busy_timeout` would not allow.
 * Throws `DataFolderInUse` when that takes too long.
 */
export async function whileBusy<T>(attempt: () => T | Promise<T>): Promise<T> {
  const since = performance.now();
  for (let ms = 1; ; ms = Math.min(2 * ms, longestPause)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() - since > longestWait)
        throw new UserError(
          'DataFolderInUse',
          `Another process has been writing to the data folder for ${longestWait / 1000} s; nothing of this request was kept.`,
          'Try again, or end the other process.',
        );
    }
    await pause(ms);
  }
}
