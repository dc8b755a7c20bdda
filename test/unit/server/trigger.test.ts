import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Trigger } from '../../../src/protocol/schedule.ts';
import { timesOf } from '../../../src/server/schedules/trigger.ts';

/** The first `count` times after a moment, or less when there are no more. */
function times(trigger: Trigger, after: string, count: number, since = after): string[] {
  const next = timesOf(trigger, Date.parse(since));
  const found: string[] = [];
  for (let at = next(Date.parse(after)); at !== undefined && found.length < count; at = next(at))
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
  return found;
}
const cron = (expression: string, more: object = {}): Trigger => ({ triggerType: 'Cron', expression, ...more });
const every = (frequency: 'Minute' | 'Hour' | 'Day' | 'Week' | 'Month', interval: number, more: object = {}): Trigger => ({
  triggerType: 'Recurrence',
  frequency,
  interval,
  ...more,
});

describe('times of a schedule', () => {
  it('follow a cron expression, in UTC by itself', () => {
    assert.deepEqual(times(cron('0 3 * * *'), '2026-03-28T00:00Z', 2), ['2026-03-28T03:00Z', '2026-03-29T03:00Z']);
    assert.deepEqual(times(cron('0 0 30 2 *'), '2026-03-28T00:00Z', 1), []);
  });

  it("follow the clock of their zone over the change to summer time, by Windows' name or IANA's", () => {
    for (const timeZone of ['W. Europe Standard Time', 'Europe/Berlin'])
      assert.deepEqual(times(cron('30 2 * * *', { timeZone }), '2026-03-27T12:00Z', 3), [
        '2026-03-28T01:30Z',
        // There is no half past two in that night.
        '2026-03-29T01:00Z',
        '2026-03-30T00:30Z',
      ]);
  });

  it('keep between start and end, which are in their zone', () => {
    const trigger = cron('0 3 * * *', {
      startTime: '2026-05-01T00:00:00',
      endTime: '2026-05-03T00:00:00',
      timeZone: 'Pacific Standard Time',
    });
    assert.deepEqual(times(trigger, '2026-03-28T00:00Z', 5), ['2026-05-01T10:00Z', '2026-05-02T10:00Z']);
  });

  it('recur from the start, or from when the schedule was made', () => {
    assert.deepEqual(times(every('Minute', 15), '2026-01-01T00:07Z', 2), ['2026-01-01T00:22Z', '2026-01-01T00:37Z']);
    const hours = every('Hour', 2, { startTime: '2026-01-01T10:15:00', endTime: '2026-01-01T13:00:00' });
    assert.deepEqual(times(hours, '2025-12-01T00:00Z', 5), ['2026-01-01T10:15Z', '2026-01-01T12:15Z']);
    const days = every('Day', 3, { startTime: '2026-01-01T10:15:00', timeZone: 'Pacific Standard Time' });
    assert.deepEqual(times(days, '2025-12-01T00:00Z', 3), ['2026-01-01T18:15Z', '2026-01-04T18:15Z', '2026-01-07T18:15Z']);
  });

  it('recur at hours and minutes of days of the week and of the month', () => {
    const weeks = every('Week', 2, { schedule: { hours: [10], minutes: [0, 30], weekDays: ['Monday', 'Friday'] } });
    assert.deepEqual(times(weeks, '2026-01-07T00:00Z', 4), [
      '2026-01-09T10:00Z',
      '2026-01-09T10:30Z',
      '2026-01-19T10:00Z',
      '2026-01-19T10:30Z',
    ]);
    const months = every('Month', 1, { schedule: { hours: [0], minutes: [0], monthDays: [31] } });
    assert.deepEqual(times(months, '2026-01-07T00:00Z', 3), ['2026-01-31T00:00Z', '2026-03-31T00:00Z', '2026-05-31T00:00Z']);
  });

  it('are refused when they can not be read', () => {
    assert.throws(() => times(cron('99 * * * *'), '2026-01-01T00:00Z', 1), /minute/);
    assert.throws(() => times(cron('* * * *'), '2026-01-01T00:00Z', 1), /can't be read/);
    assert.throws(() => times(cron('* * * * *', { timeZone: 'Mars' }), '2026-01-01T00:00Z', 1), /time zone "Mars"/);
    assert.throws(() => times(cron('* * * * *', { startTime: 'noon' }), '2026-01-01T00:00Z', 1), /startTime/);
  });
});
