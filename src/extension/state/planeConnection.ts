import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import { UserError } from '../../base/userError.ts';
import { type ChangeFeed, ChangeStream } from '../../client/feed/changeStream.ts';
import type { Connection } from '../../client/http.ts';
import { isPassing } from '../../client/isPassing.ts';
import { PlaneClient, type WrittenJob } from '../../client/planeClient.ts';
import { defaultWorkspace, type WorkspaceRef } from '../../protocol/arm.ts';
import { type Change, changeKinds } from '../../protocol/change.ts';

/** `signedOut`: the plane is a shared one, which lets in by what the person has no longer. */
export type ConnectionState = 'idle' | 'connecting' | 'live' | 'disconnected' | 'failed' | 'signedOut';

/** Where the plane is, how to be let in, and which of its workspaces this window is about; absent: the plane's first one. */
export interface Found extends Pick<Connection, 'url' | 'token' | 'fetch' | 'whenAway'> {
  workspace?: WorkspaceRef;
}

/** Finds a plane. A shared one is somewhere else, and is not started from here. */
export interface Finder {
  /** Throws `Unauthorized` where a shared plane does not let in. */
  find(signal: AbortSignal): Promise<Found>;
  isShared?: boolean;
  /** The workspace that it is about, as far as that is known before it was found. */
  workspace?: WorkspaceRef;
}

/** Whoever shows metrics has a feed of its own, in which they are gathered. */
const kinds = changeKinds.filter((kind) => kind !== 'metric');

/**
 * This window's line to the plane: one client and one change feed, made when first asked for, and again whenever the plane comes back. It can be led to another workspace, on the same plane or on another:
 * whoever keeps something is told by a reset, and asks by `ask`, so that no answer of the place before is taken for one of the new.
 */
export class PlaneConnection implements ChangeFeed, Disposable {
  private readonly states = new Emitter<ConnectionState>();
  private readonly changes = new Emitter<Change>();
  private readonly resets = new Emitter<void>();
  private readonly writtenJobs = new Emitter<WrittenJob>();
  private readonly permissions = new Emitter<void>();
  private readonly moves = new Emitter<void>();
  readonly onDidChangeState = this.states.event;
  readonly onDidChange = this.changes.event;
  /** Changes may have been missed: whoever keeps something reads it anew. */
  readonly onDidReset = this.resets.event;
  /** What the person may here may be other than before. */
  readonly onDidChangePermissions = this.permissions.event;
  /** It is about another workspace from now on. A reset follows. */
  readonly onDidMove = this.moves.event;
  /** A job that a write of this window was answered with. */
  readonly onDidWriteJob = this.writtenJobs.event;

  state: ConnectionState = 'idle';
  /** Why it is not live. */
  error: unknown;
  /** How it was reached last. */
  connection: Connection | undefined;
  /** When the plane was last heard of, in milliseconds since 1970; undefined: never, in this workspace. */
  lastSeen: number | undefined;
  private connecting: Promise<PlaneClient> | undefined;
  private current: PlaneClient | undefined;
  private stream: ChangeStream | undefined;
  private abort = new AbortController();
  private finder: Finder;
  private readonly logger: Logger;
  private readonly timers: Timers;

  /** The finder of this machine's plane starts it where there is none. */
  constructor(finder: Finder | Finder['find'], logger: Logger = silentLogger, timers: Timers = systemTimers) {
    this.finder = typeof finder === 'function' ? { find: finder } : finder;
    this.logger = logger;
    this.timers = timers;
  }

  /** Which workspace it is about. */
  get workspace(): WorkspaceRef {
    return this.current?.workspace ?? this.finder.workspace ?? defaultWorkspace;
  }

  /** Whether its plane is shared with others. */
  get isShared(): boolean {
    return this.finder.isShared ?? false;
  }

  /** A client of the living plane. Throws what the finder throws; the next call tries again. */
  client(): Promise<PlaneClient> {
    if (this.current) return Promise.resolve(this.current);
    if (!this.connecting) {
      const connecting = this.connect().finally(() => {
        if (this.connecting === connecting) this.connecting = undefined;
      });
      this.connecting = connecting;
    }
    return this.connecting;
  }

