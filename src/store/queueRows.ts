import { claimantOf } from '../protocol/claims.ts';
import { isTerminal } from '../protocol/job.ts';
import { byDay, type HeldJob, type QueuedJob, type SeenRunner } from './queue.ts';
import type { StoredJob } from './store.ts';

/** A row as either database answers it. */
type Row = Record<string, any>;

/** The words of the index `jobs_queue`: jobs for runners that nobody has. */
export const isQueued = (alias: string): string =>
  `${alias}.claimant = 'runner' AND ${alias}.claimed_by IS NULL AND ${alias}.status IN ('NotStarted', 'Queued') AND ${alias}.is_deleted = 0`;

/**
 * Whose jobs wait for what, by jumps from each pair of compute and person to the next one in the index: as many steps as there are pairs, however many jobs wait. `workspace` is the word for the parameter.
 */
export const placesSql = (workspace: string): string => {
  const nextIn = (where: string, order: string): string =>
    `(SELECT n.serial FROM jobs n WHERE ${isQueued('n')} AND n.workspace = ${workspace}${where} ORDER BY ${order} LIMIT 1)`;
  // The next person of this compute, else the first one of the next compute: each is found at once in the index, while a comparison of pairs would go through the jobs in between.
  return `WITH RECURSIVE place (serial) AS (
      SELECT ${nextIn('', 'n.compute, n."user"')}
      UNION ALL
      SELECT coalesce(${nextIn(' AND n.compute = j.compute AND n."user" > j."user"', 'n."user"')}, ${nextIn(' AND n.compute > j.compute', 'n.compute, n."user"')})
      FROM place p JOIN jobs j ON j.serial = p.serial
    ) SELECT j.compute, j."user" FROM place p JOIN jobs j ON j.serial = p.serial`;
};

export const queuedColumns = 'j.name, j.serial, j.compute, j."user", j.rank';
export const queuedOf = ({ name, serial, compute, user, rank }: Row): QueuedJob => ({ name, serial, compute, user, rank });

export const heldSql =
  'SELECT name, compute, "user", rank, status, claimed_by, started_at FROM jobs WHERE lease_until IS NOT NULL AND claimant = \'runner\' AND workspace =';
export const heldOf = ({ name, compute, user, rank, status, claimed_by, started_at }: Row): HeldJob => ({
  name,
  compute,
  user,
  rank,
  status,
  claimedBy: claimed_by,
  startedAt: started_at,
});

export const runnerOf = ({ id, computes, others, seen_at }: Row): SeenRunner => ({
  id,
  computes: JSON.parse(computes),
  others: others === 1,
  seenAt: seen_at,
});

/** Milliseconds after which a runner that was not heard of is forgotten. */
export const rememberedMs = 90 * 24 * 60 * 60 * 1000;

/** How long a job has run, by day, when this write ends its run: it ends, or is taken from its runner and will begin anew. */
export function runTimeOf(
  before: StoredJob,
  after: Pick<StoredJob, 'status' | 'startedAt' | 'endedAt'>,
  now: number,
): { day: number; ms: number }[] {
  if (before.startedAt === null || isTerminal(before.status) || claimantOf(before.properties) !== 'runner') return [];
  if (!isTerminal(after.status) && after.startedAt !== null) return [];
  return byDay(before.startedAt, after.endedAt ?? now);
}
