import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { processIdentity } from '../../../src/plane/processIdentity.ts';
import type { SyncPlaceState, SyncSettings, SyncState } from '../../../src/protocol/sync.ts';
import { Journal } from '../../../src/sync/folder/journal.ts';
import type { JournalEntry } from '../../../src/sync/folder/journalEntry.ts';
import { overviewOf, overviewText, standingOf } from '../../../src/sync/folder/overview.ts';
import { OverviewWatch } from '../../../src/sync/folder/overviewWatch.ts';
import { changeSettings } from '../../../src/sync/folder/settings.ts';
import { syncFolderOf } from '../../../src/sync/folder/syncFolder.ts';

const at = '2026-01-05T14:02:00.000Z';
const [from, to] = [
  { plane: 'local', workspace: '' },
  { plane: 'https://x', workspace: 'vision' },
];
const entry = (job: string, state: JournalEntry['state']): JournalEntry => ({ job, from, to, at, state });
const settings = (more: Partial<SyncSettings> = {}): SyncSettings => ({ format: 1, isPaused: false, kept: [], ...more });
const state = (more: Partial<SyncState> = {}): SyncState => ({ format: 1, at, places: [], sending: [], ...more });
const place = (is: SyncPlaceState['state']): SyncPlaceState => ({ ...to, state: is, since: at, message: 'why' });

describe('how sending is doing', () => {
  const two = [entry('a', 'waiting'), entry('b', 'waiting'), entry('c', 'sent')];
  const told = (...given: Parameters<typeof overviewOf>) => {
    const overview = overviewOf(...given);
    return [standingOf(overview), overviewText(overview, (iso) => iso.slice(11, 16))];
  };

  it('is one word and one line, the most urgent first', () => {
    assert.deepEqual(told([], settings(), undefined, false), ['nothing', 'nothing to send']);
    assert.deepEqual(told([entry('c', 'sent')], settings(), state(), true), ['inStep', 'in step']);
    assert.deepEqual(told(two, settings(), state(), true), ['sending', '2 jobs to send']);
    assert.deepEqual(told(two, settings(), state(), false), ['stopped', '2 jobs to send, nothing is sent now']);
    assert.deepEqual(told(two, settings(), state({ places: [place('away')] }), true), ['offline', '2 jobs to send, offline since 14:02']);
    assert.deepEqual(told(two, settings(), state({ places: [place('signedOut')] }), true), ['signedOut', '2 jobs to send, sign in again']);
    assert.deepEqual(told(two, settings({ isPaused: true }), state(), false), ['paused', '2 jobs to send, paused']);
    const hours = { from: 20, to: 6 };
    assert.deepEqual(told(two, settings({ hours }), state({ rests: 'hours' }), true), ['hours', '2 jobs to send, goes on at 20:00']);
    assert.deepEqual(told(two, settings(), state({ trouble: 'The disk is full.' }), true), ['trouble', 'The disk is full.']);
    assert.deepEqual(told([entry('c', 'refused')], settings(), state(), true), ['refused', '1 job refused']);
    // Of a place that nothing is sent to any more, nobody needs to know.
    assert.deepEqual(told([entry('c', 'sent')], settings(), state({ places: [place('away')] }), true), ['inStep', 'in step']);
    const kept = [{ from, to, experiment: 'digits' }];
    assert.deepEqual(told([], settings({ kept }), state({ places: [place('away')] }), true), ['offline', 'offline since 14:02']);
  });

  describe('in the files of a data folder', () => {
    let home: string;
    let watch: OverviewWatch | undefined;
    beforeEach(() => {
      home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    });
    afterEach(() => {
      watch?.dispose();
      rmSync(home, { recursive: true, force: true });
    });
    const when = (test: (watched: OverviewWatch) => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => test(watch!) && resolve();
        watch!.onDidChange(look);
        look();
      });

    it('is followed from when there are none, and a file that is damaged is named', async () => {
      const folder = syncFolderOf(home);
      watch = new OverviewWatch(folder);
      assert.equal(watch.error, undefined);
      assert.equal(standingOf(watch.overview!), 'nothing');
      const journal = new Journal(folder.journal);
      journal.want([{ job: 'a', from, to }]);
      await when(({ overview }) => overview?.waiting.length === 1 && !overview.isRunning);
      const own = { ...processIdentity(process.pid)!, isOnDemand: true };
      writeFileSync(folder.state, JSON.stringify(state({ process: own, places: [place('away')] })));
      await when(({ overview }) => overview?.isRunning === true && standingOf(overview) === 'offline');
      writeFileSync(folder.state, JSON.stringify(state({ process: { ...own, startTime: 'another' } })));
      await when(({ overview }) => overview?.isRunning === false);
      await changeSettings(folder, (before) => ({ ...before, isPaused: true }));
      await when(({ overview }) => overview?.rests === 'paused');
      writeFileSync(folder.settings, 'x');
      await when(({ error }) => /settings\.json is damaged/.test(String(error)));
      await assert.rejects(
        changeSettings(folder, (before) => before),
        /settings\.json is damaged/,
      );
      rmSync(folder.settings);
      journal.note({ job: 'a', from, to }, 'sent');
      await when(({ overview, error }) => error === undefined && overview?.sent.length === 1);
      journal.close();
    });
  });
});
