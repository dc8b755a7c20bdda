import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { Timers } from '../../base/timers.ts';
import type { ChangeFeed } from '../../client/feed/changeStream.ts';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import { writtenBy } from '../../protocol/jobPlaces.ts';
import type { Part } from './jobCopy.ts';
import { passed } from './passed.ts';

/** The kinds of changes that tell of a job. */
export const kindsOfJobs: readonly ChangeKind[] = ['job', 'metric', 'log', 'artifact', 'blob'];

/** What is new of some jobs: all that there is, or these parts of these, each after the one that it is a step of. */
export type News = 'all' | Map<string, Set<Part>>;

/** What the change feed tells of a job and its steps, gathered until somebody takes it. At first, and where there may be a gap, everything is new. */
export class JobNews implements Disposable {
  private readonly subscriptions = new DisposableStore();
  private readonly known: Set<string>;
  private news: News = 'all';
  private wake: () => void = () => {};
  private hasBegun = false;

  constructor(feed: ChangeFeed, root: string) {
    this.known = new Set([root]);
    this.hasBegun = feed.state === 'live';
    for (const each of [
      feed.onDidChange((change) => this.hear(change)),
      feed.onDidReset(() => this.tell('all')),
      feed.onDidChangeState((state) => {
        // From then on changes are told: what was read before may be old.
        if (state !== 'live' || this.hasBegun) return;
        this.hasBegun = true;
        this.tell('all');
      }),
    ])
      this.subscriptions.add(each);
  }

  /** Its changes are of interest, too. */
  know(job: string): void {
    this.known.add(job);
  }

  /** What is new since it was taken last; undefined: nothing. */
  take(): News | undefined {
    const { news } = this;
    this.news = new Map();
    return news === 'all' || news.size > 0 ? news : undefined;
  }

  /** Settles as soon as something is new, or `ms` have passed, or the signal aborts. */
  next(ms: number, timers: Timers, signal: AbortSignal | undefined): Promise<void> {
    if (this.news === 'all' || this.news.size > 0) return Promise.resolve();
    return passed(ms, timers, signal, (done) => {
      this.wake = done;
    });
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.wake();
  }

  private hear({ kind, id, parent, op }: Change): void {
    if (kind === 'blob') {
      const slash = id.indexOf('/');
      const job = writtenBy(id.slice(0, slash), `${id.slice(slash + 1)}/`);
      if (job !== undefined && this.known.has(job)) this.add(job, 'outputs');
      return;
    }
    if (!this.known.has(id)) {
      // A new step, or one of a step.
      if (parent === undefined || !this.known.has(parent) || op === 'delete') return;
      this.known.add(id);
      this.add(id, 'job');
    } else if (kind === 'job') this.add(id, 'job');
    else if (kind === 'metric') this.add(id, 'metrics');
    else if (kind === 'log') this.add(id, 'logs');
    else this.add(id, 'artifacts');
  }

  private add(job: string, part: Part): void {
    if (this.news === 'all') return;
    const known = this.news.get(job);
    if (known) known.add(part);
    else this.news.set(job, new Set([part]));
    this.wake();
  }

  private tell(news: 'all'): void {
    this.news = news;
    this.wake();
  }
}
