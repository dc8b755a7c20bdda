import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Job } from '../../protocol/job.ts';
import type { JobFeed } from './jobFeed.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** The one job that somebody looks at, as it is now. */
export class ShownJob implements Disposable {
  private readonly changes = new Emitter<Job | undefined>();
  /** The job as it is now; undefined while it is not known, or when it is gone. */
  readonly onDidChange = this.changes.event;
  private name: string | undefined;
  private readonly feed: JobFeed;
  private readonly subscriptions = new DisposableStore();

  constructor(plane: PlaneConnection, feed: JobFeed) {
    this.feed = feed;
    this.subscriptions.add(feed.interested((name) => name === this.name));
    this.subscriptions.add(feed.onDidChangeJob(({ name, job }) => name === this.name && this.changes.fire(job)));
    this.subscriptions.add(plane.onDidReset(() => this.name && feed.look(this.name)));
  }

  /** The job to follow from now on; none without a name. */
  show(name: string | undefined): void {
    if (name === this.name) return;
    this.name = name;
    this.changes.fire(undefined);
    if (name) this.feed.look(name);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }
}
