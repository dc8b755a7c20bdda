import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { LookUps } from '../../client/feed/lookUps.ts';
import { JobLog } from './jobLog.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** Milliseconds between two readings of a log that keeps growing, at least. */
const paceMs = 200;

/** The logs that are open in this window, each kept up to date by the feed while it is watched. */
export class JobLogs implements Disposable {
  private readonly growth = new Emitter<string>();
  /** Tells the job whose watched log has more text than before. */
  readonly onDidGrow = this.growth.event;
  private readonly logs = new Map<string, JobLog>();
  private readonly watched = new Set<string>();
  private readonly subscriptions = new DisposableStore();
  private readonly plane: PlaneConnection;

  constructor(plane: PlaneConnection, onError: (error: unknown) => void = () => {}, timers?: Timers) {
    this.plane = plane;
    const lookUps = new LookUps<string>({
      gatherMs: paceMs,
      onError,
      read: (job) => this.look(job),
      ...(timers ? { timers } : {}),
    });
    for (const each of [
      lookUps,
      plane.onDidChange(({ kind, id }) => kind === 'log' && this.watched.has(id) && lookUps.ask(id)),
      plane.onDidReset(() => {
        // Another plane may have another log under the same name.
        this.logs.clear();
        for (const job of this.watched) lookUps.ask(job);
      }),
      plane.onDidChangeState((state) => state === 'live' && lookUps.retryNow()),
    ])
      this.subscriptions.add(each);
  }

  watch(job: string): void {
    this.watched.add(job);
  }

  unwatch(job: string): void {
    this.watched.delete(job);
    this.logs.delete(job);
  }

  /** The log with all that the plane has by now. */
  async read(job: string): Promise<JobLog> {
    const log = this.logs.get(job) ?? new JobLog(this.plane, job);
    this.logs.set(job, log);
    await log.refresh();
    return log;
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.growth.dispose();
  }

  private async look(job: string): Promise<void> {
    const log = this.logs.get(job);
    if (!this.watched.has(job)) return;
    const before = log?.changedAt;
    await log?.refresh();
    if (!log || log.changedAt !== before) this.growth.fire(job);
  }
}
