import { growing } from '../../../base/backOff.ts';
import { type Disposable, DisposableStore } from '../../../base/disposable.ts';
import { Emitter } from '../../../base/event.ts';
import { systemTimers, type Timers } from '../../../base/timers.ts';
import { UserError } from '../../../base/userError.ts';
import { ChangeStream } from '../../../client/feed/changeStream.ts';
import { LookUps } from '../../../client/feed/lookUps.ts';
import type { Connection } from '../../../client/http.ts';
import { allPages, PlaneClient } from '../../../client/planeClient.ts';
import { listRegistries } from '../../../client/registries.ts';
import type { Workspace } from '../../../protocol/infrastructure.ts';
import type { PlaneSession } from '../../../protocol/planeSession.ts';

/** `idle` until somebody looks. `away`: it does not answer, and is asked again. `refused`: its answer is no. */
export type SharedPlaneState = 'idle' | 'connecting' | 'live' | 'away' | 'signedOut' | 'refused';

/** What was seen of a plane when it last answered, which stands while it is away. */
export interface Seen {
  /** Milliseconds since 1970. */
  at: number;
  workspaces: Pick<Workspace, 'id' | 'name'>[];
  /** Names of registries; absent in what an older version has kept. */
  registries?: string[];
}

interface Options {
  url: string;
  session: () => Promise<PlaneSession | undefined>;
  /** Where what was seen is kept over a reload of the window. */
  seen: { read(): Seen | undefined; write(seen: Seen): void };
  fetch?: Connection['fetch'];
  timers?: Timers;
  /** The time of day. */
  clock?: () => number;
}

/** Milliseconds after which a plane that says nothing counts as away. */
const patienceMs = 20_000;
/** Milliseconds between two times at which it is told anew how long ago a plane was seen. */
const tellMs = 30_000;

/** A shared plane as the Workspaces view shows it: its workspaces and registries, kept up to date while somebody looks, and whether it answers. */
export class SharedPlane implements Disposable {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  readonly url: string;
  state: SharedPlaneState = 'idle';
  /** Why it is `away`, `signedOut` or `refused`. */
  error: unknown;
  session: PlaneSession | undefined;
  private readonly subscriptions = new DisposableStore();
  private readonly lookUps: LookUps<'it'>;
  private readonly options: Options;
  private readonly timers: Timers;
  private stream: ChangeStream | undefined;
  private followed = '';
  private telling: Disposable | undefined;

  constructor(options: Options) {
    this.options = options;
    this.url = options.url;
    this.timers = options.timers ?? systemTimers;
    this.lookUps = this.subscriptions.add(
      new LookUps({ read: () => this.read(), backOff: growing(1000, 30_000), ...(options.timers ? { timers: options.timers } : {}) }),
    );
  }

  get seen(): Seen | undefined {
    return this.options.seen.read();
  }

  /** Somebody looks: it is contacted, unless it is already. */
  look(): void {
    if (this.state === 'idle') {
      this.become('connecting');
      this.lookUps.ask('it');
    } else this.stream?.resume();
  }

  /** Nobody looks: no connection is held. */
  rest(): void {
    this.stream?.pause();
  }

  /** Settles when it has answered, or it is known why not. Contacts it where nobody has yet. */
  async settled(): Promise<void> {
    this.look();
    // Somebody has signed in a moment ago, and it was not asked since.
    if (this.state === 'signedOut' && !this.session && (await this.options.session()) && (this.state as SharedPlaneState) === 'signedOut') {
      this.become('connecting');
      this.retry();
    }
    if (this.state !== 'connecting') return;
    await new Promise<void>((resolve) => {
      const subscription = this.onDidChange(() => {
        if (this.state === 'connecting') return;
        subscription.dispose();
        resolve();
      });
    });
  }

  /** Asks again at once. */
  retry(): void {
    this.lookUps.ask('it');
    this.lookUps.retryNow();
    this.stream?.retryNow();
  }

  dispose(): void {
    this.unfollow();
    this.telling?.dispose();
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private async read(): Promise<void> {
    this.session = await this.options.session();
    if (!this.session) {
      this.unfollow();
      return this.become('signedOut');
    }
    // Whoever looks now waits for its answer.
    if (this.state === 'signedOut') this.become('connecting');
    const { url, fetch } = this.options;
    const connection = { url, token: this.session.token, ...(fetch ? { fetch } : {}) };
    const client = new PlaneClient({ ...connection, patienceMs });
    try {
      const [found, registries] = await Promise.all([
        Array.fromAsync(allPages((next) => client.listWorkspaces(next))),
        listRegistries(client),
      ]);
      const workspaces = found.map(({ id, name }) => ({ id, name })).sort((a, b) => a.name.localeCompare(b.name));
      this.options.seen.write({ at: this.now(), workspaces, registries: registries.map(({ name }) => name) });
      this.follow(connection, workspaces[0]?.name);
      this.become('live');
    } catch (error) {
      const isSignedOut = error instanceof UserError && error.code === 'Unauthorized';
      const isAnswer = error instanceof UserError && error.code !== 'PlaneUnreachable' && error.code !== 'RemoteError';
      if (isSignedOut || isAnswer) this.unfollow();
      this.become(isSignedOut ? 'signedOut' : isAnswer ? 'refused' : 'away', error);
      if (!isSignedOut && !isAnswer) throw error;
    }
  }

  /** Hears of changes by the feed of a workspace: of the lists of workspaces and registries, and of what the member may. */
  private follow(connection: Connection, workspace: string | undefined): void {
    const key = workspace === undefined ? '' : `${connection.token} ${workspace}`;
    if (key === this.followed) return;
    this.unfollow();
    this.followed = key;
    if (workspace === undefined) return;
    const { http } = new PlaneClient({ ...connection, workspace });
    const stream = new ChangeStream(http, { kinds: ['workspace', 'registry'], timers: this.timers });
    this.stream = stream;
    const ask = () => this.lookUps.ask('it');
    stream.onDidChange(ask);
    stream.onDidReset(ask);
    stream.onDidChangePermissions(ask);
    stream.onDidChangeState((state) => {
      // A feed that ends tells that something is wrong; what it is, the next look tells.
      if (state === 'disconnected') ask();
      else if (state === 'live' && this.state !== 'live') this.retry();
    });
  }

  private unfollow(): void {
    this.stream?.dispose();
    this.stream = undefined;
    this.followed = '';
  }

  private become(state: SharedPlaneState, error?: unknown): void {
    const { seen } = this;
    if (state === 'away' && this.state === 'live' && seen) this.options.seen.write({ ...seen, at: this.now() });
    this.state = state;
    this.error = error;
    this.tellLater();
    this.changes.fire();
  }

  /** While it is away, time passes that is shown. */
  private tellLater(): void {
    this.telling?.dispose();
    this.telling =
      this.state === 'away'
        ? this.timers.after(tellMs, () => {
            this.changes.fire();
            this.tellLater();
          })
        : undefined;
  }

  private now(): number {
    return (this.options.clock ?? Date.now)();
  }
}
