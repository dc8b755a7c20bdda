import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { isSpot, rankOf, tierOf } from '../../../src/protocol/queue.ts';
import { assumedMs, halfLifeDays, nextInLine, recentUse, type Share } from '../../../src/server/queue/fairShare.ts';
import { type InHand, mostGivenWay, whoGivesWay, whoHandsBack } from '../../../src/server/queue/giveWay.ts';
import { limitsOf, usedOf } from '../../../src/server/queue/quotas.ts';
import { roomText } from '../../../src/server/queue/whyWaits.ts';
import { byDay, dayMs, dayOf, type QueuedJob } from '../../../src/store/queue.ts';

const usual = rankOf({});
const unlimited: Share = { used: () => 0, left: () => Number.POSITIVE_INFINITY, leftOfAll: Number.POSITIVE_INFINITY };
const people = ['ann', 'bob', 'cyn', 'dan'] as const;
const job = (serial: number, user: string, rank = usual): QueuedJob => ({ name: `j${serial}`, serial, user, rank, compute: '' });
const namesOf = (jobs: readonly QueuedJob[]) => jobs.map(({ name }) => name);

describe('the rank of a job', () => {
  it('is its tier, then its priority, in the words of the YAML, as Azure sends them, and in steps of pipelines', () => {
    const settings = [
      { jobTier: 'Premium', priority: 3 },
      { job_tier: 'premium' },
      { priority: 'high' },
      {},
      { job_tier: 'standard', priority: 'low' },
      { jobTier: 'Basic' },
      { jobTier: 'Spot', priority: 1 },
    ];
    const ranks = settings.map((queueSettings) => rankOf({ queueSettings }));
    assert.deepEqual(
      ranks,
      ranks.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(ranks).size, ranks.length);
    assert.deepEqual(ranks.map(tierOf), ['premium', 'premium', 'standard', 'standard', 'standard', 'basic', 'spot']);
    assert.deepEqual(ranks.filter(isSpot).length, 1);
  });

  it('is the usual one where nothing, or nonsense, is said', () => {
    fc.assert(
      fc.property(fc.anything(), (queueSettings) => {
        const rank = rankOf({ queueSettings });
        assert.ok(Number.isInteger(rank) && rank >= 0 && rank < 12);
      }),
    );
    for (const queueSettings of [undefined, null, 'spot', [], { jobTier: 'Null' }, { jobTier: 7, priority: 'urgent' }])
      assert.equal(rankOf({ queueSettings }), usual);
  });
});

