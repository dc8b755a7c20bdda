import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import { OneAtATime } from '../../base/oneAtATime.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { Lease } from '../../store/leases.ts';
import type { Logs } from '../../store/logs.ts';
import type { Commit, Store } from '../../store/store.ts';
import type { Work } from '../duties/duties.ts';
import type { Clock } from '../schedules/clock.ts';
import { inSpan, type Tracer } from '../tracing/tracer.ts';
import { workspaceList } from '../workspaceNames.ts';
import { beginPurge, deletedWorkspaces, type KeptDeletedWorkspace, noteStopped } from './deletedWorkspaces.ts';
import { forgetWorkspace } from './forgetWorkspace.ts';
import { endWork } from './workInWorkspace.ts';

/** Jobs, and rows of each table, that go in one write: others write in between. */
const jobsAtOnce = 100;
const rowsAtOnce = 2000;

export interface RemovalsOptions {
  store: Store;
  logs: Logs;
  clock: Clock;
  logger: Logger;
  tracer?: Tracer | undefined;
  lease: Lease | undefined;
  /** Whether the plane has deployments' servers, which end before their deployments go. */
  servesDeployments: boolean;
  /** What a workspace left on the disk of this server is to go. */
  onPurged: (workspace: string) => Promise<void>;
}

/**
 * Follows deleted workspaces: ends the jobs and deployments that still run in them, and purges those whose days to recover are over. A purge removes a few rows at a time. After a restart it goes on with the
 * rows that are left. One server of the plane does this work.
 */
export class Removals implements Work {
  private readonly options: RemovalsOptions;
  private readonly over = new AbortController();
  private readonly looks: OneAtATime;
  private readonly subscription: Disposable;
  /** Something is waited for to end. */
  private isStopping = false;
  private forget = () => {};

  constructor(options: RemovalsOptions) {
    const { store, logger, tracer } = options;
    this.options = options;
    this.looks = new OneAtATime({
      work: () => inSpan(tracer, 'deleted workspaces', () => this.look()),
      onError: (error) => this.over.signal.aborted || logger.error('deleted workspaces', error),
      signal: this.over.signal,
    });
    this.subscription = store.onDidCommit((commit) => {
      if (this.concerns(commit)) this.looks.ask();
    });
    this.looks.ask();
  }

  async end(): Promise<void> {
    this.over.abort();
    this.subscription.dispose();
    this.forget();
    await this.looks.settled();
  }

  private concerns({ kinds }: Commit): boolean {
    if (kinds === undefined || kinds.has('workspace')) return true;
    return this.isStopping && (kinds.has('job') || kinds.has('deployment'));
  }

  private async look(): Promise<void> {
    const { store, clock } = this.options;
    this.forget();
    let next = Number.POSITIVE_INFINITY;
    // Before what it is about is read: what ends meanwhile is looked at again.
    this.isStopping = true;
    let isStopping = false;
    for (const each of await deletedWorkspaces(store)) {
      if (this.over.signal.aborted) return;
      if (each.isStopping && !(await this.stop(each))) isStopping = true;
      else if (each.isPurging || (each.purgeAt <= clock.now() && (await this.beginPurge(each)))) await this.purge(each.name);
      else next = Math.min(next, each.purgeAt);
    }
    this.isStopping = isStopping;
    if (next < Number.POSITIVE_INFINITY && !this.over.signal.aborted) this.forget = clock.at(next, () => this.looks.ask());
  }

  /** Answers whether nothing goes on in it any more. */
  private async stop({ name }: KeptDeletedWorkspace): Promise<boolean> {
    const { store, lease, clock, servesDeployments } = this.options;
    if (!(await endWork(store.in(name, thePlane, lease), servesDeployments, () => clock.now()))) return false;
    await noteStopped(store, name, lease);
    return true;
  }

  private beginPurge({ name }: KeptDeletedWorkspace): Promise<boolean> {
    const { store, clock, lease } = this.options;
    return beginPurge(store, name, clock.now(), lease);
  }

  private async purge(name: string): Promise<void> {
    const { store, logs, lease, logger, onPurged } = this.options;
    const rows = store.in(name, thePlane, lease);
    for (;;) {
      if (this.over.signal.aborted) return;
      const jobs = (await rows.jobs({ parent: null }, 0, jobsAtOnce)).map((job) => job.name);
      if (jobs.length === 0) break;
      // First the logs: without its job nobody would find them again.
      for (const job of jobs) await logs.remove(job);
      await rows.write((writer) => writer.purgeJobs(jobs));
    }
    while ((await rows.write((writer) => writer.purgeRows(rowsAtOnce))) > 0) if (this.over.signal.aborted) return;
    await onPurged(name);
    await store.in(workspaceList, thePlane, lease).write((writer) => forgetWorkspace(writer, name));
    logger.info(`the workspace ${name} was purged`);
  }
}
