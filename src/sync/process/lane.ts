import { type BackOff, growing } from '../../base/backOff.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import type { Timers } from '../../base/timers.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import type { Fetch } from '../../client/http.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { SendingJob } from '../../protocol/sync.ts';
import type { Journal } from '../journal.ts';
import { isSamePlace, type JournalEntry, keyOf, type Place } from '../journalEntry.ts';
import { Meter, type Pace, pacedDownload, pacedUpload } from '../paced.ts';
import { push } from '../push.ts';
import { Bell } from './bell.ts';
import type { PlaceStates } from './placeStates.ts';
import { troubleOf, troubleWith } from './placeTrouble.ts';
import { Retry } from './retry.ts';

/** A client of a place, whose requests go by `fetch`. Throws why there is none. */
export type Connect = (place: Place, fetch?: Fetch) => Promise<PlaneClient>;

export interface LaneOptions {
  from: Place;
  to: Place;
  connect: Connect;
  journal: Journal;
  pace: Pace;
  places: Pick<PlaceStates, 'become'>;
  /** Whether an entry may be sent at this time. */
  isAllowed(entry: JournalEntry): boolean;
  /** There is something new to tell of it. */
  onChange(): void;
  /** What keeps this machine from going on, such as a full disk; undefined: nothing any more. */
  onTrouble(message: string | undefined): void;
  logger: Logger;
  timers: Timers;
  /** ms since 1970. */
  clock(): number;
  signal: AbortSignal;
  backOff?: BackOff;
}

/** A job that is being sent. */
interface Current {
  entry: JournalEntry;
  meter: Meter;
  since: number;
  stop: AbortController;
}

const textOf = ({ plane, workspace }: Place): string => [plane, workspace].filter(Boolean).join(', ');

/**
 * Sends what waits to be sent from one place to another, one job after the other, in the order in which they were asked for. A place that is away is tried again, after pauses that grow
 * to a few seconds; a job that fails though both places answer lets the others pass, and is tried again, too.
 */
export class Lane {
  readonly from: Place;
  readonly to: Place;
  private readonly options: LaneOptions;
  private readonly bell = new Bell();
  private readonly backOff: BackOff;
  private clients: { from: PlaneClient; to: PlaneClient } | undefined;
  private current: Current | undefined;
  /** Of both places together. */
  private readonly both: Retry;
  /** Of the jobs that failed though both places answered. */
  private readonly jobs = new Map<string, Retry>();
  private timer: Disposable | undefined;

  constructor(options: LaneOptions) {
    this.options = options;
    this.from = options.from;
    this.to = options.to;
    this.backOff = options.backOff ?? growing(500, 5000);
    this.both = new Retry(this.backOff);
  }

  /** What is on its way. */
  get sending(): SendingJob | undefined {
    if (!this.current) return undefined;
    const { entry, meter, since } = this.current;
    const { job, from, to } = entry;
    return { job, from, to, since: new Date(since).toISOString(), bytes: meter.bytes, bytesPerSecond: meter.bytesPerSecond };
  }

  /** The journal, the settings or the time may be other ones. */
  look(): void {
    const { current } = this;
    if (current && !this.options.isAllowed(current.entry)) current.stop.abort(new Error('sending rests'));
    this.bell.ring();
  }

  /** What failed is tried again at once. */
  retryNow(): void {
    this.both.notBefore = 0;
    for (const retry of this.jobs.values()) retry.notBefore = 0;
    this.bell.ring();
  }

