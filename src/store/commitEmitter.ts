import { type Disposable, toDisposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { Commit } from './store.ts';

/** Tells listeners of commits. To learn of the commits of other processes costs something, so a store does it only while somebody listens: `begin` is called for the first listener, `rest` after the last one. */
export class CommitEmitter implements Disposable {
  private readonly commits = new Emitter<Commit>();
  private readonly begin: () => void;
  private readonly rest: () => void;
  private listeners = 0;

  constructor({ begin, rest }: { begin: () => void; rest: () => void }) {
    this.begin = begin;
    this.rest = rest;
  }

  readonly event = (listener: (commit: Commit) => void): Disposable => {
    const subscription = this.commits.event(listener);
    if (this.listeners++ === 0) this.begin();
    let isOver = false;
    return toDisposable(() => {
      if (isOver) return;
      isOver = true;
      subscription.dispose();
      if (--this.listeners === 0) this.rest();
    });
  };

  fire(commit: Commit): void {
    this.commits.fire(commit);
  }

  dispose(): void {
    this.rest();
    this.commits.dispose();
  }
}
