import { type Disposable, toDisposable } from '../../base/disposable.ts';
import type { Timers } from '../../base/timers.ts';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import type { Commit, Store } from '../../store/store.ts';
import { sharedLook } from '../sharedLook.ts';
import { gatherMs, isFrequent } from './news.ts';

/** Most changes that are kept, and that are read at once. */
const kept = 2000;

/** Changes after a reader's place, of all kinds and workspaces. */
export interface Recent {
  changes: readonly Change[];
  /** The place after them. */
  end: number;
  /** Read after them. */
  epoch: string;
}

export interface RecentChangesOptions {
  timers: Timers;
  /** Settles when what was written before, on any server, counts here: who may be told of what. */
  catchUp?: (() => Promise<void>) | undefined;
}

/**
 * The newest changes of the plane, read once for all feeds of this server that are up to date, however many they are. They are read when a reader asks, so nothing is read for readers that do not.
 * A reader that is further behind reads the store by itself.
 */
export class RecentChanges {
  private readonly store: Pick<Store, 'seq' | 'changes' | 'epoch' | 'onDidCommit'>;
  private readonly timers: Timers;
  private readonly catchUp: () => Promise<void>;
  private readers = 0;
  /** Grows each time that commits are listened to anew. */
  private generation = 0;
  private subscription: Disposable | undefined;
  /** Commits that were heard of, and how many of them the changes here are up to date with. */
  private heard = 0;
  private upTo = -1;
  private changes: Change[] = [];
  /** The changes are those after `start` up to `end`. */
  private start = 0;
  private end = 0;
  private epoch = '';
  private readonly read = sharedLook(() => this.look());
  private readonly parts = new Map<string, unknown>();
  private readonly direct = new Map<string, Promise<Change[]>>();
  /** When metrics and lines of logs are told next, or were last. Readers have it in common, so that one look serves them all. */
  dueAt = Number.NEGATIVE_INFINITY;

  constructor(store: Pick<Store, 'seq' | 'changes' | 'epoch' | 'onDidCommit'>, { timers, catchUp = async () => {} }: RecentChangesOptions) {
    this.store = store;
    this.timers = timers;
    this.catchUp = catchUp;
  }

  /** To be held by each reader. Without any, nothing is kept. */
  open(): Disposable {
    if (this.readers++ === 0) {
      this.generation++;
      this.upTo = -1;
      this.dueAt = Number.NEGATIVE_INFINITY;
      this.subscription = this.store.onDidCommit((commit) => this.hear(commit));
    }
    let isOpen = true;
    return toDisposable(() => {
      if (!isOpen) return;
      isOpen = false;
      if (--this.readers > 0) return;
      this.subscription?.dispose();
      this.changes = [];
      this.parts.clear();
    });
  }

  /** What was committed after the place `since`; undefined where it is too far behind. */
  async after(since: number): Promise<Recent | undefined> {
    if (this.upTo < this.heard) await this.read();
    if (since < this.start) return undefined;
    const { end, epoch, changes } = this;
    // Changes come in the order of their numbers, and readers are at the last ones.
    const at = changes.findLastIndex(({ seq }) => seq <= since) + 1;
    return { changes: at === 0 ? changes : changes.slice(at), end: Math.max(end, since), epoch };
  }

  /** Reads the store, once for all readers that ask for the same at the same time. */
  readBack(since: number, limit: number, kinds: readonly ChangeKind[] | undefined): Promise<Change[]> {
    // A read that began before a commit was heard of does not serve who asks after it.
    const key = `${this.heard} ${since} ${limit} ${kinds?.join() ?? ''}`;
    let reading = this.direct.get(key);
    if (!reading) {
      reading = this.store.changes(since, limit, kinds).finally(() => this.direct.delete(key));
      this.direct.set(key, reading);
    }
    return reading;
  }

  /** What `make` answers, made once for all readers with this key, as long as there are no newer changes. */
  shared<T>(key: string, make: () => T): T {
    if (!this.parts.has(key)) this.parts.set(key, make());
    return this.parts.get(key) as T;
  }

  private hear({ kinds }: Commit): void {
    this.heard++;
    if (kinds && !isFrequent(kinds)) return;
    const now = this.timers.now();
    if (now >= this.dueAt) this.dueAt = Math.max(now, this.dueAt + gatherMs);
  }

  private async look(): Promise<void> {
    const { heard, end, generation } = this;
    const isFirst = this.upTo < 0;
    const found = isFirst ? [] : await this.store.changes(end, kept);
    const hasGap = found.length === kept || (found.length > 0 && found[0]!.seq !== end + 1);
    const newest = isFirst || hasGap ? await this.store.seq() : (found.at(-1)?.seq ?? end);
    // An epoch that is read after a place is never too early for it.
    const [epoch] = await Promise.all([this.store.epoch(), this.catchUp()]);
    // Nobody has listened for a while since it began.
    if (generation !== this.generation) return;
    if (isFirst || hasGap) {
      this.changes = [];
      this.start = newest;
    } else if (found.length > 0) {
      // What readers have in hand stays as it is.
      this.changes = [...this.changes, ...found].slice(-kept);
      if (this.changes.length === kept) this.start = this.changes[0]!.seq - 1;
    }
    this.end = newest;
    this.epoch = epoch;
    this.upTo = heard;
    this.parts.clear();
  }
}
