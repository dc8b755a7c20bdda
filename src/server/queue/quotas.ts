import { bytesOfGb, defaultQuota, type QuotaLimits, type QuotaUse, usualWindowDays, workspaceQuota } from '../../protocol/quota.ts';
import { dayOf, type HeldJob, type RunTime } from '../../store/queue.ts';
import type { StoreReader } from '../../store/store.ts';

/** The quotas of one workspace. */
export interface Quotas {
  workspace: QuotaLimits;
  default: QuotaLimits;
  people: ReadonlyMap<string, QuotaLimits>;
}

const mostQuotas = 10_000;

export async function readQuotas(reader: StoreReader): Promise<Quotas> {
  const found = new Map(
    (await reader.resources('quotas', undefined, 0, mostQuotas)).map(({ name, properties }) => [name, properties as QuotaLimits]),
  );
  const [workspace, usual] = [found.get(workspaceQuota) ?? {}, found.get(defaultQuota) ?? {}];
  found.delete(workspaceQuota);
  found.delete(defaultQuota);
  return { workspace, default: usual, people: found };
}

/** What counts for a person: what was set for them alone, and of all else the default. */
export const limitsOf = (quotas: Quotas, user: string): QuotaLimits => ({ ...quotas.default, ...quotas.people.get(user) });

/** The first day that counts within a window of so many days, with today. */
export const firstDay = (now: number, { windowDays = usualWindowDays }: QuotaLimits): number => dayOf(now) - windowDays + 1;

/** Milliseconds that a job which is held has run so far. */
export const ranSoFar = ({ startedAt }: HeldJob, now: number): number => (startedAt === null ? 0 : Math.max(0, now - startedAt));

interface Facts {
  held: readonly HeldJob[];
  runTime: readonly RunTime[];
  storage: readonly { user: string; bytes: number }[];
}

/** What a person uses, or all together when none is named. */
export function usedOf({ held, runTime, storage }: Facts, limits: QuotaLimits, now: number, user?: string): QuotaUse {
  const isTheirs = (each: { user: string }) => user === undefined || each.user === user;
  const since = firstDay(now, limits);
  const own = held.filter(isTheirs);
  const ms =
    runTime.filter((each) => isTheirs(each) && each.day >= since).reduce((sum, each) => sum + each.ms, 0) +
    own.reduce((sum, each) => sum + ranSoFar(each, now), 0);
  return {
    jobsAtOnce: own.length,
    storageGb: storage.filter(isTheirs).reduce((sum, { bytes }) => sum + bytes, 0) / bytesOfGb,
    runningHours: ms / 3_600_000,
  };
}
