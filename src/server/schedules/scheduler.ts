import { scheduleProperty, type Trigger } from '../../protocol/schedule.ts';
import type { StoredResource, WorkspaceStore } from '../../store/store.ts';
import { inSpan, type Tracer } from '../tracing/tracer.ts';
import type { Clock } from './clock.ts';
import { enabledSchedules, type Facts, isoOf, nextOf, type Submitting, startJob, tell, triggers } from './startJob.ts';

export interface SchedulerOptions extends Submitting {
  /** Of the plane's workspace. */
  store: WorkspaceStore;
  clock: Clock;
  tracer?: Tracer | undefined;
}

/** A start that is later than this was missed: the plane, or the machine, did not run. */
const patienceMs = 5 * 60_000;
/** After which schedules that could not be read are read again. */
const retryMs = 60_000;
const mostCounted = 1000;

export type Scheduler = ReturnType<typeof startScheduler>;

/**
 * Starts the jobs of enabled schedules at their times. The next time stands in the schedule, so that a plane that starts again knows what it missed: that is skipped, and
 * said. A job has its name from its schedule and its time, so that none is started twice. Of several servers one has a scheduler.
 */
export function startScheduler({ store, clock, logger, tracer, submit, getJob }: SchedulerOptions) {
  let forget = () => {};
  let isOver = false;
  let working: Promise<void> = Promise.resolve();

  const enabled = () => enabledSchedules(store);

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
    working = working
      .then(() => inSpan(tracer, 'schedules', tick))
      .catch((error) => {
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
    if (isInTime) Object.assign(told, await startJob(schedule, last, { logger, submit, getJob }));
    await store.write((writer) => tell(writer, schedule.name, told));
  }

  // What fails here has its next try when a schedule changes or the plane starts again.
  plan().catch((error) => logger.error('schedules', error));
  return {
    plan,
    async dispose(): Promise<void> {
      isOver = true;
      forget();
      await working;
    },
  };
}
