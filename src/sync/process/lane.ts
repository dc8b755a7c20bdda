import { AsyncLocalStorage } from 'node:async_hooks';
import { type BackOff, growing } from '../../base/backOff.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import type { Timers } from '../../base/timers.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import type { Fetch } from '../../client/http.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { SendingJob } from '../../protocol/sync.ts';
import type { Journal } from '../folder/journal.ts';
import { isLeft, isSamePlace, type JournalEntry, keyOf, type Place } from '../folder/journalEntry.ts';
import { type Pushed, type PushOptions, push } from '../push.ts';
import { Bell } from './bell.ts';
import { Meter, type Pace, pacedDownload, pacedUpload } from './paced.ts';
import type { PlaceStates } from './placeStates.ts';
import { restOf, troubleOf, troubleWith } from './placeTrouble.ts';
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
interface Sending {
  entry: JournalEntry;
  meter: Meter;
  since: number;
  stop: AbortController;
}

/** Why sending of a job ends that may not be sent at this time. */
class Rests extends Error {}

/** What counts the bytes of the job for which a request is made. */
const meters = new AsyncLocalStorage<Meter>();

const textOf = ({ plane, workspace }: Place): string => [plane, workspace].filter(Boolean).join(', ');

/**
 * Sends jobs from one place to another. Jobs that have ended are sent one after the other, in the order in which they were asked for. Jobs that run are followed at the same time, until they have ended. A place that does
 * not answer is tried again, after pauses that grow to a few seconds. A job that fails although both places answer is tried again too, and the others do not wait for it.
 */
export class Lane {
  readonly from: Place;
  readonly to: Place;
  private readonly options: LaneOptions;
  private readonly bell = new Bell();
  private readonly backOff: BackOff;
  private clients: { from: PlaneClient; to: PlaneClient } | undefined;
  private readonly all: Sending[] = [];
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

  /** What is on its way, jobs that run and are followed among them. */
  get sending(): SendingJob[] {
    return this.all.map(({ entry: { job, from, to }, meter, since }) => ({
      job,
      from,
      to,
      since: new Date(since).toISOString(),
      bytes: meter.bytes,
      bytesPerSecond: meter.bytesPerSecond,
    }));
  }

  /** The journal, the settings or the time may be other ones. */
  look(): void {
    for (const { entry, stop } of this.all) if (!this.options.isAllowed(entry)) stop.abort(new Rests());
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
      for (const { stop } of this.all) stop.abort(signal.reason);
      this.bell.ring();
    };
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const entry = this.next();
        if (!entry) await this.bell.rung();
        else if (await this.isConnected()) await this.send(entry);
      }
      while (this.all.length > 0) await this.bell.rung();
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
      (entry) =>
        isLeft(entry) &&
        !this.all.some(({ entry: other }) => keyOf(other) === keyOf(entry)) &&
        isSamePlace(entry.from, this.from) &&
        isSamePlace(entry.to, this.to) &&
        isAllowed(entry),
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
    const meter = () => meters.getStore();
    const fetch: Fetch = (input, init) => globalThis.fetch(input, init);
    // The way that counts is the one to the other machine.
    const goesOut = this.to.plane !== 'local';
    let rest = 0;
    const asked = async (place: Place, work: () => Promise<PlaneClient>): Promise<PlaneClient | undefined> => {
      try {
        const client = await work();
        this.options.places.become(place, undefined);
        return client;
      } catch (error) {
        const trouble = troubleOf(error);
        rest = restOf(trouble);
        this.options.places.become(place, trouble);
        return undefined;
      }
    };
    const from = await asked(this.from, () => connect(this.from, goesOut ? fetch : pacedDownload(fetch, pace, meter)));
    const to = from && (await asked(this.to, () => connect(this.to, goesOut ? pacedUpload(fetch, pace, meter) : fetch)));
    if (!from || !to) {
      this.both.failed(this.options.timers.now(), rest);
      return false;
    }
    this.both.succeeded();
    this.clients = { from, to };
    return true;
  }

  /** Sends a job. Settles when it is done with, or when the job turns out to run: it is followed beside the others then. */
  private send(entry: JournalEntry): Promise<void> {
    const { journal, timers, clock, onChange, signal } = this.options;
    const sending: Sending = { entry, meter: new Meter(timers, onChange), since: clock(), stop: new AbortController() };
    this.all.push(sending);
    onChange();
    return new Promise((resolve, reject) => {
      const onFollowed: PushOptions['onFollowed'] = (followed) => {
        // It is tried again as any other: by then the place may have another address, or another token.
        if ('trouble' in followed) sending.stop.abort(followed.trouble);
        else for (const place of [this.from, this.to]) this.options.places.become(place, undefined);
        resolve();
      };
      const pair = { ...this.clients!, signal: sending.stop.signal };
      const work = meters.run(sending.meter, () => push(pair, journal, [entry], { onFollowed }));
      work
        .then(
          ([pushed]) => this.ended(sending, pushed),
          (error) => (signal.aborted ? undefined : this.failed(entry, error)),
        )
        .finally(() => {
          this.all.splice(this.all.indexOf(sending), 1);
          onChange();
          this.bell.ring();
        })
        .then(resolve, reject);
    });
  }

  private async ended({ entry, stop }: Sending, pushed: Pushed | undefined): Promise<void> {
    const { onTrouble, logger, signal } = this.options;
    const { job } = entry;
    const error = pushed?.failure ? pushed.failure.waits && pushed.failure.error : stop.signal.aborted && stop.signal.reason;
    if (error instanceof Rests || signal.aborted) return;
    onTrouble(undefined);
    if (error) return this.failed(entry, error);
    this.jobs.delete(keyOf(entry));
    logger.info(pushed?.failure ? `${job} was refused: ${messageOf(pushed.failure.error)}` : `${job} is in step with ${textOf(this.to)}`);
  }

  /** Finds out whether a place is away, or it is only this job. */
  private async failed(entry: JournalEntry, error: unknown): Promise<void> {
    const { timers, logger, onTrouble } = this.options;
    if (error instanceof Rests) return;
    if (error instanceof UserError && error.code === 'DiskFull') {
      onTrouble(messageOf(error).replaceAll('\n', ' '));
      return this.both.failed(timers.now());
    }
    // Another job has found out already.
    if (!this.clients) return;
    const { from, to } = this.clients;
    const [ofFrom, ofTo] = await Promise.all([troubleWith(from), troubleWith(to)]);
    this.options.places.become(this.from, ofFrom);
    this.options.places.become(this.to, ofTo);
    if (ofFrom || ofTo) {
      this.clients = undefined;
      this.both.failed(timers.now(), Math.max(restOf(ofFrom), restOf(ofTo)));
      return;
    }
    logger.warn(`${entry.job} was not sent, and is tried again: ${messageOf(error)}`);
    if (!(error instanceof UserError)) logger.error(`sending ${entry.job}`, error);
    const retry = this.jobs.get(keyOf(entry)) ?? new Retry(this.backOff);
    retry.failed(timers.now());
    this.jobs.set(keyOf(entry), retry);
  }
}
