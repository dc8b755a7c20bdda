import { type BackOff, growing } from '../../base/backOff.ts';
import type { Disposable } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/event.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import { messageOf } from '../../base/userError.ts';
import { type Change, type ChangeKind, FeedCursor, isKnown, SentChange } from '../../protocol/change.ts';
import { check } from '../../protocol/check.ts';
import type { Http } from '../http.ts';
import { type ServerSentEvent, serverSentEvents } from './serverSentEvents.ts';

/** `live` once the plane has said from where it sends changes. `connecting` at first, and while the stream rests. */
export type ChangeStreamState = 'connecting' | 'live' | 'disconnected';

/** What those need who follow a plane, whoever keeps the stream. */
export interface ChangeFeed {
  readonly state: string;
  readonly onDidChange: Event<Change>;
  /** There may be a gap: read everything anew. */
  readonly onDidReset: Event<void>;
  /** The new state; of interest is `live`. */
  readonly onDidChangeState: Event<string>;
}

export interface ChangeStreamOptions {
  /** Changes after it are sent. Undefined starts at now. */
  since?: FeedCursor;
  /** The kinds of changes that are sent; all when absent. A plane has no work with others, so whoever does not look at metrics and logs says so. */
  kinds?: readonly ChangeKind[];
  /** Milliseconds in which metrics and lines of logs are gathered to one change a job: for whoever shows many jobs. Absent: they come as they are logged. */
  every?: number;
  /** Called before each reconnect, after the wait: may start the plane again. Answers the connection to use from now on. */
  reconnect?: () => Promise<Http>;
  backOff?: BackOff;
  timers?: Timers;
  logger?: Logger;
}

/** The plane writes something every 15 s. After this long without a byte, in milliseconds, the connection is taken for dead. */
const silenceMs = 45_000;
/** A connection that was live for so long, in milliseconds, or that brought a change, was a good one: the next wait is short again. */
const steadyMs = 5000;

function queryOf(cursor: FeedCursor | undefined, kinds: readonly ChangeKind[] | undefined, every: number | undefined): string {
  const query = new URLSearchParams();
  if (cursor) {
    query.set('plane', cursor.plane);
    if (cursor.epoch !== undefined) query.set('epoch', cursor.epoch);
    query.set('since', String(cursor.seq));
  }
  if (kinds) query.set('kinds', kinds.join(','));
  if (every !== undefined) query.set('every', String(every));
  return query.size ? `?${query}` : '';
}

/** Why a connection was given up that nothing was wrong with. */
const resting = new Error('the change feed rests');

/**
 * The change feed of one plane: backfill from the cursor, then live, through reconnects without a gap or a repeat.
 * `onDidChange` gets every change in order. `onDidReset` says that a gap is possible (another plane, or a cursor too old): read everything anew.
 * What this program does not understand is passed over. `follow` is the rule for those who keep a copy of what a plane has.
 */
export class ChangeStream implements ChangeFeed, Disposable {
  private readonly changes: Emitter<Change>;
  private readonly states: Emitter<ChangeStreamState>;
  private readonly resets: Emitter<void>;
  private readonly permissions: Emitter<void>;
  readonly onDidChange: Event<Change>;
  readonly onDidChangeState: Event<ChangeStreamState>;
  readonly onDidReset: Event<void>;
  /** Who reads may other things in the workspace than before, or sees other workspaces. What changed while nothing was heard is not told. */
  readonly onDidChangePermissions: Event<void>;
  /** Settles when it is live for the first time, or has failed to be. */
  readonly settled: Promise<void>;

  state: ChangeStreamState = 'connecting';
  private cursor: FeedCursor | undefined;
  private readonly kinds: readonly ChangeKind[] | undefined;
  private readonly every: number | undefined;
  private http: Http;
  private connection = new AbortController();
  private wake: () => void = () => {};
  private isPaused = false;
  private isDisposed = false;
  /** When it became live, and whether a change has come since. */
  private liveSince: number | undefined;
  private hasBrought = false;
  private readonly passedOver = new Set<string>();
  private readonly reconnect: (() => Promise<Http>) | undefined;
  private readonly backOff: BackOff;
  private readonly timers: Timers;
  private readonly logger: Logger;

  constructor(http: Http, options: ChangeStreamOptions = {}) {
    this.http = http;
    this.cursor = options.since;
    this.kinds = options.kinds;
    this.every = options.every;
    this.reconnect = options.reconnect;
    this.backOff = options.backOff ?? growing(100, 5000);
    this.timers = options.timers ?? systemTimers;
    this.logger = options.logger ?? silentLogger;
    const failed = (of: string) => (error: unknown) => this.logger.error(`a listener for the ${of} of the change feed failed`, error);
    this.changes = new Emitter(failed('changes'));
    this.states = new Emitter(failed('state'));
    this.resets = new Emitter(failed('resets'));
    this.permissions = new Emitter(failed('permissions'));
    this.onDidChange = this.changes.event;
    this.onDidChangeState = this.states.event;
    this.onDidReset = this.resets.event;
    this.onDidChangePermissions = this.permissions.event;
    this.settled = new Promise((resolve) => {
      const first = this.onDidChangeState(() => {
        first.dispose();
        resolve();
      });
    });
    this.run().catch((error) => this.logger.error('the change feed ended', error));
  }

