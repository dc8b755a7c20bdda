import { dayOf, type HeldJob, type QueuedJob, type QueuePlace } from '../../store/queue.ts';
import type { StoreReader } from '../../store/store.ts';
import { assumedMs, nextInLine, recentUse, rememberedDays } from './fairShare.ts';
import { limitsOf, ranSoFar, readQuotas } from './quotas.ts';

/** Whose jobs a runner takes: those of these computes, or of all but those. */
export type RunnerQueue = { computes: readonly string[] } | { computesOtherThan: readonly string[] };

export const isOf = (queue: RunnerQueue, { compute }: Pick<QueuePlace, 'compute'>): boolean =>
  'computes' in queue ? queue.computes.includes(compute) : !queue.computesOtherThan.includes(compute);

/** The jobs that a runner gets next: by quotas, fair share and rank. Asked of the writer that claims them, nobody else changes what this is decided by. `except`: what the runner has not let go of yet. */
export async function nextJobs(
  reader: StoreReader,
  queue: RunnerQueue,
  room: number,
  now: number,
  except: ReadonlySet<string> = new Set(),
): Promise<QueuedJob[]> {
  if (room <= 0) return [];
  const places = (await reader.queue.places()).filter((each) => isOf(queue, each));
  if (places.length === 0) return [];
  // One after the other: a write has one connection.
  const heads = await reader.queue.heads(places, room + except.size);
  const quotas = await readQuotas(reader);
  const held = await reader.queue.held();
  const runTime = await reader.queue.runTime(dayOf(now) - rememberedDays);
  const use = recentUse(runTime, dayOf(now));
  const byUser = Map.groupBy(held, ({ user }: HeldJob) => user);
  return nextInLine(
    heads.filter(({ name }) => !except.has(name)),
    room,
    {
      used: (user) => (byUser.get(user) ?? []).reduce((sum, each) => sum + assumedMs + ranSoFar(each, now), use.get(user) ?? 0),
      left: (user) => (limitsOf(quotas, user).jobsAtOnce ?? Number.POSITIVE_INFINITY) - (byUser.get(user)?.length ?? 0),
      leftOfAll: (quotas.workspace.jobsAtOnce ?? Number.POSITIVE_INFINITY) - held.length,
    },
  );
}
