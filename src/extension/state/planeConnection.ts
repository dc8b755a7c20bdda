import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import { type ChangeFeed, ChangeStream } from '../../client/feed/changeStream.ts';
import type { Connection } from '../../client/http.ts';
import { PlaneClient, type WrittenJob } from '../../client/planeClient.ts';
import { type Change, changeKinds } from '../../protocol/change.ts';
import type { PlaneLock } from '../../protocol/plane.ts';

export type ConnectionState = 'idle' | 'connecting' | 'live' | 'disconnected' | 'failed';

/** Where the plane is; tests add their own `fetch`. */
type Found = PlaneLock & Pick<Connection, 'fetch'>;

/** Whoever shows metrics has a feed of its own, in which they are gathered. */
const kinds = changeKinds.filter((kind) => kind !== 'metric');

/** This window's line to the plane: one client and one change feed, made when first asked for, and again whenever the plane comes back. */
export class PlaneConnection implements ChangeFeed, Disposable {
  private readonly states = new Emitter<ConnectionState>();
  private readonly changes = new Emitter<Change>();
  private readonly resets = new Emitter<void>();
  private readonly writtenJobs = new Emitter<WrittenJob>();
  readonly onDidChangeState = this.states.event;
  readonly onDidChange = this.changes.event;
  /** Changes may have been missed: whoever keeps something reads it anew. */
  readonly onDidReset = this.resets.event;
  /** A job that a write of this window was answered with. */
  readonly onDidWriteJob = this.writtenJobs.event;

  state: ConnectionState = 'idle';
  /** Why `state` is `failed`. */
  error: unknown;
  lock: Found | undefined;
  private connecting: Promise<PlaneClient> | undefined;
  private current: PlaneClient | undefined;
  private readonly feed = new DisposableStore();
  private stream: ChangeStream | undefined;
  private readonly abort = new AbortController();
  private readonly find: (signal: AbortSignal) => Promise<Found>;
  private readonly logger: Logger;
  private readonly timers: Timers;

  /** `find` answers the plane's lock and starts the plane where there is none. */
  constructor(find: (signal: AbortSignal) => Promise<Found>, logger: Logger = silentLogger, timers: Timers = systemTimers) {
    this.find = find;
    this.logger = logger;
    this.timers = timers;
  }

  /** A client of the living plane. Throws what `find` throws; the next call tries again. */
  client(): Promise<PlaneClient> {
    if (this.current) return Promise.resolve(this.current);
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  /** Does not wait any longer before it connects again. */
  retryNow(): void {
    this.stream?.retryNow();
  }

  dispose(): void {
    this.abort.abort();
    this.feed.dispose();
    for (const emitter of [this.states, this.changes, this.resets, this.writtenJobs]) emitter.dispose();
  }

  private async connect(): Promise<PlaneClient> {
    this.setState('connecting');
    try {
      const client = await this.adopt();
      // The feed starts at the newest change of this moment: what is read after this call has everything before it.
      const { id, epoch, seq } = await client.status();
      const { logger, timers } = this;
      const reconnect = async () => (await this.adopt()).http;
      const stream = this.feed.add(new ChangeStream(client.http, { since: { plane: id, epoch, seq }, kinds, reconnect, logger, timers }));
      this.stream = stream;
      stream.onDidChange((change) => this.changes.fire(change));
      stream.onDidReset(() => this.resets.fire());
      stream.onDidChangeState((state) => this.setState(state));
      this.current = client;
      this.error = undefined;
      this.setState('live');
      return client;
    } catch (error) {
      this.error = error;
      this.setState('failed');
      throw error;
    }
  }

  private async adopt(): Promise<PlaneClient> {
    this.lock = await this.find(this.abort.signal);
    const client = new PlaneClient(this.lock);
    client.onDidWriteJob((written) => this.writtenJobs.fire(written));
    if (this.current) this.current = client;
    return client;
  }

  private setState(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.states.fire(state);
  }
}
