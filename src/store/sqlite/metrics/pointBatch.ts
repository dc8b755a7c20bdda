import { UserError } from '../../../base/userError.ts';
import type { Principal } from '../../../protocol/principal.ts';
import type { Point } from '../../metrics/metricStore.ts';
import type { ChangeLog } from '../changeLog.ts';
import type { MetricWriter } from './metricWriter.ts';

/** Points that arrive within one transaction: those of a job that one principal sends become one record and one change, however many requests brought them. */
export class PointBatch {
  private readonly metrics: MetricWriter;
  private readonly log: ChangeLog;
  private readonly waiting = new Map<string, { job: string; principal: string; points: Point[] }>();

  constructor(metrics: MetricWriter, log: ChangeLog) {
    this.metrics = metrics;
    this.log = log;
  }

  /** Throws, before anything is kept, when the job is not there or deleted. */
  add({ workspace, principal: { id: principal } }: { workspace: string; principal: Principal }, job: string, points: Point[]): void {
    const run = this.metrics.directory.run(job);
    if (run?.workspace !== workspace) throw new UserError('NotFound', `Run with id=${job} not found`);
    if (run.isDeleted) throw new UserError('InvalidRequest', `The run ${job} must be in the 'active' state. Current state is deleted.`);
    const key = `${job} ${principal}`;
    const present = this.waiting.get(key);
    if (!present) this.waiting.set(key, { job, principal, points });
    else for (const point of points) present.points.push(point);
  }

  /** The last writes of the transaction. A job that was deleted within it takes its points along. */
  write(): void {
    if (this.waiting.size === 0) return;
    for (const { job, principal, points } of this.waiting.values()) {
      const run = this.metrics.directory.run(job);
      if (!run || points.length === 0) continue;
      this.metrics.append(run, points);
      const keys = new Set<string>();
      for (const { key } of points) keys.add(key);
      const { workspace, parent, serial } = run;
      this.log.add({ kind: 'metric', id: job, op: 'put', workspace, principal, parent, keys: [...keys], run: serial });
    }
    this.clear();
  }

  clear(): void {
    this.waiting.clear();
  }
}
