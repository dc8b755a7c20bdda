import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import { ChangeStream } from '../../client/feed/changeStream.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { Change } from '../../protocol/change.ts';
import { type AssetSource, changeKindOf } from './assets.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** The line to one registry of the current workspace's plane: made when somebody first looks into it, with the registry's own feed. */
export class RegistryConnection implements AssetSource, Disposable {
  private readonly changes = new Emitter<Change>();
  private readonly resets = new Emitter<void>();
  private readonly states = new Emitter<string>();
  readonly onDidChange = this.changes.event;
  readonly onDidReset = this.resets.event;
  readonly onDidChangeState = this.states.event;
  readonly registry: string;
  private readonly plane: PlaneConnection;
  private readonly logger: Logger;
  private readonly timers: Timers;
  private readonly subscriptions = new DisposableStore();
  private stream: ChangeStream | undefined;
  private isDisposed = false;

  constructor(
    registry: string,
    plane: PlaneConnection,
    { logger = silentLogger, timers = systemTimers }: { logger?: Logger; timers?: Timers } = {},
  ) {
    this.registry = registry;
    this.plane = plane;
    this.logger = logger;
    this.timers = timers;
  }

  /** A client of the registry. By then its feed is heard, so that what is read after this call is told of when it changes. */
  async client(): Promise<PlaneClient> {
    const client = await this.within();
    if (!this.isDisposed) await this.follow(client).settled;
    return client;
  }

  async ask<T>(question: (client: PlaneClient) => Promise<T>): Promise<T> {
    await this.client();
    return this.plane.ask(async (client) => question(client.inRegistry(this.registry)));
  }

  /** Somebody looks, or does no longer: then no connection is held. */
  watch(isWatched: boolean): void {
    if (isWatched) this.stream?.resume();
    else this.stream?.pause();
  }

  dispose(): void {
    this.isDisposed = true;
    this.subscriptions.dispose();
    for (const emitter of [this.changes, this.resets, this.states]) emitter.dispose();
  }

  private async within(): Promise<PlaneClient> {
    return (await this.plane.client()).inRegistry(this.registry);
  }

  private follow({ http }: PlaneClient): ChangeStream {
    if (this.stream) return this.stream;
    const { logger, timers } = this;
    const reconnect = async () => (await this.within()).http;
    const stream = new ChangeStream(http, { kinds: Object.values(changeKindOf), reconnect, logger, timers });
    this.stream = this.subscriptions.add(stream);
    stream.onDidChange((change) => this.changes.fire(change));
    stream.onDidReset(() => this.resets.fire());
    stream.onDidChangeState((state) => this.states.fire(state));
    return stream;
  }
}
