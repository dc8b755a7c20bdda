import { either, exactly, fields, integer, list, oneOf, text } from '../field.ts';

const isTime = {
  examples: ['2027-01-31T08:00:00'],
  pattern: '^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])[Tt ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?:[Zz]|[+-]\\d{2}:?\\d{2})?$',
  patternHint: 'Write a date with a time, in quotes: "2027-01-31T08:00:00".',
};
const time = text('First time, ISO 8601 without an offset; at once when absent.', isTime);
const endTime = text('No runs after this time, ISO 8601.', isTime);
const zone = text('Time zone, by its Windows name.', { default: 'UTC', examples: ['W. Europe Standard Time'] });
const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const oneOrMore = (what: string, item: import('../field.ts').Field) => either(what, item, list(what, item));

export const cronTrigger = fields(
  'By a cron expression.',
  {
    type: exactly('cron', 'A cron expression.'),
    expression: text('Minute, hour, day of the month, month, day of the week.', {
      examples: ['0 6 * * 1-5'],
      pattern: '^\\s*\\S+(?:\\s+\\S+){4}\\s*$',
      patternHint: 'Give five fields: minute, hour, day of the month, month, day of the week; seconds are none of them.',
    }),
  },
  { start_time: time, end_time: endTime, time_zone: zone },
);

export const recurrenceTrigger = fields(
  'Again and again.',
  {
    type: exactly('recurrence', 'Again and again.'),
    frequency: oneOf('Unit of the interval.', ['minute', 'hour', 'day', 'week', 'month']),
  },
  {
    interval: integer('How many units lie between.', { minimum: 1 }),
    start_time: time,
    end_time: endTime,
    time_zone: zone,
    schedule: fields(
      'When on those days.',
      {
        hours: oneOrMore('Hours.', integer('An hour.', { minimum: 0, maximum: 23 })),
        minutes: oneOrMore('Minutes.', integer('A minute.', { minimum: 0, maximum: 59 })),
      },
      {
        week_days: oneOrMore('Days of the week.', oneOf('A day.', days)),
        month_days: oneOrMore('Days of the month.', integer('A day.', { minimum: 1, maximum: 31 })),
      },
    ),
  },
);
