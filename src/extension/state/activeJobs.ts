import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { follow } from '../../client/feed/follow.ts';
import { allPages } from '../../client/planeClient.ts';
import { isTerminal, type Job, jobProperty, jobStatuses } from '../../protocol/job.ts';
import type { JobFeed } from './jobFeed.ts';
import type { PlaneConnection } from './planeConnection.ts';

interface ActiveJob {
  experiment: string;
  /** The file of this machine that it was submitted from. */
  file: string | undefined;
}

/** The jobs (without steps) that have not ended. Knows nothing before the window is connected. */
export class ActiveJobs implements Disposable {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  /** By the name of the job. */
  private jobs: ReadonlyMap<string, ActiveJob> = new Map();
  private readonly firstTry = Promise.withResolvers<void>();
  /** Settles when it was tried to read them, also when that failed: it is tried again. */
  readonly isTried: Promise<void> = this.firstTry.promise;
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
        if (isActive === this.jobs.has(name)) return;
        const others = [...this.jobs].filter(([each]) => each !== name);
        this.set(isActive ? [...others, [name, activeJob(job)]] : others);
      }),
    );
    this.subscriptions.add(plane.onDidMove(() => this.set([])));
    const readAll = () => this.read().finally(() => this.firstTry.resolve());
    this.subscriptions.add(follow(plane, { readAll, onError, ...(timers ? { timers } : {}) }));
  }

  get count(): number {
    return this.jobs.size;
  }

  /** The files of this machine that jobs which are not over were submitted from. */
  get files(): string[] {
    return [...new Set([...this.jobs.values()].flatMap(({ file }) => file ?? []))];
  }

  /** The newest job that was submitted from a file and is not over. */
  jobOf(file: string): string | undefined {
    return [...this.jobs].findLast(([, job]) => job.file === file)?.[0];
  }

  isIn(experiment: string): boolean {
    return [...this.jobs.values()].some((job) => job.experiment === experiment);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private async read(): Promise<void> {
    const status = jobStatuses.filter((each) => !isTerminal(each));
    await this.feed.readList(async () => {
      const jobs = await this.plane.ask((client) => Array.fromAsync(allPages((next) => client.listJobs({ status, top: 1000 }, next))));
      // The newest comes first in the list, and last here.
      this.set(jobs.reverse().map((job) => [job.name, activeJob(job)] as const));
    });
  }

  private set(jobs: Iterable<readonly [string, ActiveJob]>): void {
    this.jobs = new Map(jobs);
    this.changes.fire();
  }
}

const activeJob = ({ properties }: Job): ActiveJob => ({
  experiment: properties.experimentName ?? 'Default',
  file: properties.properties?.[jobProperty.submittedFile],
});
