import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Emitter } from '../../../src/base/event.ts';
import { UserError } from '../../../src/base/userError.ts';
import { follow } from '../../../src/client/feed/follow.ts';
import { LookUps, type LookUpsOptions } from '../../../src/client/feed/lookUps.ts';
import type { Change } from '../../../src/protocol/change.ts';
import { ManualTimers, settle } from './manualTimers.ts';

/** Answers that a test gives one by one. */
class Answers {
  readonly asked: string[] = [];
  private readonly open: PromiseWithResolvers<void>[] = [];

  read = (key: string): Promise<void> => {
    this.asked.push(key);
    const answer = Promise.withResolvers<void>();
    this.open.push(answer);
    return answer.promise;
  };

  async give(error?: unknown): Promise<void> {
    const answer = this.open.shift()!;
    if (error === undefined) answer.resolve();
    else answer.reject(error);
    await settle();
  }
}

const blip = () => new UserError('PlaneUnreachable', 'The control plane does not answer.');

describe('look-ups', () => {
  let timers: ManualTimers;
  let answers: Answers;
  let errors: string[];
  let lookUps: LookUps<string>;
  const start = (options: Partial<LookUpsOptions<string>> = {}) => {
    lookUps = new LookUps({
      read: answers.read,
      timers,
      backOff: (failures) => 100 * 2 ** failures,
      onError: (_error, key) => errors.push(key),
      ...options,
    });
  };
  beforeEach(() => {
    timers = new ManualTimers();
    answers = new Answers();
    errors = [];
  });
  afterEach(() => lookUps.dispose());

  it('read a thing once for many wishes, and once more for those that come while it is read', async () => {
    start({ gatherMs: 40 });
    for (let i = 0; i < 5; i++) lookUps.ask('a');
    await timers.advance(39);
    assert.deepEqual(answers.asked, []);
    await timers.advance(1);
    assert.deepEqual(answers.asked, ['a']);
    lookUps.ask('a');
    lookUps.ask('a');
    await timers.advance(100);
    assert.deepEqual(answers.asked, ['a']);
    await answers.give();
    await timers.advance(40);
    assert.deepEqual(answers.asked, ['a', 'a']);
    await answers.give();
    assert.deepEqual([lookUps.isBusy, timers.left], [false, []]);
  });

  it('try again what fails, after longer and longer, and say so once; the others do not wait for it', async () => {
    start();
    lookUps.ask('a');
    lookUps.ask('b');
    await answers.give(blip());
    await answers.give();
    for (const ms of [100, 200, 400]) {
      assert.deepEqual(timers.left, [ms]);
      lookUps.ask('a');
      await timers.advance(ms);
      await answers.give(new TypeError('terminated'));
    }
    await timers.advance(800);
    await answers.give();
    assert.deepEqual(answers.asked, ['a', 'b', 'a', 'a', 'a', 'a']);
    assert.deepEqual([errors, lookUps.isBusy, timers.left], [['a'], false, []]);
  });

  it('end when the plane says that there is no such thing', async () => {
    start();
    lookUps.ask('a');
    await answers.give(new UserError('NotFound', 'There is no job "a".'));
    assert.deepEqual([errors, lookUps.isBusy, timers.left], [[], false, []]);
  });

  it('do not wait any longer when the plane is back', async () => {
    start();
    lookUps.ask('a');
    for (const ms of [100, 200]) {
      await answers.give(blip());
      await timers.advance(ms);
    }
    await answers.give(blip());
    lookUps.retryNow();
    assert.equal(answers.asked.length, 4);
    await answers.give(blip());
    assert.deepEqual(timers.left, [100]);
  });

  it('take a wish back, unless the thing is being read', async () => {
    start({ gatherMs: 40 });
    lookUps.ask('a');
    assert.equal(lookUps.forget('a'), true);
    await timers.advance(40);
    assert.deepEqual(answers.asked, []);
    lookUps.ask('a');
    await timers.advance(40);
    assert.equal(lookUps.forget('a'), false);
  });

  it('are so many at the same time at most', async () => {
    start({ parallel: 2 });
    for (const key of ['a', 'b', 'c', 'd']) lookUps.ask(key);
    assert.deepEqual(answers.asked, ['a', 'b']);
    await answers.give();
    assert.deepEqual(answers.asked, ['a', 'b', 'c']);
    await answers.give(blip());
    assert.deepEqual(answers.asked, ['a', 'b', 'c', 'd']);
  });

  it('rest between two readings of a thing', async () => {
    start({ restMs: 500 });
    lookUps.ask('a');
    await answers.give();
    lookUps.ask('a');
    assert.equal(answers.asked.length, 1);
    await timers.advance(500);
    assert.equal(answers.asked.length, 2);
    await answers.give();
    await timers.advance(500);
    lookUps.ask('a');
    assert.equal(answers.asked.length, 3);
  });

  it('look once more at what was looked up while a list was read: either may be the older one', async () => {
    start();
    const list = Promise.withResolvers<string>();
    lookUps.ask('before');
    const read = lookUps.besideList(() => list.promise);
    lookUps.ask('during');
    await answers.give();
    await answers.give();
    assert.deepEqual(answers.asked, ['before', 'during']);
    list.resolve('list');
    assert.equal(await read, 'list');
    assert.deepEqual(answers.asked, ['before', 'during', 'before', 'during']);
  });
});

describe('following', () => {
  it('reads the list when the feed is live, again after each reset, and until it succeeds; changes beside it', async () => {
    const timers = new ManualTimers();
    const [changes, resets, states] = [new Emitter<Change>(), new Emitter<void>(), new Emitter<string>()];
    const feed = { state: 'connecting', onDidChange: changes.event, onDidReset: resets.event, onDidChangeState: states.event };
    const lists = new Answers();
    const items = new Answers();
    const following = follow(feed, {
      readAll: () => lists.read('list'),
      keyOf: ({ kind, id }) => (kind === 'job' ? id : undefined),
      read: items.read,
      timers,
      backOff: () => 100,
    });
    const change = (kind: Change['kind'], id: string) => changes.fire({ seq: 1, kind, id, op: 'put', at: '' });
    assert.deepEqual(lists.asked, []);
    states.fire('live');
    assert.equal(lists.asked.length, 1);
    await lists.give(blip());
    await timers.advance(100);
    assert.equal(lists.asked.length, 2);
    change('job', 'a');
    change('log', 'a');
    await items.give();
    await lists.give();
    // The list may have been older than what was read beside it.
    assert.deepEqual(items.asked, ['a', 'a']);
    await items.give();
    states.fire('disconnected');
    states.fire('live');
    assert.equal(lists.asked.length, 2);
    resets.fire();
    assert.equal(lists.asked.length, 3);
    resets.fire();
    await lists.give();
    assert.equal(lists.asked.length, 4);
    following.dispose();
    change('job', 'b');
    assert.deepEqual([items.asked.length, timers.left], [2, []]);
  });
});
