import type { TreeItem } from 'vscode';
import { growing } from '../../base/backOff.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import { LookUps } from '../../client/feed/lookUps.ts';
import type { ConnectionState, PlaneConnection } from '../state/planeConnection.ts';
import type { Tree } from './tree.ts';

/** Milliseconds without a shared plane after which what is shown of it is grey: shorter breaks are not worth a look. */
const staleMs = 1000;

interface RetriedTreeOptions {
  drawStale?: (item: TreeItem) => TreeItem;
  timers?: Timers;
}

/**
 * A tree whose children are read again, after waits that grow, when that failed: the view shows the error meanwhile, and is told when they are there.
 * When no plane could be started, trying again is for the person to decide. What is shown of a shared plane that is away stays, in grey.
 */
export class RetriedTree<N extends object> implements Tree<N>, Disposable {
  private readonly changes = new Emitter<N | undefined>();
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  private readonly retries: LookUps<N | undefined>;
  private readonly tree: Tree<N>;
  private readonly plane: PlaneConnection;
  private readonly timers: Timers;
  private readonly drawStale: RetriedTreeOptions['drawStale'];
  private isStale = false;
  /** What was there when it was last read. */
  private last = new WeakMap<object, readonly N[]>();
  private staleSoon: Disposable | undefined;

  /** `drawStale`: draws a row of a plane that is away. */
  constructor(tree: Tree<N>, plane: PlaneConnection, { timers = systemTimers, drawStale }: RetriedTreeOptions = {}) {
    this.tree = tree;
    this.plane = plane;
    this.timers = timers;
    this.drawStale = drawStale;
    this.retries = this.subscriptions.add(
      new LookUps({
        read: async (node) => {
          if (plane.state === 'failed') return;
          await tree.children(node);
          this.changes.fire(node);
        },
        gatherMs: 500,
        backOff: growing(1000, 30_000),
        timers,
      }),
    );
    this.subscriptions.add(
      plane.onDidMove(() => {
        this.last = new WeakMap();
        this.isStale = false;
      }),
    );
    this.subscriptions.add(tree.onDidChange((node) => this.changes.fire(node)));
    this.subscriptions.add(
      plane.onDidChangeState((state) => {
        if (state === 'live') this.retries.retryNow();
        this.grow(state);
      }),
    );
  }

  async children(node: N | undefined): Promise<readonly N[]> {
    const { last } = this;
    try {
      const found = await this.tree.children(node);
      last.set(node ?? this, found);
      return found;
    } catch (error) {
      if (this.plane.state !== 'failed') this.retries.ask(node);
      const before = last === this.last && this.isAway ? last.get(node ?? this) : undefined;
      if (before) return before;
      throw error;
    }
  }

  item = (node: N) => (this.isStale && this.drawStale ? this.drawStale(this.tree.item(node)) : this.tree.item(node));
  parent = (node: N) => this.tree.parent(node);
  resolve: Tree<N>['resolve'] = (node, item) => this.tree.resolve?.(node, item);

  /** Old, while the plane is away. */
  private grow(state: ConnectionState): void {
    this.staleSoon?.dispose();
    this.staleSoon = undefined;
    const { isAway } = this;
    if (isAway && this.drawStale && !this.isStale) this.staleSoon = this.timers.after(staleMs, () => this.setStale(true));
    else if (!isAway && this.isStale && state !== 'connecting') this.setStale(false);
  }

  private get isAway(): boolean {
    return this.plane.isShared && (this.plane.state === 'disconnected' || this.plane.state === 'signedOut');
  }

  private setStale(isStale: boolean): void {
    this.isStale = isStale;
    this.changes.fire(undefined);
  }

  dispose(): void {
    this.staleSoon?.dispose();
    this.subscriptions.dispose();
    this.changes.dispose();
  }
}
