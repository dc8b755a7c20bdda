import { laterPart } from '../../base/laterPart.ts';
import type { Logger } from '../../base/logger.ts';
import { UserError } from '../../base/userError.ts';
import { type Job, type JobProperties, jobProperty } from '../../protocol/job.ts';
import { rerunDefinition } from '../../protocol/rerunDefinition.ts';
import { scheduleProperty, type Trigger } from '../../protocol/schedule.ts';
import type { StoredResource, StoreWriter, WorkspaceStore } from '../../store/store.ts';
import type { Clock } from './clock.ts';

/** They bring the library of cron expressions, and names of time zones. */
const triggers = laterPart(() => import('./trigger.ts'));

export interface SchedulerOptions {
  /** Of the plane's workspace. */
  store: WorkspaceStore;
  clock: Clock;
  logger: Logger;
  /** Creates the job, as a client would. */
  submit: (name: string, properties: JobProperties) => Promise<unknown>;
  getJob: (name: string) => Promise<Job>;
}

type Facts = Partial<Record<(typeof scheduleProperty)[keyof typeof scheduleProperty], string | undefined>>;
/** A start that is later than this was missed: the plane, or the machine, did not run. */
const patienceMs = 5 * 60_000;
/** After which schedules that could not be read are read again. */
const retryMs = 60_000;
const mostCounted = 1000;

export type Scheduler = ReturnType<typeof startScheduler>;

/**
 * Starts the jobs of enabled schedules at their times. The next time stands in the schedule, so that a plane that starts again knows what it missed: that is skipped, and
 * said. A job has its name from its schedule and its time, so that none is started twice.
 */
export function startScheduler({ store, clock, logger, submit, getJob }: SchedulerOptions) {
  let forget = () => {};
  let isOver = false;
  let working: Promise<void> = Promise.resolve();

  const enabled = async () =>
    (await store.resources('schedules', undefined, 0, 100_000)).filter(
      ({ properties }) => properties.isEnabled === true && nextOf(properties),
    );

  /** To be called when schedules were changed. */
  async function plan(): Promise<void> {
    forget();
    if (isOver) return;
    const times = (await enabled()).map(({ properties }) => nextOf(properties)!);
    // Somebody else may have planned meanwhile.
    forget();
    forget = times.length && !isOver ? clock.at(Math.min(...times), run) : () => {};
  }

  function run(): void {
    working = working.then(tick).catch((error) => {
      logger.error('schedules', error);
      // What could not be read now may be readable later.
      if (!isOver) forget = clock.at(clock.now() + retryMs, run);
    });
  }

  async function tick(): Promise<void> {
    for (const schedule of await enabled()) {
      if (isOver) return;
      const due = nextOf(schedule.properties)!;
      if (due > clock.now()) continue;
      try {
        await fire(schedule, due);
      } catch (error) {
        logger.error(`schedule ${schedule.name}`, error);
      }
    }
    await plan();
  }

  async function fire(schedule: StoredResource, due: number): Promise<void> {
    const { timesOf } = await triggers();
    const next = timesOf(schedule.properties.trigger as Trigger, schedule.createdAt);
    const now = clock.now();
    // Of several times that have come only the last can be in time.
    const come: number[] = [];
    for (let at: number | undefined = due; at !== undefined && at <= now && come.length < mostCounted; at = next(at)) come.push(at);
    const last = come.at(-1)!;
    const isInTime = now - last <= patienceMs;
    const missed = isInTime ? come.slice(0, -1) : come;
    const told: Facts = { [scheduleProperty.next]: isoOf(next(now)) };
    if (missed.length) {
      told[scheduleProperty.skipped] =
        `${missed.length === mostCounted ? 'At least ' : ''}${missed.length} from ${isoOf(missed[0])} to ${isoOf(missed.at(-1))}: the control plane did not run.`;
      logger.warn(`schedule ${schedule.name}: skipped ${told[scheduleProperty.skipped]}`);
    }
    if (isInTime) Object.assign(told, await start(schedule, last));
    await store.write((writer) => tell(writer, schedule.name, told));
  }

  /** Answers what came of it; a job that is refused does not end its schedule. */
  async function start(schedule: StoredResource, at: number): Promise<Facts> {
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

  // What fails here has its next try when a schedule changes or the plane starts again.
  plan().catch((error) => logger.error('schedules', error));
  return {
    plan,
    /** The properties of a schedule that is put, with its next time. `since` is when it was made. Throws `InvalidRequest` when its trigger can't be read. */
    async planned(properties: Record<string, unknown>, since = clock.now()): Promise<Record<string, unknown>> {
      const { timesOf } = await triggers();
      const next = timesOf(properties.trigger as Trigger, since)(clock.now());
      const { actionType } = properties.action as { actionType: string };
      const runs = actionType === 'CreateJob';
      return withFacts(properties, {
        [scheduleProperty.next]: runs && properties.isEnabled === true ? isoOf(next) : undefined,
        [scheduleProperty.note]: runs ? undefined : `Kept only: this control plane does not run ${actionType.slice(0, 50)}.`,
      });
    },
    /** Whether there is a schedule that will start something. */
    isNeeded: async () => (await enabled()).length > 0,
    /** Starts the job of a schedule at once; answers its name. Throws what refuses it. */
    async startNow(schedule: StoredResource): Promise<string> {
      const told = await start(schedule, clock.now());
      await store.write((writer) => tell(writer, schedule.name, told));
      const name = told[scheduleProperty.lastJob];
      if (name === undefined)
        throw new UserError('InvalidRequest', `The schedule ${schedule.name} started nothing. ${told[scheduleProperty.error]}`);
      return name;
    },
    async dispose(): Promise<void> {
      isOver = true;
      forget();
      await working;
    },
  };
}

/** A schedule may have been deleted or changed meanwhile; of one that was disabled no time is kept. */
async function tell(writer: StoreWriter, name: string, told: Facts): Promise<void> {
  const found = await writer.resource('schedules', name, '');
  if (!found) return;
  const news = found.properties.isEnabled === true ? told : { ...told, [scheduleProperty.next]: undefined };
  await writer.putResource({ kind: 'schedules', name, version: '', properties: withFacts(found.properties, news) });
}

function withFacts(properties: Record<string, unknown>, told: Facts): Record<string, unknown> {
  const all = { ...(properties.properties as Record<string, string> | undefined), ...told };
  return { ...properties, properties: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) };
}

function nextOf(properties: Record<string, unknown>): number | undefined {
  const at = Date.parse((properties.properties as Facts | undefined)?.[scheduleProperty.next] ?? '');
  return Number.isNaN(at) ? undefined : at;
}

const isoOf = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());