describe('fair share', () => {
  it('shows one person alone the order in which jobs came, within each rank', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(11)), fc.nat(20), (ranks, room) => {
        const waiting = ranks.map((rank, index) => job(index, 'ann', rank));
        const expected = waiting.toSorted((a, b) => a.rank - b.rank || a.serial - b.serial).slice(0, room);
        assert.deepEqual(nextInLine(waiting.toReversed(), room, { ...unlimited, used: () => 5e9 }), expected);
      }),
    );
  });

  it('never goes beyond a limit or the room, takes no job twice, and leaves no place free that somebody may have', () => {
    const limits = fc.record(Object.fromEntries(people.map((user) => [user, fc.nat(6)])));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...people), fc.nat(11))),
        limits,
        fc.nat(20),
        fc.nat(20),
        fc.record(Object.fromEntries(people.map((user) => [user, fc.nat(1e9)]))),
        (given, left, leftOfAll, room, used) => {
          const waiting = given.map(([user, rank], index) => job(index, user, rank));
          const chosen = nextInLine(waiting, room, { used: (user) => used[user]!, left: (user) => left[user]!, leftOfAll });
          assert.equal(new Set(chosen).size, chosen.length);
          assert.ok(chosen.length <= Math.min(room, leftOfAll));
          let possible = 0;
          for (const user of people) {
            const own = waiting.filter((each) => each.user === user);
            possible += Math.min(own.length, left[user]!);
            const theirs = chosen.filter((each) => each.user === user);
            assert.ok(theirs.length <= left[user]!);
            assert.deepEqual(theirs, own.toSorted((a, b) => a.rank - b.rank || a.serial - b.serial).slice(0, theirs.length));
          }
          assert.equal(chosen.length, Math.min(room, leftOfAll, possible));
        },
      ),
    );
  });

  it('gives the next place to who has used least, and the first free places not all to one person', () => {
    const waiting = [job(1, 'ann'), job(2, 'ann'), job(3, 'ann'), job(4, 'bob'), job(5, 'bob')];
    assert.deepEqual(namesOf(nextInLine(waiting, 4, unlimited)), ['j1', 'j4', 'j2', 'j5']);
    assert.deepEqual(namesOf(nextInLine(waiting, 2, { ...unlimited, used: (user) => (user === 'ann' ? 10 * assumedMs : 0) })), [
      'j4',
      'j5',
    ]);
  });

  /** One place, people who always have jobs waiting, of so many ms each: how long each ran, and the longest that somebody waited for a turn. */
  function simulated(lengths: readonly number[], hours: number, before: readonly number[]): { ran: number[]; longestWait: number } {
    const ran = lengths.map(() => 0);
    const lastTurn = lengths.map(() => 0);
    let longestWait = 0;
    const runTime = before.map((ms, index) => ({ user: String(index), day: 0, ms }));
    for (let now = 0, serial = 0; now < hours * 3_600_000; serial += lengths.length) {
      const use = recentUse(runTime, dayOf(now));
      const [next] = nextInLine(
        lengths.map((_, index) => job(serial + index, String(index))),
        1,
        { ...unlimited, used: (user) => use.get(user) ?? 0 },
      );
      const index = Number(next!.user);
      for (const day of byDay(now, now + lengths[index]!)) runTime.push({ user: next!.user, ...day });
      longestWait = Math.max(longestWait, now - lastTurn[index]!);
      now += lengths[index]!;
      lastTurn[index] = now;
      ran[index]! += lengths[index]!;
    }
    return { ran, longestWait };
  }

  it('converges: who always has jobs waiting gets the same time, however long each one of them is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 60_000, max: 3_600_000 }), { minLength: 2, maxLength: 4 }), (lengths) => {
        const { ran } = simulated(lengths, 24 * 5, []);
        const mean = ran.reduce((sum, each) => sum + each, 0) / ran.length;
        for (const each of ran) assert.ok(Math.abs(each - mean) / mean < 0.15, `${ran}`);
      }),
      { numRuns: 20 },
    );
  });

  it('lets nobody starve: whatever somebody has used, their turn comes within days', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500 * 3_600_000), { minLength: 2, maxLength: 4 }), (before) => {
        const { ran, longestWait } = simulated(
          before.map(() => 1_800_000),
          24 * 14,
          before,
        );
        assert.ok(ran.every((each) => each > 0));
        // 500 hours are below what a day of the others' counts after six half-lives.
        assert.ok(longestWait < 8 * halfLifeDays * dayMs, String(longestWait));
      }),
      { numRuns: 20 },
    );
  });
});

