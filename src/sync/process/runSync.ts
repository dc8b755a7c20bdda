import { mkdirSync, watch } from 'node:fs';
import path from 'node:path';
import { aside } from '../../base/aside.ts';
import type { BackOff } from '../../base/backOff.ts';
import { type Disposable, DisposableStore, toDisposable } from '../../base/disposable.ts';
import type { Event } from '../../base/event.ts';
import type { Logger } from '../../base/logger.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { type FileLock, lockFile } from '../../files/fileLock.ts';
import { processIdentity } from '../../plane/processIdentity.ts';
import { type KeptSelection, type SyncSettings, type SyncState, syncFormat } from '../../protocol/sync.ts';
import { Journal } from '../folder/journal.ts';
import { isLeft, isSamePlace, type JournalEntry, type Place } from '../folder/journalEntry.ts';
import { readSettings } from '../folder/readSettings.ts';
import type { SyncFolder } from '../folder/syncFolder.ts';
import { readState } from '../folder/syncState.ts';
import { isWithin, nextHour } from './hours.ts';
import { KeptJobs } from './keptJobs.ts';
import { type Connect, Lane } from './lane.ts';
import { Pace } from './paced.ts';
import { PlaceStates } from './placeStates.ts';
import { keepReadPlace, readPlace } from './readPlaces.ts';
import { StateFile } from './stateFile.ts';

export interface SyncProcessOptions {
  folder: SyncFolder;
  connect: Connect;
  /** What opens the control planes may be another one now. */
  onDidChangeTokens?: Event<void>;
  /** It was started by who needed it, and ends when there is nothing left to do. */
  isOnDemand: boolean;
  /** Milliseconds without anything to do after which it ends then. */
  idleMs?: number;
  signal: AbortSignal;
  logger: Logger;
  timers?: Timers;
  /** The time of day: ms since 1970. */
  clock?: () => number;
  backOff?: BackOff;
}

/** Milliseconds for which two that start at the same moment try, so that one of them succeeds. */
const patienceMs = 100;
/** Milliseconds after which the time of day is looked at again at the latest: a machine that slept is late. */
const mostMs = 60_000;

/**
 * Keeps in step what is to be on several control planes, until the signal aborts: sends what waits in the journal, whoever noted it, tries again what did not get through, and notes what
 * is new of what is kept in sync. It holds a lock in the data folder: throws `Conflict` where another process does. It may be killed at any point; the next one goes on.
 */
export async function runSync(options: SyncProcessOptions): Promise<void> {
  mkdirSync(options.folder.path, { recursive: true, mode: 0o700 });
  for (let lock: FileLock | undefined = take(options.folder); lock; ) {
    const run = new SyncRun(options);
    try {
      await run.ended();
    } finally {
      run.dispose();
      lock.release();
    }
    // Somebody may have noted a job just before it was said that nobody sends.
    lock = options.signal.aborted || !hasWork(options.folder) ? undefined : lockFile(options.folder.lock, patienceMs);
  }
}

function take(folder: SyncFolder): FileLock {
  const lock = lockFile(folder.lock, patienceMs);
  if (lock) return lock;
  const owner = readState(folder)?.process;
  throw new UserError(
    'Conflict',
    `Another process${owner ? ` (${owner.pid})` : ''} sends the jobs of ${folder.path} already.`,
    '"updraft sync status" says what it does, "updraft sync stop" ends it.',
  );
}

function hasWork(folder: SyncFolder): boolean {
  const journal = new Journal(folder.journal);
  journal.close();
  return journal.entries.some(isLeft);
}

class SyncRun implements Disposable {
  private readonly options: SyncProcessOptions;
  private readonly timers: Timers;
  private readonly clock: () => number;
  private readonly subscriptions = new DisposableStore();
  private readonly stop = new AbortController();
  private readonly pace: Pace;
  private readonly places: PlaceStates;
  private readonly stateFile: StateFile;
  private readonly journal: Journal;
  private readonly identity = processIdentity(process.pid);
  private settings: SyncSettings;
  private readonly lanes: { lane: Lane; ended: Promise<void> }[] = [];
  private readonly kept: { place: Place; jobs: KeptJobs }[] = [];
  /** Of the files in the folder, and of what is noted. */
  private troubles: { files: string | undefined; disk: string | undefined } = { files: undefined, disk: undefined };
  private hasEnded = false;
  private hourTimer: Disposable | undefined;
  private idleTimer: Disposable | undefined;

