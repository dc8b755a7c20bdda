import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { ProgressReports } from '../../../src/runner/progressReports.ts';
import { ManualTimers, settle } from '../client/manualTimers.ts';

describe('what a job says while it prepares', () => {
  let timers: ManualTimers;
  let told: string[];
  let answer: () => Promise<unknown>;
  let reports: ProgressReports;
  beforeEach(() => {
    timers = new ManualTimers();
    told = [];
    answer = async () => {};
    reports = new ProgressReports((text) => {
      told.push(text);
      return answer();
    }, timers);
  });

  it('is told when it has lasted a moment, the newest alone, and not too often', async () => {
    reports.say('code');
    await timers.advance(200);
    reports.say('input');
    await timers.advance(100);
    assert.deepEqual(told, ['input']);
    for (let n = 0; n < 9; n++) {
      reports.say(`package ${n}`);
      await timers.advance(100);
    }
    assert.deepEqual(told, ['input']);
    await timers.advance(100);
    assert.deepEqual(told, ['input', 'package 8']);
  });

  it('is told once, and again when the plane could not be told something else', async () => {
    reports.say('a');
    await timers.advance(300);
    reports.say('a');
    answer = () => Promise.reject(new Error('no network'));
    reports.say('b');
    await timers.advance(2000);
    answer = async () => {};
    reports.say('c');
    await timers.advance(2000);
    assert.deepEqual(told, ['a', 'b', 'c']);
  });

  it('ends: nothing more is told, and it is known what is still on its way', async () => {
    reports.say('a');
    await timers.advance(300);
    await settle();
    assert.equal(await reports.end(), false);
    reports.say('b');
    await timers.advance(2000);
    assert.deepEqual(told, ['a']);

    const late = Promise.withResolvers<void>();
    const others = new ProgressReports(() => late.promise, timers);
    others.say('slow');
    await timers.advance(300);
    const ended = others.end();
    late.reject(new Error('no network'));
    assert.equal(await ended, true);
  });
});
