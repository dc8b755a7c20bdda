import type { Disposable } from '../../base/disposable.ts';
import type { Timers } from '../../base/timers.ts';
import type { ChangeKind } from '../../protocol/change.ts';
import type { Commit, Store } from '../../store/store.ts';

/** Milliseconds in which metrics and lines of logs come together: readers need not be told of each of them in the moment that it comes. */
export const gatherMs = 25;

/** Kinds that come many times a second. */
const frequent: ReadonlySet<ChangeKind> = new Set(['metric', 'log']);

export const isFrequent = (kinds: ReadonlySet<ChangeKind>): boolean => [...kinds].some((kind) => frequent.has(kind));

/** What of these kinds a commit may have brought; undefined: nothing. */
function newsIn(commit: Commit, kinds: ReadonlySet<ChangeKind> | undefined): 'urgent' | 'frequent' | undefined {
  if (!commit.kinds) return 'urgent';
  let found: 'frequent' | undefined;
  for (const kind of commit.kinds) {
    if (kinds?.has(kind) === false) continue;
    if (!frequent.has(kind)) return 'urgent';
    found = 'frequent';
  }
  return found;
}

/** Commits of the reader's kinds, and how many of them were urgent. */
interface Seen {
  commits: number;
  urgent: number;
}

export interface NewsOptions {
  timers: Timers;
  kinds: ReadonlySet<ChangeKind> | undefined;
  /** Milliseconds in which what is frequent comes together; undefined: as for all readers. */
  every: number | undefined;
  /** When all readers are told of what is frequent. */
  dueAt: () => number;
}

/** Tells one reader when there may be something new. */
export class News implements Disposable {
  /** The reader, or the plane, is gone. */
  isOver = false;
  private count: Seen = { commits: 0, urgent: 0 };
  private stirred = 0;
  private toldAt = Number.NEGATIVE_INFINITY;
  private wake: (isUrgent: boolean) => void = () => {};
  private readonly subscription: Disposable;
  private readonly options: NewsOptions;

  constructor(store: Pick<Store, 'onDidCommit'>, options: NewsOptions) {
    this.options = options;
    this.subscription = store.onDidCommit((commit) => {
      const news = newsIn(commit, options.kinds);
      if (!news) return;
      const isUrgent = news === 'urgent';
      const { commits, urgent } = this.count;
      this.count = { commits: commits + 1, urgent: urgent + (isUrgent ? 1 : 0) };
      this.wake(isUrgent);
    });
  }

  /** How often something else has changed that the reader has to be looked at for. */
  get stirs(): number {
    return this.stirred;
  }

  /** The commits so far. To be taken before the changes are read. */
  get seen(): Seen {
    return this.count;
  }

  /** Settles when there is something to be told since `seen`, or at the end; false when there was none for `ms`. */
  async since(seen: Seen, ms: number): Promise<boolean> {
    if (this.count.commits === seen.commits && !(await this.wait(ms, () => true))) return false;
    const { timers, every, dueAt } = this.options;
    // What is not urgent waits for what comes right after it.
    const rest = (every === undefined ? dueAt() : this.toldAt + every) - timers.now();
    if (this.count.urgent === seen.urgent && rest > 0) await this.wait(rest, (isUrgent) => isUrgent);
    this.toldAt = timers.now();
    return true;
  }

  /** Something else has changed that the reader has to be looked at for. */
  stir(): void {
    this.stirred++;
    const { commits, urgent } = this.count;
    this.count = { commits: commits + 1, urgent: urgent + 1 };
    this.wake(true);
  }

  /** Settles at a commit of a kind, or at the end, with true; after `ms` with false. */
  private async wait(ms: number, isMeant: (isUrgent: boolean) => boolean): Promise<boolean> {
    if (this.isOver) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.options.timers.after(ms, () => resolve(false));
    this.wake = (isUrgent) => {
      if (isMeant(isUrgent)) resolve(true);
    };
    const isNews = await promise;
    timer.dispose();
    return isNews;
  }

  dispose(): void {
    this.isOver = true;
    this.subscription.dispose();
    this.wake(true);
  }
}
