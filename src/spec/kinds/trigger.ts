import { either, empty, exactly, fields, integer, list, oneOf, text } from '../field.ts';

const time = either(
  'First time, ISO 8601 without an offset; at once when absent.',
  text('A time.', { examples: ['2027-01-31T08:00:00'] }),
  empty,
);
const endTime = either('No runs after this time, ISO 8601.', text('A time.'), empty);
const zone = text('Time zone, by its Windows name.', { default: 'UTC', examples: ['W. Europe Standard Time'] });
const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const oneOrMore = (what: string, item: import('../field.ts').Field) => either(what, item, list(what, item));

export const cronTrigger = fields(
  'By a cron expression.',
  {
    type: exactly('cron', 'A cron expression.'),
    expression: text('Minute, hour, day of the month, month, day of the week.', { examples: ['0 6 * * 1-5'] }),
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
      {},
      {
        hours: oneOrMore('Hours.', integer('An hour.', { minimum: 0, maximum: 23 })),
        minutes: oneOrMore('Minutes.', integer('A minute.', { minimum: 0, maximum: 59 })),
        week_days: oneOrMore('Days of the week.', oneOf('A day.', days)),
        month_days: oneOrMore('Days of the month.', integer('A day.', { minimum: 1, maximum: 31 })),
      },
    ),
  },
);
