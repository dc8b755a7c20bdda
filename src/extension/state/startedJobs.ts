import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
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

  constructor(plane: PlaneConnection, feed: JobFeed, names: Names, onError: (error: unknown) => void) {
    this.names = names;
    const look = () => void this.look(plane).catch(onError);
    this.subscriptions.add(feed.onDidChangeJob(({ job }) => job && this.check(job)));
    this.subscriptions.add(plane.onDidReset(look));
    this.subscriptions.add(plane.onDidChangeState((state) => state === 'live' && look()));
  }

  add(job: string): void {
    this.names.write([...this.names.read(), job]);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.ends.dispose();
  }

  private async look(plane: PlaneConnection): Promise<void> {
    if (this.names.read().length === 0) return;
    const client = await plane.client();
    for (const name of this.names.read()) {
      const job = await client.getJob(name).catch(() => undefined);
      if (job) this.check(job);
      else this.drop(name);
    }
  }

  private check(job: Job): void {
    if (!this.names.read().includes(job.name) || !isTerminal(job.properties.status ?? 'Unknown')) return;
    this.drop(job.name);
    this.ends.fire(job);
  }

  private drop(name: string): void {
    this.names.write(this.names.read().filter((each) => each !== name));
  }
}