  /** What the plane says. Throws where this window is about another workspace by when it has said so. */
  async ask<T>(question: (client: PlaneClient) => Promise<T>): Promise<T> {
    const { signal } = this.abort;
    const answer = await question(await this.client());
    if (signal.aborted) throw moved();
    return answer;
  }

  /** Is about another workspace from now on. */
  moveTo(finder: Finder): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.finder = finder;
    this.hangUp();
    this.connecting = undefined;
    this.connection = undefined;
    this.lastSeen = undefined;
    this.error = undefined;
    this.setState('idle');
    this.moves.fire();
    this.resets.fire();
  }

  /** Connects again, such as when the person has signed in. */
  again(): void {
    if (this.state === 'idle') return;
    this.hangUp();
    this.connecting = undefined;
    // Who waits for it asks by itself.
    this.client().catch(() => {});
  }

  /** Does not wait any longer before it connects again. */
  retryNow(): void {
    this.stream?.retryNow();
  }

  dispose(): void {
    this.abort.abort();
    this.stream?.dispose();
    for (const emitter of [this.states, this.changes, this.resets, this.writtenJobs, this.permissions, this.moves]) emitter.dispose();
  }

  private async connect(): Promise<PlaneClient> {
    const { signal } = this.abort;
    // One that is away and asked again stays so until it answers.
    if (this.state !== 'disconnected') this.setState('connecting');
    try {
      const client = await this.adopt(signal);
      // The feed starts at the newest change of this moment: what is read after this call has everything before it.
      const { id, epoch, seq } = await client.status();
      if (signal.aborted) throw moved();
      const { logger, timers } = this;
      const reconnect = () => this.reconnect(signal);
      const stream = new ChangeStream(client.http, { since: { plane: id, epoch, seq }, kinds, reconnect, logger, timers });
      this.stream?.dispose();
      this.stream = stream;
      stream.onDidChange((change) => this.changes.fire(change));
      stream.onDidReset(() => this.resets.fire());
      stream.onDidChangePermissions(() => this.permissions.fire());
      stream.onDidChangeState((state) => this.setState(state));
      this.current = client;
      this.error = undefined;
      const hasBeen = this.lastSeen !== undefined;
      this.setState('live');
      // Nobody told what happened since.
      if (hasBeen) this.resets.fire();
      return client;
    } catch (error) {
      // The window is about another place by now, which is where the question goes.
      if (signal.aborted && this.abort.signal !== signal && !this.abort.signal.aborted) return this.client();
      this.error = error;
      this.setState(this.stateAfter(error));
      throw error;
    }
  }

  private async reconnect(signal: AbortSignal): Promise<PlaneClient['http']> {
    try {
      const { http } = await this.adopt(signal);
      // Nobody tells of what changed meanwhile.
      this.permissions.fire();
      return http;
    } catch (error) {
      if (this.isShared && !signal.aborted && !isPassing(error)) {
        this.hangUp();
        this.error = error;
        this.setState(this.stateAfter(error));
      }
      throw error;
    }
  }

  private async adopt(signal: AbortSignal): Promise<PlaneClient> {
    const found = await this.finder.find(signal);
    if (signal.aborted) throw moved();
    const { workspace, ...connection } = found;
    this.connection = { ...connection, ...(workspace ? { workspace: workspace.workspace } : {}) };
    const client = new PlaneClient(this.connection, workspace);
    client.onDidWriteJob((written) => !signal.aborted && this.writtenJobs.fire(written));
    if (this.current) this.current = client;
    return client;
  }

  private hangUp(): void {
    this.stream?.dispose();
    this.stream = undefined;
    this.current = undefined;
  }

  /** A shared plane that can't be reached comes back by itself; this machine's could not be started. */
  private stateAfter(error: unknown): ConnectionState {
    if (!this.isShared) return 'failed';
    if (error instanceof UserError && error.code === 'Unauthorized') return 'signedOut';
    return isPassing(error) ? 'disconnected' : 'failed';
  }

  private setState(state: ConnectionState): void {
    if (state === 'live' || this.state === 'live') this.lastSeen = Date.now();
    if (this.state === state) return;
    this.state = state;
    this.states.fire(state);
  }
}

const moved = () => new UserError('PlaneUnreachable', 'The window is about another workspace now.', 'Ask again.');
