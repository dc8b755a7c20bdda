import { type FSWatcher, mkdirSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import type { SyncState } from '../../protocol/sync.ts';
import { isRunning } from '../process/isRunning.ts';
import type { JournalEntry } from './journalEntry.ts';
import { overviewOf, type SyncOverview } from './overview.ts';
import { readJournal } from './readJournal.ts';
import { readSettings } from './readSettings.ts';
import type { SyncFolder } from './syncFolder.ts';
import { readState } from './syncState.ts';

/** Milliseconds in which several writes are one piece of news. */
const gatherMs = 100;
/** Milliseconds for which a process is believed to live. While jobs are on their way it writes more often than that. */
const believedMs = 5000;

/** How sending is doing, kept up to date by watching the files of a data folder. Nothing is asked while nothing is written, but whether a process that is sending still lives. */
export class OverviewWatch implements Disposable {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  /** Undefined when the files can't be read: `error` says why. */
  overview: SyncOverview | undefined;
  error: unknown;
  private readonly folder: SyncFolder;
  private readonly timers: Timers;
  private readonly watcher: FSWatcher;
  private timer: Disposable | undefined;
  private journal: { version: string; entries: JournalEntry[] } | undefined;
  private process: { key: string; isRunning: boolean; at: number } | undefined;

  constructor(folder: SyncFolder, timers: Timers = systemTimers) {
    this.folder = folder;
    this.timers = timers;
    mkdirSync(folder.path, { recursive: true, mode: 0o700 });
    const names = [folder.journal, folder.settings, folder.state].map((file) => path.basename(file));
    this.watcher = watch(folder.path, (_event, name) => {
      if (name === null || names.includes(name)) this.readIn(gatherMs);
    });
    this.watcher.on('error', (error) => {
      this.error = error;
      this.changes.fire();
    });
    this.read();
  }

  dispose(): void {
    this.timer?.dispose();
    this.watcher.close();
    this.changes.dispose();
  }

  private readIn(ms: number): void {
    this.timer?.dispose();
    this.timer = this.timers.after(ms, () => this.read());
  }

  private read(): void {
    this.timer?.dispose();
    this.timer = undefined;
    const { folder } = this;
    try {
      const state = readState(folder);
      this.overview = overviewOf(this.entries(), readSettings(folder), state, this.lives(state));
      this.error = undefined;
      if (this.overview.sending.length > 0) this.readIn(2 * believedMs);
    } catch (error) {
      this.overview = undefined;
      this.error = error;
    }
    this.changes.fire();
  }

  /** The journal may be long: it is read when it was written. */
  private entries(): JournalEntry[] {
    const { journal: file } = this.folder;
    const stat = statSync(file, { throwIfNoEntry: false });
    const version = stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : '';
    if (this.journal?.version !== version) this.journal = { version, entries: readJournal(file) };
    return this.journal.entries;
  }

  private lives(state: SyncState | undefined): boolean {
    if (!state?.process) return false;
    const key = JSON.stringify(state.process);
    const now = this.timers.now();
    const known = this.process;
    if (known?.key === key && now - known.at <= believedMs) return known.isRunning;
    this.process = { key, isRunning: isRunning(state), at: now };
    return this.process.isRunning;
  }
}
