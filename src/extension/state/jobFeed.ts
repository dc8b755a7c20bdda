import { type Disposable, DisposableStore, toDisposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { isNotFound, LookUps } from '../../client/feed/lookUps.ts';
import type { WrittenJob } from '../../client/planeClient.ts';
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
/** Jobs of which it is remembered up to which change they are known. */
const rememberedJobs = 1000;

/**
 * Reads every changed job once, for all who show it. Steps are read only for those who said that they are interested. A job that this window has just
 * written is news at once: the plane's answer has it.
 */
export class JobFeed implements Disposable {
  private readonly news = new Emitter<JobNews>();
  readonly onDidChangeJob = this.news.event;
  private readonly interests = new Set<(name: string, parent: string) => boolean>();
  /** What the newest change of a job that waits to be read said. */
  private readonly waiting = new Map<string, { parent: string | undefined; isDeleted: boolean }>();
  /** Written jobs to which nothing has happened since. */
  private readonly asWritten = new Map<string, Job>();
  /** The newest change that was heard of a job, or that a written job knows of. */
  private readonly seen = new Map<string, number>();
  private readonly subscriptions = new DisposableStore();
  private readonly plane: PlaneConnection;
  private readonly lookUps: LookUps<string>;

  constructor(plane: PlaneConnection, onError: (error: unknown) => void = () => {}, timers?: Timers) {
    this.plane = plane;
    this.lookUps = this.subscriptions.add(
      new LookUps({ gatherMs, onError, read: (name) => this.read(name), ...(timers ? { timers } : {}) }),
    );
    for (const each of [
      plane.onDidChange(({ kind, id, op, parent, seq }) => {
        if (kind !== 'job' || seq <= (this.seen.get(id) ?? -1)) return;
        if (parent !== undefined && ![...this.interests].some((wants) => wants(id, parent))) return;
        this.remember(id, seq);
        this.asWritten.delete(id);
        this.waiting.set(id, { parent, isDeleted: op === 'delete' });
        this.lookUps.ask(id);
      }),
      plane.onDidWriteJob((written) => this.onWritten(written)),
      plane.onDidReset(() => {
        this.seen.clear();
        this.asWritten.clear();
      }),
      plane.onDidChangeState((state) => state === 'live' && this.lookUps.retryNow()),
    ])
      this.subscriptions.add(each);
  }

  /** Asks for news about the steps that `wants` says yes to. */
  interested(wants: (name: string, parent: string) => boolean): Disposable {
    this.interests.add(wants);
    return toDisposable(() => this.interests.delete(wants));
  }

  /** Reads a list of jobs, so that what it says of a job does not stand against newer news. */
  readList<T>(read: () => Promise<T>): Promise<T> {
    return this.lookUps.besideList(read);
  }

  /** Reads a job anew; what it is like is news. */
  look(name: string): void {
    this.lookUps.ask(name);
  }

  /** Reads a job anew, unless it is still as it was written. */
  lookSince(job: Job): void {
    if (this.asWritten.get(job.name) !== job) this.look(job.name);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.news.dispose();
  }

  private onWritten({ job, asOf }: WrittenJob): void {
    const { name } = job;
    // Something newer was heard already, and is being read.
    if (asOf < (this.seen.get(name) ?? 0)) return;
    this.remember(name, asOf);
    this.asWritten.set(name, job);
    this.lookUps.learned(name);
    // An older answer may be on its way: one more look decides.
    if (this.lookUps.forget(name)) this.waiting.delete(name);
    else this.lookUps.ask(name);
    this.news.fire({ name, parent: job.properties.parentJobName, job });
  }

  private async read(name: string): Promise<void> {
    const heard = this.waiting.get(name);
    const job = heard?.isDeleted ? undefined : await this.job(name);
    // Kept until it was read: a look-up that failed is tried again.
    if (this.waiting.get(name) === heard) this.waiting.delete(name);
    this.news.fire({ name, parent: job?.properties.parentJobName ?? heard?.parent, job });
  }

  private async job(name: string): Promise<Job | undefined> {
    try {
      return await this.plane.ask((client) => client.getJob(name));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private remember(name: string, seq: number): void {
    this.seen.delete(name);
    this.seen.set(name, seq);
    if (this.seen.size <= rememberedJobs) return;
    const [oldest] = this.seen.keys();
    this.seen.delete(oldest!);
    this.asWritten.delete(oldest!);
  }
}
