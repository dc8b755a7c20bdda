/** Azure's tiers, the first in line first. `spot`: the job may be stopped and run again, and gives way to others. */
const tiers = ['premium', 'standard', 'basic', 'spot'] as const;
export type JobTier = (typeof tiers)[number];
const priorities = ['high', 'medium', 'low'] as const;

/** Azure's client sends priorities as numbers. */
const numbered: Record<string, string> = { '1': 'low', '2': 'medium', '3': 'high' };

/** The place of a job among its submitter's own: its tier, then its priority. The smaller rank goes first; jobs of one rank go in the order in which they came. */
export function rankOf(properties: object): number {
  const settings = (properties as { queueSettings?: unknown }).queueSettings;
  const given = (typeof settings === 'object' && settings !== null ? settings : {}) as Record<string, unknown>;
  const tier = placeIn(tiers, given.jobTier ?? given.job_tier, 'standard');
  const priority = placeIn(priorities, numbered[String(given.priority)] ?? given.priority, 'medium');
  return tier * priorities.length + priority;
}

export const tierOf = (rank: number): JobTier => tiers[Math.floor(rank / priorities.length)] ?? 'standard';

/** Whether a job says that it can be stopped, and run again. */
export const isSpot = (rank: number): boolean => tierOf(rank) === 'spot';

function placeIn<T extends string>(words: readonly T[], given: unknown, usual: T): number {
  const at = words.indexOf(String(given).toLowerCase() as T);
  return at < 0 ? words.indexOf(usual) : at;
}
