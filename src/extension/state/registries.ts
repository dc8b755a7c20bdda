import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Logger } from '../../base/logger.ts';
import type { Timers } from '../../base/timers.ts';
import { type AssetsNode, AssetsState, type NamedKind, namedKinds } from './assets.ts';
import type { PlaneConnection } from './planeConnection.ts';
import { RegistryConnection } from './registryConnection.ts';

interface Contents extends Disposable {
  connection: RegistryConnection;
  assets: Record<NamedKind, AssetsState>;
}

/** Something in a registry is other than before; without a node, of a kind all that there is. */
export interface RegistryNews {
  registry: string;
  of: NamedKind;
  node: AssetsNode | undefined;
}

interface Options {
  onError?: (error: unknown) => void;
  logger?: Logger;
  timers?: Timers;
}

/** What is in the registries of the current workspace's plane, as far as somebody has looked into them. */
export class RegistriesState implements Disposable {
  /** Undefined: what was known of all registries is not to be believed any more. */
  private readonly changes = new Emitter<RegistryNews | undefined>();
  readonly onDidChange = this.changes.event;
  private readonly plane: PlaneConnection;
  private readonly options: Options;
  private readonly known = new Map<string, Contents>();
  private readonly subscriptions = new DisposableStore();

  constructor(plane: PlaneConnection, options: Options = {}) {
    this.plane = plane;
    this.options = options;
    this.subscriptions.add(plane.onDidMove(() => this.forget()));
    // What the person may see may be another registry than before.
    this.subscriptions.add(plane.onDidChangePermissions(() => this.forget()));
    this.subscriptions.add(
      plane.onDidChange(({ kind, op, id }) => {
        if (kind !== 'registry' || op !== 'delete') return;
        this.known.get(id)?.dispose();
        this.known.delete(id);
      }),
    );
  }

  /** The lists of a registry, one a kind. */
  in(registry: string): Record<NamedKind, AssetsState> {
    return this.contents(registry).assets;
  }

  /** Somebody looks at the list, or does no longer. */
  watch(isWatched: boolean): void {
    for (const { connection } of this.known.values()) connection.watch(isWatched);
  }

  dispose(): void {
    this.subscriptions.dispose();
    for (const each of this.known.values()) each.dispose();
    this.known.clear();
    this.changes.dispose();
  }

  private forget(): void {
    for (const each of this.known.values()) each.dispose();
    this.known.clear();
    this.changes.fire(undefined);
  }

  private contents(registry: string): Contents {
    const there = this.known.get(registry);
    if (there) return there;
    const { onError, logger, timers } = this.options;
    const kept = new DisposableStore();
    const connection = kept.add(
      new RegistryConnection(registry, this.plane, { ...(logger ? { logger } : {}), ...(timers ? { timers } : {}) }),
    );
    const assets = Object.fromEntries(
      namedKinds.map((of) => {
        const state = kept.add(new AssetsState(of, connection, onError, timers));
        kept.add(state.onDidChange((node) => this.changes.fire({ registry, of, node })));
        return [of, state];
      }),
    ) as Record<NamedKind, AssetsState>;
    const made: Contents = { connection, assets, dispose: () => kept.dispose() };
    this.known.set(registry, made);
    return made;
  }
}
