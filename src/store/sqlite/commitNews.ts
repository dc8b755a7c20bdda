import type { Disposable } from '../../base/disposable.ts';
import { CommitEmitter } from '../commitEmitter.ts';
import type { Commit } from '../store.ts';

/** Milliseconds after which a commit of another process is noticed, at most. */
const lookEvery = 1000;

/** Tells of commits that left changes: of this process's own at once. SQLite tells nobody of those of others, so while somebody listens, the newest change is looked at each second. */
export class CommitNews implements Disposable {
  private readonly commits = new CommitEmitter({ begin: () => this.begin(), rest: () => this.rest() });
  readonly event = this.commits.event;
  private readonly newest: () => number;
  private told: number;
  private looking: NodeJS.Timeout | undefined;

  /** `newest` reads the number of the newest change that is committed. */
  constructor(newest: () => number) {
    this.newest = newest;
    this.told = newest();
  }

  /** To be called after a commit, with the newest change of that moment. */
  tell(seq: number, kinds: Commit['kinds']): void {
    if (seq === this.told) return;
    this.told = seq;
    this.commits.fire({ seq, kinds });
  }

  dispose(): void {
    this.commits.dispose();
  }

  private begin(): void {
    this.looking = setInterval(() => this.look(), lookEvery).unref();
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
