import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { follow } from '../../client/feed/follow.ts';
import { allPages } from '../../client/planeClient.ts';
import { isTerminal, jobStatuses } from '../../protocol/job.ts';
import type { JobFeed } from './jobFeed.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** Names of the jobs (without steps) that have not ended. Knows nothing before the window is connected. */
export class ActiveJobs implements Disposable {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  private names: ReadonlySet<string> = new Set();
  private readonly subscriptions = new DisposableStore();
  private readonly plane: PlaneConnection;
  private readonly feed: JobFeed;

  constructor(plane: PlaneConnection, feed: JobFeed, onError: (error: unknown) => void, timers?: Timers) {
    this.plane = plane;
    this.feed = feed;
    this.subscriptions.add(
      feed.onDidChangeJob(({ name, parent, job }) => {
        if (parent !== undefined || job?.properties.parentJobName) return;
        const isActive = job !== undefined && !isTerminal(job.properties.status ?? 'Unknown');
        if (isActive === this.names.has(name)) return;
        this.set(isActive ? [...this.names, name] : [...this.names].filter((each) => each !== name));
      }),
    );
    this.subscriptions.add(follow(plane, { readAll: () => this.read(), onError, ...(timers ? { timers } : {}) }));
  }

  get count(): number {
    return this.names.size;
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private async read(): Promise<void> {
    const client = await this.plane.client();
    const status = jobStatuses.filter((each) => !isTerminal(each));
    await this.feed.readList(async () => {
      const jobs = await Array.fromAsync(allPages((next) => client.listJobs({ status, top: 1000 }, next)));
      this.set(jobs.map(({ name }) => name));
    });
  }

  private set(names: Iterable<string>): void {
    this.names = new Set(names);
    this.changes.fire();
  }
}
