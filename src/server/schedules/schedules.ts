import { UserError } from '../../base/userError.ts';
import { scheduleProperty, type Trigger } from '../../protocol/schedule.ts';
import type { StoredResource, WorkspaceStore } from '../../store/store.ts';
import type { Clock } from './clock.ts';
import type { Scheduler } from './scheduler.ts';
import { enabledSchedules, isoOf, type Submitting, startJob, tell, triggers, withFacts } from './startJob.ts';

export interface SchedulesOptions extends Submitting {
  /** Of the plane's workspace. */
  store: WorkspaceStore;
  clock: Clock;
  /** What starts jobs at their times; undefined where another server of the plane does. */
  scheduler: () => Scheduler | undefined;
}

/** What requests do with schedules, on any server. */
export class Schedules {
  private readonly options: SchedulesOptions;

  constructor(options: SchedulesOptions) {
    this.options = options;
  }

  /** To be called when schedules were changed. Another server hears of it by the change log. */
  async changed(): Promise<void> {
    await this.options.scheduler()?.plan();
  }

  /** The properties of a schedule that is put, with its next time. `since` is when it was made. Throws `InvalidRequest` when its trigger can't be read. */
  async planned(properties: Record<string, unknown>, since: number = this.options.clock.now()): Promise<Record<string, unknown>> {
    const { timesOf } = await triggers();
    const next = timesOf(properties.trigger as Trigger, since)(this.options.clock.now());
    const { actionType } = properties.action as { actionType: string };
    const runs = actionType === 'CreateJob';
    return withFacts(properties, {
      [scheduleProperty.next]: runs && properties.isEnabled === true ? isoOf(next) : undefined,
      [scheduleProperty.note]: runs ? undefined : `Kept only: this control plane does not run ${actionType.slice(0, 50)}.`,
    });
  }

  /** Whether there is a schedule that will start something. */
  async isNeeded(): Promise<boolean> {
    return (await enabledSchedules(this.options.store)).length > 0;
  }

  /** Starts the job of a schedule at once; answers its name. Throws what refuses it. */
  async startNow(schedule: StoredResource): Promise<string> {
    const { store, clock } = this.options;
    const told = await startJob(schedule, clock.now(), this.options);
    await store.write((writer) => tell(writer, schedule.name, told));
    const name = told[scheduleProperty.lastJob];
    if (name === undefined)
      throw new UserError('InvalidRequest', `The schedule ${schedule.name} started nothing. ${told[scheduleProperty.error]}`);
    return name;
  }
}
