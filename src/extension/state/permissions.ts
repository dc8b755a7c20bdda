import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { LookUps } from '../../client/feed/lookUps.ts';
import type { PlaneConnection } from './planeConnection.ts';
import type { Right } from './rights.ts';

const nothing: ReadonlySet<Right> = new Set();

/** What the person may do in the workspace, as the plane says. On a plane of one's own, and before a shared one has said something, nothing is ruled out: the plane decides. */
export class WorkspacePermissions implements Disposable {
  private readonly changes = new Emitter<void>();
  /** It was read, and may be other than before. */
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  /** What the person may not. */
  withheld: ReadonlySet<Right> = nothing;

  constructor(plane: PlaneConnection, onError: (error: unknown) => void, timers?: Timers) {
    const lookUps = this.subscriptions.add(
      new LookUps<'it'>({
        read: async () => {
          if (!plane.isShared) return this.take(nothing);
          const permissions = await plane.ask((client) => client.permissions());
          // Loaded for those who share a plane.
          const { withheld } = await import('./rights.ts');
          if (plane.isShared) this.take(withheld(permissions));
        },
        onError,
        ...(timers ? { timers } : {}),
      }),
    );
    const ask = () => plane.isShared && lookUps.ask('it');
    for (const each of [
      plane.onDidChangePermissions(ask),
      plane.onDidMove(() => this.take(nothing)),
      plane.onDidChangeState((state) => {
        if (state !== 'live') return;
        ask();
        lookUps.retryNow();
      }),
    ])
      this.subscriptions.add(each);
  }

  may = (right: Right): boolean => !this.withheld.has(right);

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private take(withheld: ReadonlySet<Right>): void {
    this.withheld = withheld;
    this.changes.fire();
  }
}
