import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hoursOf, rateOf } from '../../../src/cli/work/syncControl.ts';
import { isWithin, nextHour } from '../../../src/sync/process/hours.ts';

const at = (hour: number, minute = 0) => new Date(2026, 0, 5, hour, minute);

describe('the hours at which jobs are sent', () => {
  it('begin and end at full hours, also over midnight', () => {
    const night = { from: 20, to: 6 };
    for (const hour of [20, 23, 0, 5]) assert.ok(isWithin(night, at(hour, 59)), `${hour}:59`);
    for (const hour of [6, 12, 19]) assert.ok(!isWithin(night, at(hour, 59)), `${hour}:59`);
    const day = { from: 9, to: 17 };
    assert.deepEqual(
      [8, 9, 16, 17].map((hour) => isWithin(day, at(hour))),
      [false, true, true, false],
    );
    assert.deepEqual(nextHour(at(23, 59)), new Date(2026, 0, 6, 0, 0));
  });

  it('and limits are read as people write them', () => {
    assert.deepEqual(hoursOf('20-6'), { from: 20, to: 6 });
    assert.deepEqual(hoursOf('18-24'), { from: 18, to: 0 });
    assert.equal(hoursOf('none'), undefined);
    for (const wrong of ['20', '20-20', '24-3', '3-25', 'a-b', '-1-3']) assert.throws(() => hoursOf(wrong), /is no span of hours/, wrong);
    assert.deepEqual(['2MB/s', '500 kB', '1.5mb', '20000'].map(rateOf), [2_000_000, 500_000, 1_500_000, 20_000]);
    assert.equal(rateOf('none'), undefined);
    for (const wrong of ['fast', '0', '10', '-5MB', '2 MB per day']) assert.throws(() => rateOf(wrong), /is no limit/, wrong);
  });
});
