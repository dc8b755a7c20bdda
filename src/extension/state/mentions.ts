import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { follow } from '../../client/feed/follow.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** How many comments that mention the person were not read, in all workspaces of the plane. On a plane of one's own there are none. */
export class Mentions implements Disposable {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  unread = 0;
  private readonly subscriptions = new DisposableStore();

  constructor(plane: PlaneConnection, onError: (error: unknown) => void, timers?: Timers) {
    const read = async () => {
      if (!plane.isShared) return this.set(0);
      // Loaded for those who share a plane.
      const { listMentions } = await import('../../client/comments.ts');
      this.set((await plane.ask((client) => listMentions(client.http, { top: 1 }))).unread);
    };
    this.subscriptions.add(plane.onDidMove(() => this.set(0)));
    this.subscriptions.add(
      follow(plane, {
        readAll: read,
        read,
        keyOf: ({ kind }) => (kind === 'mention' || kind === 'mentionRead' ? 'it' : undefined),
        onError,
        ...(timers ? { timers } : {}),
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private set(unread: number): void {
    if (unread === this.unread) return;
    this.unread = unread;
    this.changes.fire();
  }
}