  constructor(options: SyncProcessOptions) {
    this.options = options;
    const { folder, logger, timers = systemTimers, clock = Date.now, signal, onDidChangeTokens } = options;
    this.timers = timers;
    this.clock = clock;
    this.journal = new Journal(folder.journal);
    this.subscriptions.add(toDisposable(() => this.journal.close()));
    this.settings = readSettings(folder);
    this.pace = new Pace(timers);
    this.stateFile = this.subscriptions.add(new StateFile({ file: folder.state, state: () => this.state(), timers, logger }));
    this.places = new PlaceStates({ clock, logger, onChange: () => this.stateFile.changed() });
    const watcher = watch(folder.path, (_event, name) => {
      // What this process writes itself is no news to it.
      if (name === null || [folder.journal, folder.settings].some((file) => path.basename(file) === name)) this.look();
    });
    watcher.on('error', (error) => logger.error(`${folder.path} is not watched any more`, error));
    this.subscriptions.add(toDisposable(() => watcher.close()));
    if (onDidChangeTokens) this.subscriptions.add(onDidChangeTokens(() => this.retryNow()));
    const onAbort = () => this.stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort);
    this.subscriptions.add(toDisposable(() => signal.removeEventListener('abort', onAbort)));
    if (signal.aborted) onAbort();
    // What was noted before the folder was watched.
    this.look();
    this.stateFile.write();
  }

  /** Settles when nothing of it is done any more. */
  async ended(): Promise<void> {
    const { signal } = this.stop;
    if (!signal.aborted)
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
      });
    for (const { jobs } of this.kept) jobs.dispose();
    await Promise.all(this.lanes.map(({ ended }) => ended));
  }

  dispose(): void {
    this.hasEnded = true;
    this.hourTimer?.dispose();
    this.idleTimer?.dispose();
    this.stateFile.write();
    this.subscriptions.dispose();
  }

  /** Takes what has changed: in the journal, in the settings, of the time. */
  private look(): void {
    if (this.stop.signal.aborted) return;
    const { folder, logger } = this.options;
    const before = this.settings;
    try {
      this.journal.refresh();
      this.settings = readSettings(folder);
      this.troubles.files = undefined;
    } catch (error) {
      const message = messageOf(error).replaceAll('\n', ' ');
      if (this.troubles.files !== message) logger.error(message);
      this.troubles.files = message;
    }
    this.pace.limit(this.settings.bytesPerSecond);
    this.watchHours();
    for (const entry of this.journal.entries) if (isLeft(entry)) this.openLane(entry.from, entry.to);
    this.followKept(JSON.stringify(before.kept) !== JSON.stringify(this.settings.kept));
    for (const { lane } of this.lanes) lane.look();
    if (this.settings.sendNow !== before.sendNow || (before.isPaused && !this.settings.isPaused)) this.retryNow();
    this.endWhenIdle();
    this.stateFile.changed();
  }

  private retryNow(): void {
    for (const { lane } of this.lanes) lane.retryNow();
    for (const { jobs } of this.kept) jobs.retryNow();
  }

  private openLane(from: Place, to: Place): void {
    if (this.lanes.some(({ lane }) => isSamePlace(lane.from, from) && isSamePlace(lane.to, to))) return;
    const { connect, logger, backOff } = this.options;
    const lane = new Lane({
      from,
      to,
      connect,
      journal: this.journal,
      pace: this.pace,
      places: this.places,
      isAllowed: (entry) => this.isAllowed(entry),
      onChange: () => {
        this.endWhenIdle();
        this.stateFile.changed();
      },
      onTrouble: (message) => {
        if (this.troubles.disk === message) return;
        this.troubles.disk = message;
        if (message) logger.error(message);
        this.stateFile.changed();
      },
      logger,
      timers: this.timers,
      clock: this.clock,
      signal: this.stop.signal,
      ...(backOff ? { backOff } : {}),
    });
    this.lanes.push({ lane, ended: lane.run() });
    aside('sending', this.lanes.at(-1)!.ended, logger);
  }

  /** One follower for each place from which or to which something is kept in sync. */
  private followKept(haveChanged: boolean): void {
    const { folder, connect, logger } = this.options;
    const isOf = (place: Place) => (kept: KeptSelection) => isSamePlace(kept.from, place) || isSamePlace(kept.to, place);
    for (const place of this.settings.kept.flatMap(({ from, to }) => [from, to])) {
      if (this.kept.some((each) => isSamePlace(each.place, place))) continue;
      const jobs = new KeptJobs({
        place,
        selections: () => this.settings.kept.filter(isOf(place)),
        connect,
        journal: this.journal,
        onWant: () => this.look(),
        kept: { read: () => readPlace(folder, place), write: (read) => keepReadPlace(folder, read) },
        become: (trouble) => this.places.become(place, trouble),
        logger,
        timers: this.timers,
      });
      this.kept.push({ place, jobs });
    }
    for (const { place, jobs } of [...this.kept]) {
      const isKept = this.settings.kept.some(isOf(place));
      if (isKept && haveChanged) jobs.selectionsChanged();
      if (isKept) continue;
      jobs.dispose();
      this.kept.splice(
        this.kept.findIndex((each) => each.jobs === jobs),
        1,
      );
    }
  }

  private get isOutsideHours(): boolean {
    const { hours } = this.settings;
    return hours !== undefined && !isWithin(hours, new Date(this.clock()));
  }

  private isAllowed({ at }: JournalEntry): boolean {
    const { isPaused, sendNow } = this.settings;
    return !isPaused && (!this.isOutsideHours || (sendNow !== undefined && at <= sendNow));
  }

  private watchHours(): void {
    this.hourTimer?.dispose();
    if (!this.settings.hours) return;
    const now = this.clock();
    this.hourTimer = this.timers.after(Math.min(mostMs, nextHour(new Date(now)).getTime() - now), () => this.look());
  }

  private endWhenIdle(): void {
    this.idleTimer?.dispose();
    const { isOnDemand, idleMs = 30_000 } = this.options;
    const isBusy = this.settings.kept.length > 0 || this.journal.entries.some(isLeft);
    if (!isOnDemand || isBusy || this.stop.signal.aborted) return;
    this.idleTimer = this.timers.after(idleMs, () => this.stop.abort(new Error('there is nothing to do')));
  }

  private state(): SyncState {
    const { isPaused } = this.settings;
    const trouble = this.troubles.files ?? this.troubles.disk;
    return {
      format: syncFormat,
      at: new Date(this.clock()).toISOString(),
      ...(this.hasEnded || !this.identity ? {} : { process: { ...this.identity, isOnDemand: this.options.isOnDemand } }),
      ...(isPaused ? { rests: 'paused' as const } : this.isOutsideHours ? { rests: 'hours' as const } : {}),
      places: [...this.places.all],
      sending: this.lanes.flatMap(({ lane }) => lane.sending),
      ...(trouble === undefined ? {} : { trouble }),
    };
  }
}