describe('giving way', () => {
  const spot = rankOf({ queueSettings: { jobTier: 'Spot' } });
  const held = (name: string, status: InHand['status'], rank = usual, more: Partial<InHand> = {}): InHand => ({
    name,
    status,
    rank,
    startedAt: 1,
    gaveWay: 0,
    ...more,
  });

  it('is for spot jobs that run, the one that began last first, and for jobs of a higher tier that are ready', () => {
    const inHand = [
      held('old', 'Running', spot, { startedAt: 1 }),
      held('new', 'Running', spot, { startedAt: 9 }),
      held('plain', 'Running'),
      held('waits', 'Preparing'),
      held('waits too', 'Preparing', spot),
    ];
    assert.deepEqual(whoGivesWay(inHand, ['waits too', 'waits']), [{ name: 'new', to: 'waits' }]);
    assert.deepEqual(whoGivesWay(inHand, ['waits too']), []);
    assert.deepEqual(whoGivesWay(inHand, []), []);
  });

  it('is asked once for each job that waits', () => {
    const asked = held('asked', 'Running', spot, { givesWayTo: 'waits' });
    const other = held('other', 'Running', spot);
    assert.deepEqual(whoGivesWay([asked, other, held('waits', 'Preparing')], ['waits']), []);
    assert.deepEqual(whoGivesWay([asked, other, held('waits', 'Preparing'), held('more', 'Preparing')], ['waits', 'more']), [
      { name: 'other', to: 'more' },
    ]);
  });

  it('ends after some times, so that a job is not stopped for ever', () => {
    const tired = held('tired', 'Running', spot, { gaveWay: mostGivenWay });
    assert.deepEqual(whoGivesWay([tired, held('waits', 'Preparing')], ['waits']), []);
  });

  it('never touches a job that is no spot job, and never makes way for one that is', () => {
    const any = fc.record({
      status: fc.constantFrom<InHand['status']>('Queued', 'Preparing', 'Running', 'Finalizing', 'CancelRequested'),
      rank: fc.nat(11),
      startedAt: fc.nat(9),
      gaveWay: fc.nat(4),
      givesWayTo: fc.option(fc.constant('x'), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(any), (given) => {
        const inHand = given.map((each, index) => ({ ...each, name: String(index) }));
        const decided = whoGivesWay(inHand, Object.keys(given));
        const find = (name: string) => inHand.find((each) => each.name === name)!;
        for (const { name, to } of decided) assert.ok(isSpot(find(name).rank) && find(name).status === 'Running' && !isSpot(find(to).rank));
        assert.equal(new Set(decided.flatMap(({ name, to }) => [name, to])).size, 2 * decided.length);
        const back = whoHandsBack(inHand);
        assert.ok(!back || (isSpot(back.rank) && (back.status === 'Queued' || back.status === 'Preparing')));
      }),
    );
  });
});

describe('quotas', () => {
  it('of a person are their own, and the default where nothing of their own was set', () => {
    const quotas = { workspace: {}, default: { jobsAtOnce: 2, runningHours: 10 }, people: new Map([['ann', { jobsAtOnce: 5 }]]) };
    assert.deepEqual(limitsOf(quotas, 'ann'), { jobsAtOnce: 5, runningHours: 10 });
    assert.deepEqual(limitsOf(quotas, 'bob'), { jobsAtOnce: 2, runningHours: 10 });
  });

  it('count what runs now, and the days of the window with today', () => {
    const now = 100 * dayMs + 7_200_000;
    const runTime = [69, 70, 71, 100].map((day) => ({ user: 'ann', day, ms: 3_600_000 }));
    const held = [{ ...job(1, 'ann'), status: 'Running' as const, claimedBy: 'r', startedAt: now - 1_800_000 }];
    const storage = [
      { user: 'ann', bytes: 5e9 },
      { user: '', bytes: 2e9 },
    ];
    const facts = { held, runTime, storage };
    assert.deepEqual(usedOf(facts, {}, now, 'ann'), { jobsAtOnce: 1, storageGb: 5, runningHours: 2.5 });
    assert.equal(usedOf(facts, { windowDays: 1 }, now, 'ann').runningHours, 1.5);
    assert.deepEqual(usedOf(facts, {}, now), { jobsAtOnce: 1, storageGb: 7, runningHours: 2.5 });
    assert.deepEqual(usedOf(facts, {}, now, 'bob'), { jobsAtOnce: 0, storageGb: 0, runningHours: 0 });
  });

  it('split a run at midnight', () => {
    assert.deepEqual(byDay(dayMs - 10, dayMs + 5), [
      { day: 0, ms: 10 },
      { day: 1, ms: 5 },
    ]);
    assert.deepEqual(byDay(5, 5), []);
    assert.deepEqual(byDay(9, 5), []);
  });
});

describe('what a job says that waits for room', () => {
  it('is how many come first, and who else waits', () => {
    assert.equal(roomText('gpu-box', 3, 0), 'Waits for room on gpu-box: 3 jobs are before it.');
    assert.equal(roomText('', 1, 1), 'Waits for room: 1 job is before it, and 1 other person waits too.');
    assert.equal(roomText('', 100, 2), 'Waits for room: 100 jobs or more are before it, and 2 other people wait too.');
    assert.equal(roomText('', 0, 0), 'Waits for room: it comes next.');
    assert.equal(roomText('', 0, 2), 'Waits for room: 2 other people wait too.');
  });
});
