import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { LookUps } from '../../client/feed/lookUps.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** Whether there is anything that the person may share to. On a plane of one's own, and before a shared one has said so, nothing is ruled out. */
export class SharingRight implements Disposable {
  private readonly changes = new Emitter<boolean>();
  /** Tells whether the person may. */
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  may = true;

  constructor(plane: PlaneConnection, onError: (error: unknown) => void, timers?: Timers) {
    const lookUps = this.subscriptions.add(
      new LookUps<'it'>({
        read: async () => {
          if (!plane.isShared) return this.take(true);
          // Loaded for those who share a plane.
          const { shareTargets } = await import('./shareTargets.ts');
          const { open, mayMake } = await plane.ask(shareTargets);
          if (plane.isShared) this.take(open.length > 0 || mayMake);
        },
        onError,
        ...(timers ? { timers } : {}),
      }),
    );
    const ask = () => plane.isShared && lookUps.ask('it');
    for (const each of [
      plane.onDidChangePermissions(ask),
      plane.onDidChange(({ kind }) => kind === 'registry' && ask()),
      plane.onDidMove(() => this.take(true)),
      plane.onDidChangeState((state) => {
        if (state !== 'live') return;
        ask();
        lookUps.retryNow();
      }),
    ])
      this.subscriptions.add(each);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private take(may: boolean): void {
    if (may === this.may) return;
    this.may = may;
    this.changes.fire(may);
  }
}
