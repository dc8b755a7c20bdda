import { growing } from '../../base/backOff.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { LookUps } from '../../client/feed/lookUps.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import type { Tree } from './tree.ts';

/**
 * A tree whose children are read again, after waits that grow, when that failed: the view shows the error meanwhile, and is told when they are there.
 * When no plane could be started, trying again is for the person to decide.
 */
export class RetriedTree<N extends object> implements Tree<N>, Disposable {
  private readonly changes = new Emitter<N | undefined>();
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  private readonly retries: LookUps<N | undefined>;
  private readonly tree: Tree<N>;
  private readonly plane: PlaneConnection;

  constructor(tree: Tree<N>, plane: PlaneConnection, timers?: Timers) {
    this.tree = tree;
    this.plane = plane;
    this.retries = this.subscriptions.add(
      new LookUps({
        read: async (node) => {
          if (plane.state === 'failed') return;
          await tree.children(node);
          this.changes.fire(node);
        },
        gatherMs: 500,
        backOff: growing(1000, 30_000),
        ...(timers ? { timers } : {}),
      }),
    );
    this.subscriptions.add(tree.onDidChange((node) => this.changes.fire(node)));
    this.subscriptions.add(plane.onDidChangeState((state) => state === 'live' && this.retries.retryNow()));
  }

  async children(node: N | undefined): Promise<readonly N[]> {
    try {
      return await this.tree.children(node);
    } catch (error) {
      if (this.plane.state !== 'failed') this.retries.ask(node);
      throw error;
    }
  }

  item = (node: N) => this.tree.item(node);
  parent = (node: N) => this.tree.parent(node);
  resolve: Tree<N>['resolve'] = (node, item) => this.tree.resolve?.(node, item);

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }
}
