import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Commit } from '../store.ts';

/** Milliseconds after which a commit of another process is noticed, at most. */
const lookEvery = 1000;

/** Tells of commits that left changes: of this process's own at once. SQLite tells nobody of those of others, so while somebody listens, the newest change is looked at each second. */
export class CommitNews implements Disposable {
  private readonly commits = new Emitter<Commit>();
  private readonly newest: () => number;
  private told: number;
  private listeners = 0;
  private looking: NodeJS.Timeout | undefined;

  /** `newest` reads the number of the newest change that is committed. */
  constructor(newest: () => number) {
    this.newest = newest;
    this.told = newest();
  }

  readonly event = (listener: (commit: Commit) => void): Disposable => {
    const subscription = this.commits.event(listener);
    this.listeners++;
    this.looking ??= setInterval(() => this.look(), lookEvery).unref();
    let isOver = false;
    return toDisposable(() => {
      if (isOver) return;
      isOver = true;
      subscription.dispose();
      if (--this.listeners === 0) this.rest();
    });
  };

  /** To be called after a commit, with the newest change of that moment. */
  tell(seq: number, kinds: Commit['kinds']): void {
    if (seq === this.told) return;
    this.told = seq;
    this.commits.fire({ seq, kinds });
  }

  dispose(): void {
    this.rest();
    this.commits.dispose();
  }

  private look(): void {
    try {
      this.tell(this.newest(), undefined);
    } catch {
      // Another process is in the way: the next look is as good.
    }
  }

  private rest(): void {
    clearInterval(this.looking);
    this.looking = undefined;
  }
}
