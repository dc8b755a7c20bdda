import { Cron } from 'croner';
import { findIana } from 'windows-iana';
import { UserError } from '../../base/userError.ts';
import type { Trigger } from '../../protocol/schedule.ts';

const weekDays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const day = 24 * 3600_000;

/**
 * When a trigger fires: answers the first time after a moment, ms since 1970; undefined when there is none. `since` is when the schedule was made, from where a recurrence
 * without a start counts. Throws `InvalidRequest` when it can't be read.
 */
export function timesOf(trigger: Trigger, since: number): (after: number) => number | undefined {
  const timezone = zoneOf(trigger.timeZone || 'UTC');
  const bounds = {
    timezone,
    paused: true,
    ...(trigger.startTime ? { startAt: localTime(trigger.startTime, 'startTime') } : {}),
    ...(trigger.endTime ? { stopAt: localTime(trigger.endTime, 'endTime') } : {}),
  };
  const cron = (pattern: string): Cron => {
    try {
      return new Cron(pattern, { ...bounds, mode: '5-part' });
    } catch (error) {
      throw new UserError(
        'InvalidRequest',
        `The trigger can't be read: ${(error as Error).message}.`,
        'A cron expression has five fields: minute, hour, day, month, day of the week.',
      );
    }
  };
  const next = (of: Cron, after: number) => of.nextRun(new Date(after))?.getTime();
  if (trigger.triggerType === 'Cron') {
    const of = cron(trigger.expression);
    return (after) => next(of, after);
  }

  const { frequency, interval, schedule } = trigger;
  const start = trigger.startTime ? (next(cron('* * * * *'), 0) ?? since) : since;
  const end = trigger.endTime ? new Cron(localTime(trigger.endTime, 'endTime'), { timezone, paused: true }).nextRun(new Date(0)) : null;
  if (frequency === 'Minute' || frequency === 'Hour') {
    const length = interval * (frequency === 'Minute' ? 60_000 : 3600_000);
    return (after) => {
      const at = start + Math.max(trigger.startTime ? 0 : 1, Math.floor((after - start) / length) + 1) * length;
      return end && at > end.getTime() ? undefined : at;
    };
  }
  const first = dateIn(timezone, start);
  const list = (values: readonly (number | string)[] | undefined, fallback: number | string) =>
    values?.length ? values.join(',') : String(fallback);
  const days = frequency === 'Month' ? list(schedule?.monthDays, first.day) : '*';
  const dayNumbers = schedule?.weekDays?.map((name) => weekDays.indexOf(name));
  const ofWeek = frequency === 'Week' ? list(dayNumbers, first.weekDay) : '*';
  const of = cron(`${list(schedule?.minutes, first.minute)} ${list(schedule?.hours, first.hour)} ${days} * ${ofWeek}`);
  const unit = {
    Day: (at: number) => dateIn(timezone, at).days,
    Week: (at: number) => weekOf(dateIn(timezone, at).days),
    Month: (at: number) => dateIn(timezone, at).months,
  }[frequency];
  const origin = unit(start);
  return (after) => {
    let at = next(of, after);
    // Of the days that fit the pattern, those an interval apart. The pattern itself ends at the latest with the calendar's repetition.
    for (let tries = 0; at !== undefined && (unit(at) - origin) % interval !== 0 && tries < 100_000; tries++) at = next(of, at);
    return at;
  };
}

/** Weeks begin on Monday; the first day of 1970 was a Thursday. */
const weekOf = (days: number): number => Math.floor((days + 3) / 7);

function zoneOf(name: string): string {
  const zone = findIana(name as Parameters<typeof findIana>[0])[0] ?? name;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    throw new UserError(
      'InvalidRequest',
      `There is no time zone "${name.slice(0, 100)}".`,
      'Use "UTC", or a name such as "W. Europe Standard Time" or "Europe/Berlin".',
    );
  }
}

/** Without the fraction and the offset that some clients add: Azure takes the time as one in the trigger's zone. */
function localTime(text: string, name: string): string {
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (!found || Number.isNaN(Date.parse(found[1]!)))
    throw new UserError('InvalidRequest', `${name} can't be "${text.slice(0, 100)}".`, 'Write it as 2027-01-31T08:00:00.');
  return `${found[1]}T${found[2] ?? '00:00'}:${found[3] ?? '00'}`;
}

/** The calendar date of a moment in a zone, in days and months since 1970. */
function dateIn(timeZone: string, at: number) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)])) as Record<
    'year' | 'month' | 'day' | 'hour' | 'minute',
    number
  >;
  const days = Math.round(Date.UTC(part.year, part.month - 1, part.day) / day);
  return { ...part, days, weekDay: (days + 4) % 7, months: part.year * 12 + part.month };
}