  /** The place after the newest change that was delivered. */
  get place(): FeedCursor | undefined {
    return this.cursor;
  }

  /** Holds no connection until `resume`, which goes on from the same place. */
  pause(): void {
    this.isPaused = true;
    this.connection.abort(resting);
    this.wake();
  }

  resume(): void {
    this.isPaused = false;
    this.wake();
  }

  /** Does not wait any longer before it connects again. */
  retryNow(): void {
    if (!this.isPaused) this.wake();
  }

  dispose(): void {
    this.isDisposed = true;
    this.connection.abort();
    this.wake();
    for (const emitter of [this.changes, this.states, this.resets, this.permissions]) emitter.dispose();
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.isDisposed) {
      if (this.isPaused) {
        this.setState('connecting');
        await this.wait();
        continue;
      }
      await this.read().catch((error) => this.logger.debug(`change feed: ${messageOf(error)}`));
      if (this.isDisposed) return;
      if (this.connection.signal.reason === resting) {
        failures = 0;
        continue;
      }
      if (this.hasBrought || (this.liveSince !== undefined && this.timers.now() - this.liveSince >= steadyMs)) failures = 0;
      this.setState('disconnected');
      await this.wait(this.backOff(failures++));
      if (this.reconnect && !this.isDisposed && !this.isPaused) this.http = await this.reconnect().catch(() => this.http);
    }
  }

  /** One connection, until it ends. */
  private async read(): Promise<void> {
    const connection = new AbortController();
    this.connection = connection;
    this.liveSince = undefined;
    this.hasBrought = false;
    const silence = this.watchSilence(connection);
    const query = queryOf(this.cursor, this.kinds, this.every);
    try {
      const { signal } = connection;
      const response = await this.http.send('GET', `/changes${query}`, { signal, headers: { accept: 'text/event-stream' } });
      silence.heard();
      if (!response.body) throw new Error('the answer has no body');
      for await (const event of serverSentEvents(response.body, { signal, onBytes: silence.heard })) {
        if (signal.aborted) return;
        if (event.event === 'start' || event.event === 'reset') this.start(event);
        else if (event.event === 'passed') this.pass(event);
        else if (event.event === 'permissions') this.permissions.fire();
        else if (event.event === 'change') this.take(event);
      }
    } finally {
      silence.dispose();
      connection.abort();
    }
  }

  private start({ event, data }: ServerSentEvent): void {
    const before = this.cursor;
    const now = check(FeedCursor, JSON.parse(data), 'The place in the change feed');
    this.cursor = now;
    this.liveSince ??= this.timers.now();
    this.setState('live');
    if (event === 'reset' || (before && (before.plane !== now.plane || before.seq !== now.seq))) this.resets.fire();
  }

  /** Changes were left out, which are of other workspaces or kinds, or another epoch has begun. */
  private pass({ data }: ServerSentEvent): void {
    const place = check(FeedCursor, JSON.parse(data), 'The place in the change feed');
    if (this.cursor && place.seq >= this.cursor.seq) this.cursor = place;
  }

  private take({ data, id }: ServerSentEvent): void {
    const { cursor } = this;
    if (!cursor) throw new Error('a change came before the place from where changes are sent');
    let sent: SentChange | undefined;
    try {
      sent = check(SentChange, JSON.parse(data), 'A change');
    } catch (error) {
      this.passOver('malformed', messageOf(error));
    }
    // The event's id is the same number: it also counts a change that can't be read.
    const seq = sent?.seq ?? (/^\d+$/.test(id) ? Number(id) : undefined);
    if (seq === undefined || seq <= cursor.seq) return;
    this.cursor = { ...cursor, seq };
    this.hasBrought = true;
    if (!sent) return;
    if (isKnown(sent)) this.changes.fire(sent);
    else this.passOver(`kind ${sent.kind}`, `this version does not know the kind "${sent.kind}"`);
  }

  private passOver(what: string, why: string): void {
    // A plane could send any number of kinds.
    if (this.passedOver.has(what) || this.passedOver.size >= 100) return;
    this.passedOver.add(what);
    this.logger.warn(`changes are passed over: ${why}`);
  }

  /** Aborts a connection from which nothing was heard for too long. */
  private watchSilence(connection: AbortController): { heard: () => void; dispose: () => void } {
    let last = this.timers.now();
    let timer: Disposable;
    const look = () => {
      const left = last + silenceMs - this.timers.now();
      if (left > 0) timer = this.timers.after(left, look);
      else connection.abort(new Error(`nothing was heard for ${silenceMs / 1000} s`));
    };
    look();
    return {
      heard: () => {
        last = this.timers.now();
      },
      dispose: () => timer.dispose(),
    };
  }

  /** Waits so many milliseconds, or until it is woken. */
  private wait(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Disposable | undefined;
      this.wake = () => {
        timer?.dispose();
        this.wake = () => {};
        resolve();
      };
      if (ms !== undefined) timer = this.timers.after(ms, () => this.wake());
    });
  }

  private setState(state: ChangeStreamState): void {
    if (this.state === state || this.isDisposed) return;
    this.state = state;
    this.states.fire(state);
  }
}
