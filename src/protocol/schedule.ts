import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Resource, StringMap } from './arm.ts';

const Whole = (minimum: number, maximum: number) => Type.Array(Type.Integer({ minimum, maximum }));
const weekDays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const common = {
  /** ISO 8601 without an offset, in the time zone. */
  startTime: Type.Optional(Type.String()),
  endTime: Type.Optional(Type.String()),
  /** By its Windows name, as Azure has it, or by its IANA name. */
  timeZone: Type.Optional(Type.String()),
};
/** `properties.trigger` of a schedule: https://learn.microsoft.com/rest/api/azureml/schedules. */
export const CronTrigger = Type.Object({ triggerType: Type.Literal('Cron'), expression: Type.String(), ...common });
export const RecurrenceTrigger = Type.Object({
  triggerType: Type.Literal('Recurrence'),
  frequency: Type.Enum(['Minute', 'Hour', 'Day', 'Week', 'Month']),
  interval: Type.Integer({ minimum: 1, maximum: 10_000 }),
  schedule: Type.Optional(
    Type.Object({
      hours: Type.Optional(Whole(0, 23)),
      minutes: Type.Optional(Whole(0, 59)),
      weekDays: Type.Optional(Type.Array(Type.Enum([...weekDays]))),
      monthDays: Type.Optional(Whole(1, 31)),
    }),
  ),
  ...common,
});
export type Trigger = Static<typeof CronTrigger> | Static<typeof RecurrenceTrigger>;

/** What a schedule of the embedded control plane tells of itself, among its free properties; times are ISO 8601 in UTC. */
export const scheduleProperty = {
  next: 'updraft.next',
  lastJob: 'updraft.lastJob',
  /** Starts that were missed. */
  skipped: 'updraft.skipped',
  /** Why its last job was refused. */
  error: 'updraft.error',
  note: 'updraft.note',
} as const;

export const Schedule = Resource(
  Type.Object({
    displayName: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    tags: Type.Optional(StringMap),
    properties: Type.Optional(StringMap),
    isEnabled: Type.Optional(Type.Boolean()),
    trigger: Type.Union([CronTrigger, RecurrenceTrigger]),
    action: Type.Object({ actionType: Type.String(), jobDefinition: Type.Optional(Type.Record(Type.String(), Type.Unknown())) }),
  }),
);
export type Schedule = Static<typeof Schedule>;
/** Which schedules a list has. */
export type ScheduleView = 'All' | 'EnabledOnly' | 'DisabledOnly';
