import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { follow } from '../../client/feed/follow.ts';
import { isTerminal, type Job } from '../../protocol/job.ts';
import type { JobFeed } from './jobFeed.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** Where the names are kept over a reload of the window. */
export interface Names {
  read(): readonly string[];
  write(names: readonly string[]): void;
}

/** The jobs that the user started in this window. Says once for each that it ended, also when that was during a reload. */
export class StartedJobs implements Disposable {
  private readonly ends = new Emitter<Job>();
  readonly onDidEnd = this.ends.event;
  private readonly subscriptions = new DisposableStore();
  private readonly names: Names;
  private readonly feed: JobFeed;

  constructor(plane: PlaneConnection, feed: JobFeed, names: Names, onError: (error: unknown) => void, timers?: Timers) {
    this.names = names;
    this.feed = feed;
    this.subscriptions.add(feed.onDidChangeJob(({ name, job }) => (job ? this.check(job) : this.drop(name))));
    const readAll = async () => {
      for (const name of this.names.read()) feed.look(name);
    };
    this.subscriptions.add(follow(plane, { readAll, onError, ...(timers ? { timers } : {}) }));
  }

  /** The job as the plane answered its submission; what has happened to it since is looked up. */
  add(job: Job): void {
    this.names.write([...this.names.read(), job.name]);
    this.feed.lookSince(job);
  }

  /** Says nothing about the end of a job: the user has ended it. */
  forget(name: string): void {
    this.drop(name);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.ends.dispose();
  }

  private check(job: Job): void {
    if (!this.names.read().includes(job.name) || !isTerminal(job.properties.status ?? 'Unknown')) return;
    this.drop(job.name);
    this.ends.fire(job);
  }

  private drop(name: string): void {
    if (!this.names.read().includes(name)) return;
    this.names.write(this.names.read().filter((each) => each !== name));
  }
}
