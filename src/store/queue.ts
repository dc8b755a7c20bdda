import type { JobStatus } from '../protocol/job.ts';

/** Whose jobs wait for which compute ('': none was asked for). */
export interface QueuePlace {
  compute: string;
  user: string;
}

/** A job for runners that nobody has claimed. `serial` grows with each job that is made. */
export interface QueuedJob extends QueuePlace {
  name: string;
  serial: number;
  rank: number;
}

/** A job that a runner has, and that has not ended. `startedAt` in ms since 1970, null before it is being prepared. */
export interface HeldJob extends QueuePlace {
  name: string;
  rank: number;
  status: JobStatus;
  claimedBy: string;
  startedAt: number | null;
}

/** How long jobs of somebody ran on one day (days since 1970, in UTC), in ms. */
export interface RunTime {
  user: string;
  day: number;
  ms: number;
}

/** Bytes under names of the workspace. `owned`: those that jobs of `owner` have written; null where no job of this workspace writes. `present`: those under the very name. */
export interface StorageAt {
  total: number;
  owner: string | null;
  owned: number;
  present: number;
}

/** A runner, and when it was heard of last (ms since 1970). `others`: it takes the jobs of all computes that no runner serves. */
export interface SeenRunner {
  id: string;
  computes: string[];
  others: boolean;
  seenAt: number;
}

/** What decides which job is next, in one workspace. However long the queue is, each of these reads little. */
export interface QueueReader {
  /** Who waits, and for which compute. */
  places(): Promise<QueuePlace[]>;
  /** The first `each` jobs of each of these places, by rank, then in the order in which they came. */
  heads(places: readonly QueuePlace[], each: number): Promise<QueuedJob[]>;
  /** How many jobs of the same person that wait for one of these computes come before this one, `most` at most. */
  ahead(job: Pick<QueuedJob, 'user' | 'rank' | 'serial'>, computes: readonly string[], most: number): Promise<number>;
  held(): Promise<HeldJob[]>;
  /** From this day on. What runs at this moment is not in it. */
  runTime(since: number): Promise<RunTime[]>;
  /** Bytes by whose jobs wrote them; '' has what else there is. */
  storage(): Promise<{ user: string; bytes: number }[]>;
  storageAt(container: string, path: string): Promise<StorageAt>;
  runners(): Promise<SeenRunner[]>;
}

export interface QueueWriter extends QueueReader {
  /** Notes that a runner was heard of. This leaves no change: it would come with every question of a runner. */
  noteRunner(runner: SeenRunner): Promise<void>;
}

export const dayMs = 24 * 60 * 60 * 1000;
export const dayOf = (ms: number): number => Math.floor(ms / dayMs);

/** Days that are told apart at most: no quota looks further back. */
const mostDays = 366;

/** A time from one moment to another, by day; of a very long one, its end. */
export function byDay(from: number, to: number): { day: number; ms: number }[] {
  const days: { day: number; ms: number }[] = [];
  for (let at = Math.max(from, to - mostDays * dayMs); at < to; ) {
    const next = Math.min(to, (dayOf(at) + 1) * dayMs);
    days.push({ day: dayOf(at), ms: next - at });
    at = next;
  }
  return days;
}
