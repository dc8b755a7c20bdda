import { laterPart } from '../../base/laterPart.ts';
import type { Logger } from '../../base/logger.ts';
import { UserError } from '../../base/userError.ts';
import { type Job, type JobProperties, jobProperty } from '../../protocol/job.ts';
import { rerunDefinition } from '../../protocol/rerunDefinition.ts';
import { scheduleProperty } from '../../protocol/schedule.ts';
import type { StoredResource, StoreWriter, WorkspaceStore } from '../../store/store.ts';

/** They bring the library of cron expressions, and names of time zones. */
export const triggers = laterPart(() => import('./trigger.ts'));

/** What the plane notes at a schedule. */
export type Facts = Partial<Record<(typeof scheduleProperty)[keyof typeof scheduleProperty], string | undefined>>;

export interface Submitting {
  logger: Logger;
  /** Creates the job, as a client would. */
  submit: (name: string, properties: JobProperties) => Promise<unknown>;
  getJob: (name: string) => Promise<Job>;
}

/** Answers what came of it; a job that is refused does not end its schedule. */
export async function startJob(schedule: StoredResource, at: number, { logger, submit, getJob }: Submitting): Promise<Facts> {
  const { jobDefinition: given } = schedule.properties.action as { jobDefinition?: JobProperties & { sourceJobId?: string } };
  const job = `${schedule.name}-${isoOf(at)!.replaceAll(/[-:]|\.\d+/g, '')}`;
  try {
    if (!given) throw new UserError('InvalidRequest', 'It has no job definition.');
    const { sourceJobId: source, ...definition } = given;
    // A job that ran is named by its name or its id.
    const jobDefinition = source ? { ...rerunDefinition(await getJob(source.split('/').at(-1)!)), ...definition } : definition;
    await submit(job, {
      ...jobDefinition,
      properties: { ...jobDefinition.properties, [jobProperty.schedule]: schedule.name },
    } as JobProperties);
    return { [scheduleProperty.lastJob]: job, [scheduleProperty.error]: undefined };
  } catch (error) {
    logger.error(`schedule ${schedule.name}: the job ${job}`, error);
    return { [scheduleProperty.error]: `${isoOf(at)}: ${error instanceof Error ? error.message : error}` };
  }
}

/** A schedule may have been deleted or changed meanwhile; of one that was disabled no time is kept. */
export async function tell(writer: StoreWriter, name: string, told: Facts): Promise<void> {
  const found = await writer.resource('schedules', name, '');
  if (!found) return;
  const news = found.properties.isEnabled === true ? told : { ...told, [scheduleProperty.next]: undefined };
  await writer.putResource({ kind: 'schedules', name, version: '', properties: withFacts(found.properties, news) });
}

export function withFacts(properties: Record<string, unknown>, told: Facts): Record<string, unknown> {
  const all = { ...(properties.properties as Record<string, string> | undefined), ...told };
  return { ...properties, properties: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) };
}

/** When a schedule is due; undefined: never. */
export function nextOf(properties: Record<string, unknown>): number | undefined {
  const at = Date.parse((properties.properties as Facts | undefined)?.[scheduleProperty.next] ?? '');
  return Number.isNaN(at) ? undefined : at;
}

export const isoOf = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());

/** Those that have a next time. */
export const enabledSchedules = async (store: WorkspaceStore): Promise<StoredResource[]> =>
  (await store.resources('schedules', undefined, 0, 100_000)).filter(
    ({ properties }) => properties.isEnabled === true && nextOf(properties) !== undefined,
  );