  /** Settles when the signal has aborted, and nothing of it is done any more. */
  async run(): Promise<void> {
    const { signal } = this.options;
    const onAbort = () => {
      this.current?.stop.abort(signal.reason);
      this.bell.ring();
    };
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const entry = this.next();
        if (!entry) await this.bell.rung();
        else if (await this.isConnected()) await this.send(entry);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.timer?.dispose();
    }
  }

  /** The first job that may be tried now. Arms the timer for the next one that may be tried later. */
  private next(): JournalEntry | undefined {
    const { journal, isAllowed, timers } = this.options;
    this.timer?.dispose();
    const now = timers.now();
    const waiting = journal.entries.filter(
      (entry) => entry.state === 'waiting' && isSamePlace(entry.from, this.from) && isSamePlace(entry.to, this.to) && isAllowed(entry),
    );
    let soonest = Number.POSITIVE_INFINITY;
    for (const entry of waiting) {
      const due = Math.max(this.both.notBefore, this.jobs.get(keyOf(entry))?.notBefore ?? 0);
      if (due <= now) return entry;
      soonest = Math.min(soonest, due);
    }
    if (soonest < Number.POSITIVE_INFINITY) this.timer = timers.after(soonest - now, () => this.bell.ring());
    return undefined;
  }

  private async isConnected(): Promise<boolean> {
    if (this.clients) return true;
    const { connect, pace } = this.options;
    const meter = () => this.current?.meter;
    const fetch: Fetch = (input, init) => globalThis.fetch(input, init);
    // The way that counts is the one to the other machine.
    const goesOut = this.to.plane !== 'local';
    const from = await this.asked(this.from, () => connect(this.from, goesOut ? fetch : pacedDownload(fetch, pace, meter)));
    const to = from && (await this.asked(this.to, () => connect(this.to, goesOut ? pacedUpload(fetch, pace, meter) : fetch)));
    if (!from || !to) {
      this.both.failed(this.options.timers.now());
      return false;
    }
    this.both.succeeded();
    this.clients = { from, to };
    return true;
  }

  private async asked(place: Place, work: () => Promise<PlaneClient>): Promise<PlaneClient | undefined> {
    try {
      const client = await work();
      this.options.places.become(place, undefined);
      return client;
    } catch (error) {
      this.options.places.become(place, troubleOf(error));
      return undefined;
    }
  }

  private async send(entry: JournalEntry): Promise<void> {
    const { journal, timers, clock, onChange, onTrouble, logger, signal } = this.options;
    const stop = new AbortController();
    const { job } = entry;
    this.current = { entry, meter: new Meter(timers, onChange), since: clock(), stop };
    onChange();
    try {
      const [pushed] = await push({ ...this.clients!, signal: stop.signal }, journal, [entry]);
      onTrouble(undefined);
      if (pushed?.failure?.waits) await this.failed(entry, pushed.failure.error);
      else {
        this.jobs.delete(keyOf(entry));
        logger.info(
          pushed?.failure ? `${job} was refused: ${messageOf(pushed.failure.error)}` : `${job} is in step with ${textOf(this.to)}`,
        );
      }
    } catch (error) {
      // It waits: this process ends, or sending rests.
      if (stop.signal.aborted || signal.aborted) return;
      if (error instanceof UserError && error.code === 'DiskFull') {
        onTrouble(messageOf(error).replaceAll('\n', ' '));
        this.both.failed(timers.now());
      } else await this.failed(entry, error);
    } finally {
      this.current = undefined;
      onChange();
    }
  }

  /** Finds out whether a place is away, or it is only this job. */
  private async failed(entry: JournalEntry, error: unknown): Promise<void> {
    const { timers, logger } = this.options;
    const { from, to } = this.clients!;
    const [ofFrom, ofTo] = await Promise.all([troubleWith(from), troubleWith(to)]);
    this.options.places.become(this.from, ofFrom);
    this.options.places.become(this.to, ofTo);
    if (ofFrom || ofTo) {
      this.clients = undefined;
      this.both.failed(timers.now());
      return;
    }
    logger.warn(`${entry.job} was not sent, and is tried again: ${messageOf(error)}`);
    if (!(error instanceof UserError)) logger.error(`sending ${entry.job}`, error);
    const retry = this.jobs.get(keyOf(entry)) ?? new Retry(this.backOff);
    retry.failed(timers.now());
    this.jobs.set(keyOf(entry), retry);
  }
}
