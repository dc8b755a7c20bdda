import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../base/userError.ts';
import { isAway } from './connection.ts';

/** How long a request waits for a database that is away, in ms, where nothing else is asked for, and how long it sleeps between two tries. */
const usualPatience = 30_000;
const longestPause = 250;

/** Tries again while the database is away: it is restarted, or another machine takes over. Throws `PlaneUnreachable` when that takes too long, or when `isOver`. */
export async function whileAway<T>(
  { patienceMs = usualPatience }: { patienceMs?: number },
  attempt: () => Promise<T>,
  isOver: () => boolean = () => false,
): Promise<T> {
  const since = performance.now();
  for (let ms = 10; ; ms = Math.min(2 * ms, longestPause)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isAway(error)) throw error;
      if (isOver() || performance.now() - since > patienceMs) throw away(error);
    }
    await pause(ms);
  }
}

export const away = (error: unknown): UserError =>
  new UserError(
    'PlaneUnreachable',
    `The control plane's database does not answer (${(error as Error).message || (error as { code?: string }).code}); nothing of this request was kept.`,
    "Try again when it runs. Whoever keeps the plane finds its address in the plane's configuration.",
  );
