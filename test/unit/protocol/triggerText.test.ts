import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { triggerText } from '../../../src/protocol/triggerText.ts';

describe('a trigger in words', () => {
  for (const [expression, words] of Object.entries({
    '* * * * *': 'every minute UTC',
    '*/15 * * * *': 'every 15 minutes UTC',
    '0 * * * *': 'every hour UTC',
    '30 */6 * * *': 'every 6 hours at minute 30 UTC',
    '0 3 * * *': 'every day at 3:00 UTC',
    '5 3,15 * * *': 'every day at 3:05, 15:05 UTC',
    '0 8 * * 1-5': 'every Monday to Friday at 8:00 UTC',
    '0 8 * * MON,4': 'every Monday, Thursday at 8:00 UTC',
    '0 8 * * 7': 'every Sunday at 8:00 UTC',
    '0 0 1,15 * *': 'every month on day 1, 15 at 0:00 UTC',
    '0 3 1 1 *': 'every year on January 1 at 3:00 UTC',
    // No short words: as it is written.
    '0 8 1 * 1': 'cron 0 8 1 * 1 UTC',
    '0 8 * 3 *': 'cron 0 8 * 3 * UTC',
    '1-20 8 * * *': 'cron 1-20 8 * * * UTC',
    '0 8 * * FRI#2': 'cron 0 8 * * FRI#2 UTC',
    '': 'cron  UTC',
  }))
    it(`of "${expression}"`, () => assert.equal(triggerText({ triggerType: 'Cron', expression }), words));

  it('of a recurrence, with its zone', () => {
    assert.equal(
      triggerText({
        triggerType: 'Recurrence',
        frequency: 'Week',
        interval: 2,
        schedule: { weekDays: ['Monday', 'Friday'], hours: [9], minutes: [0, 30] },
        timeZone: 'Europe/Berlin',
      }),
      'every 2 weeks on Monday, Friday at 9:00, 9:30 Europe/Berlin',
    );
    assert.equal(triggerText({ triggerType: 'Recurrence', frequency: 'Hour', interval: 1 }), 'every hour UTC');
  });
});
