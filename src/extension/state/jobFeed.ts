import { type Disposable, DisposableStore, toDisposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { UserError } from '../../base/userError.ts';
import type { Job } from '../../protocol/job.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** A job as it is now; without `job` it was deleted. */
export interface JobNews {
  name: string;
  parent: string | undefined;
  job: Job | undefined;
}

/** Milliseconds for which changes are gathered, so that a job that changes often is read once. */
const gatherMs = 40;
const parallelReads = 8;

/** Reads every changed job once, for all who show it. Steps are read only for those who said that they are interested. */
export class JobFeed implements Disposable {
  private readonly news = new Emitter<JobNews>();
  readonly onDidChangeJob = this.news.event;
  private readonly interests = new Set<(name: string, parent: string) => boolean>();
  private readonly waiting = new Map<string, { parent: string | undefined; deleted: boolean }>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly subscriptions = new DisposableStore();
  private readonly plane: PlaneConnection;
  private readonly onError: (error: unknown) => void;

  constructor(plane: PlaneConnection, onError: (error: unknown) => void = () => {}) {
    this.plane = plane;
    this.onError = onError;
    this.subscriptions.add(
      plane.onDidChange(({ kind, id, op, parent }) => {
        if (kind !== 'job') return;
        if (parent !== undefined && ![...this.interests].some((wants) => wants(id, parent))) return;
        this.waiting.set(id, { parent, deleted: op === 'delete' });
        this.timer ??= setTimeout(() => void this.flush().catch(this.onError), gatherMs);
      }),
    );
  }

  /** Asks for news about the steps that `wants` says yes to. */
  interested(wants: (name: string, parent: string) => boolean): Disposable {
    this.interests.add(wants);
    return toDisposable(() => this.interests.delete(wants));
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
    this.news.dispose();
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    const changed = [...this.waiting];
    this.waiting.clear();
    const client = await this.plane.client();
    const read = async () => {
      for (let next = changed.shift(); next; next = changed.shift()) {
        const [name, { parent, deleted }] = next;
        const job = deleted
          ? undefined
          : await client.getJob(name).catch((error) => {
              if (error instanceof UserError && error.code === 'NotFound') return undefined;
              throw error;
            });
        this.news.fire({ name, parent, job });
      }
    };
    await Promise.all(Array.from({ length: parallelReads }, read));
  }
}
