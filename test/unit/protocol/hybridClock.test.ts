import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { beforeAll, isFarAhead, mostAheadMs, msOf, nextClock } from '../../../src/protocol/hybridClock.ts';

describe('times of writes on several planes', () => {
  const now = 1_800_000_000_000;

  it('are later than all that the plane knows, also of a clock that is a little ahead, and sort as text', () => {
    const first = nextClock(now, []);
    assert.equal(msOf(first), now);
    const second = nextClock(now, [first]);
    const ofOther = nextClock(now + mostAheadMs, []);
    const third = nextClock(now + 1, [second, ofOther]);
    const later = nextClock(now + mostAheadMs + 1, [third]);
    const all = [beforeAll, first, second, ofOther, third, later];
    assert.deepEqual(all.toSorted(), all);
    assert.ok(all.every((each) => /^[0-9a-f]{16}$/.test(each)));
    assert.equal(msOf(third), now + mostAheadMs);
  });

  it('go on to the next millisecond where one has no room for more writes', () => {
    let clock = nextClock(now, []);
    for (let count = 0; count < 2 ** 16; count++) {
      const next = nextClock(now, [clock]);
      assert.ok(next > clock);
      clock = next;
    }
    assert.equal(msOf(clock), now + 1);
  });

  it('do not follow a clock that is wrong', () => {
    const wrong = nextClock(now + mostAheadMs + 1, []);
    assert.ok(isFarAhead(wrong, now));
    assert.ok(!isFarAhead(nextClock(now + mostAheadMs, []), now));
    assert.equal(msOf(nextClock(now, [wrong])), now);
  });
});
