import type { QueuedJob, RunTime } from '../../store/queue.ts';

/** Days after which what somebody has run counts half. */
export const halfLifeDays = 1;
/** Days after which it does not count any more: a thousandth of it would be left. */
export const rememberedDays = 10;
/** Milliseconds that a job counts at its beginning, when nobody knows how long it will run: so the first free places do not all go to one person. */
export const assumedMs = 60_000;

/** What jobs of each person have run, what is long ago counting less. By the day, so that it is the same on every server. */
export function recentUse(runTime: readonly RunTime[], today: number): Map<string, number> {
  const use = new Map<string, number>();
  for (const { user, day, ms } of runTime) use.set(user, (use.get(user) ?? 0) + ms * 2 ** (-Math.max(0, today - day) / halfLifeDays));
  return use;
}

export interface Share {
  /** What a person has used of late, in ms, with what runs now. */
  used(user: string): number;
  /** How many more jobs a person may have at once. */
  left(user: string): number;
  /** How many more jobs the workspace may have at once. */
  leftOfAll: number;
}

/**
 * The jobs that go first, `room` at most, of the first ones that each person has waiting. It is the next job of whoever has used least, as with the fair share of Slurm with equal shares: past use decays by a half-life. Within
 * a person the rank counts, then the order in which they came. Who has used the same goes by that order, too; so one person alone, whose jobs are of one rank, sees just that.
 */
export function nextInLine(waiting: readonly QueuedJob[], room: number, { used, left, leftOfAll }: Share): QueuedJob[] {
  const lines = new Map<string, QueuedJob[]>();
  for (const job of [...waiting].sort((a, b) => a.rank - b.rank || a.serial - b.serial)) {
    const line = lines.get(job.user);
    if (line) line.push(job);
    else lines.set(job.user, [job]);
  }
  const people = [...lines].map(([user, line]) => ({ line, used: used(user), left: left(user) }));
  const chosen: QueuedJob[] = [];
  const most = Math.min(room, leftOfAll);
  while (chosen.length < most) {
    let next: (typeof people)[number] | undefined;
    for (const each of people) {
      if (each.left <= 0 || each.line.length === 0) continue;
      if (!next || each.used < next.used || (each.used === next.used && each.line[0]!.serial < next.line[0]!.serial)) next = each;
    }
    if (!next) break;
    chosen.push(next.line.shift()!);
    next.used += assumedMs;
    next.left--;
  }
  return chosen;
}
