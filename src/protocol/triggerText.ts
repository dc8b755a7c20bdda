import type { Trigger } from './schedule.ts';

const weekDays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const days: Record<string, number> = { sun: 0, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6 };

/** When a trigger fires, in words: `every 2 days at 3:00, 15:00 UTC`. A cron expression that has no short words is shown as it is. */
export function triggerText(trigger: Trigger): string {
  const zone = trigger.timeZone || 'UTC';
  if (trigger.triggerType === 'Cron') return `${cronText(trigger.expression) ?? `cron ${trigger.expression}`} ${zone}`;
  const { frequency, interval, schedule = {} } = trigger;
  const minutes = schedule.minutes?.length ? schedule.minutes : [0];
  const times = (schedule.hours ?? []).flatMap((hour) => minutes.map((minute) => timeText(hour, minute)));
  const named = [...(schedule.weekDays ?? []), ...(schedule.monthDays ?? []).map((day) => `day ${day}`)];
  return [
    everyText(interval, frequency.toLowerCase()),
    ...(named.length ? [`on ${named.join(', ')}`] : []),
    ...(times.length ? [`at ${times.join(', ')}`] : []),
    zone,
  ].join(' ');
}

const everyText = (interval: number, unit: string): string => (interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`);
const timeText = (hour: number, minute: number): string => `${hour}:${String(minute).padStart(2, '0')}`;

/** The forms that people write: every so many minutes or hours, at times of a day, of days of the week, of a month, or once a year. */
function cronText(expression: string): string | undefined {
  const [minute = '', hour = '', monthDay = '', month = '', weekDay = '', ...more] = expression.trim().split(/\s+/);
  if (more.length) return undefined;
  if (month !== '*') return yearText(minute, hour, monthDay, month, weekDay);
  const anyDay = monthDay === '*' && weekDay === '*';
  const step = (field: string) => (field === '*' ? 1 : Number(/^\*\/(\d+)$/.exec(field)?.[1] ?? Number.NaN));
  if (anyDay && hour === '*' && step(minute)) return everyText(step(minute), 'minute');
  const minutes = numbers(minute);
  if (!minutes) return undefined;
  if (anyDay && minutes.length === 1 && step(hour))
    return `${everyText(step(hour), 'hour')}${minutes[0] ? ` at minute ${minutes[0]}` : ''}`;
  const hours = numbers(hour);
  if (!hours || hours.length * minutes.length > 4) return undefined;
  const at = `at ${hours.flatMap((each) => minutes.map((one) => timeText(each, one))).join(', ')}`;
  if (anyDay) return `every day ${at}`;
  if (monthDay === '*') {
    if (/^(?:1-5|mon-fri)$/i.test(weekDay)) return `every Monday to Friday ${at}`;
    const list = weekDay.split(',').map((each) => days[each.toLowerCase()] ?? (/^[0-7]$/.test(each) ? Number(each) % 7 : Number.NaN));
    return list.some(Number.isNaN) ? undefined : `every ${list.map((day) => weekDays[day]).join(', ')} ${at}`;
  }
  const ofMonth = weekDay === '*' ? numbers(monthDay) : undefined;
  return ofMonth && `every month on day ${ofMonth.join(', ')} ${at}`;
}

function yearText(minute: string, hour: string, day: string, month: string, weekDay: string): string | undefined {
  const name = /^\d+$/.test(month) ? months[Number(month) - 1] : undefined;
  if (!name || weekDay !== '*' || ![minute, hour, day].every((each) => /^\d+$/.test(each))) return undefined;
  return `every year on ${name} ${Number(day)} at ${timeText(Number(hour), Number(minute))}`;
}

const numbers = (field: string): number[] | undefined => (/^\d+(?:,\d+)*$/.test(field) ? field.split(',').map(Number) : undefined);
