import { UserError } from '../../base/userError.ts';
import { type JobProperties, jobProperty } from '../../protocol/job.ts';
import type { Principal } from '../../protocol/principal.ts';
import { bytesOfGb, type QuotaLimits, type QuotaUse, usualWindowDays } from '../../protocol/quota.ts';
import { dayOf } from '../../store/queue.ts';
import type { StoreReader } from '../../store/store.ts';
import { firstDay, limitsOf, type Quotas, readQuotas, usedOf } from './quotas.ts';

/** Throws `QuotaExceeded` where the hours or the storage of who submits, or of the workspace, are used up. What runs goes on, and so do the steps of what was accepted. */
export async function mustHaveQuota(reader: StoreReader, user: string, now: number): Promise<void> {
  const quotas = await readQuotas(reader);
  const own = limitsOf(quotas, user);
  if (![quotas.workspace, own].some(({ runningHours, storageGb }) => runningHours !== undefined || storageGb !== undefined)) return;
  const facts = await factsOf(reader, quotas, now);
  for (const [whose, limits, of] of [
    [`of ${user}`, own, user],
    ['of the workspace', quotas.workspace, undefined],
  ] as const) {
    const problem = usedUp(usedOf(facts, limits, now, of), limits);
    if (problem) throw new UserError('QuotaExceeded', `The quota ${whose} is used up: ${problem.what}.`, problem.hint);
  }
}

/** Whether a job is a step of what was accepted already: only the plane itself, which makes steps, may say so. */
export const isStep = ({ parentJobName }: JobProperties, principal: Principal): boolean =>
  parentJobName !== undefined && isPlaneItself(principal);

const isPlaneItself = ({ kind }: Principal): boolean => kind === 'owner' || kind === 'plane';

/** What the use of quotas is worked out from. */
export async function factsOf(reader: StoreReader, quotas: Quotas, now: number): Promise<Parameters<typeof usedOf>[0]> {
  const since = Math.min(...[quotas.workspace, quotas.default, ...quotas.people.values()].map((each) => firstDay(now, each)), dayOf(now));
  const [held, runTime, storage] = await Promise.all([reader.queue.held(), reader.queue.runTime(since), reader.queue.storage()]);
  return { held, runTime, storage };
}

const digits = (value: number): string => String(Math.round(value * 100) / 100);

function usedUp(use: QuotaUse, limits: QuotaLimits): { what: string; hint: string } | undefined {
  const { runningHours, storageGb, windowDays = usualWindowDays } = limits;
  if (runningHours !== undefined && use.runningHours >= runningHours)
    return {
      what: `${digits(use.runningHours)} of ${runningHours} running hours within ${windowDays} days`,
      hint: 'Wait until older runs are out of that time, or ask an Owner for more (updraft quota set --running-hours).',
    };
  // A byte less than the limit is no room for anything either, but it is not used up.
  if (storageGb !== undefined && use.storageGb * bytesOfGb >= storageGb * bytesOfGb)
    return {
      what: `${digits(use.storageGb)} of ${storageGb} GB of storage`,
      hint: 'Delete jobs or files that nobody needs, or ask an Owner for more (updraft quota set --storage-gb).',
    };
  return undefined;
}

/**
 * For whom a job counts: who asks for it. Steps and trials count for who submitted the whole, and what a schedule starts for who made the schedule; only the plane itself, which makes those, may say so.
 */
export async function submitterOf(reader: StoreReader, properties: JobProperties, principal: Principal): Promise<string> {
  if (!isPlaneItself(principal)) return principal.name;
  const parent = properties.parentJobName === undefined ? undefined : await reader.job(properties.parentJobName);
  if (parent) return parent.user;
  const schedule = properties.properties?.[jobProperty.schedule];
  return (schedule === undefined ? undefined : (await reader.resource('schedules', schedule, ''))?.createdBy) ?? principal.name;
}
