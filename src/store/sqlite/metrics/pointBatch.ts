import { UserError } from '../../../base/userError.ts';
import type { Point } from '../../metrics/metricStore.ts';
import type { ChangeLog } from '../changeLog.ts';
import type { MetricWriter } from './metricWriter.ts';

/** Points that arrive within one transaction: those of a job become one record and one change, however many requests brought them. */
export class PointBatch {
  private readonly metrics: MetricWriter;
  private readonly log: ChangeLog;
  private readonly waiting = new Map<string, Point[]>();

  constructor(metrics: MetricWriter, log: ChangeLog) {
    this.metrics = metrics;
    this.log = log;
  }

  /** Throws, before anything is kept, when the job is not there or deleted. */
  add(job: string, points: Point[]): void {
    const run = this.metrics.directory.run(job);
    if (!run) throw new UserError('NotFound', `Run with id=${job} not found`);
    if (run.isDeleted) throw new UserError('InvalidRequest', `The run ${job} must be in the 'active' state. Current state is deleted.`);
    const present = this.waiting.get(job);
    if (!present) this.waiting.set(job, points);
    else for (const point of points) present.push(point);
  }

  /** The last writes of the transaction. A job that was deleted within it takes its points along. */
  write(): void {
    if (this.waiting.size === 0) return;
    for (const [job, points] of this.waiting) {
      const run = this.metrics.directory.run(job);
      if (!run || points.length === 0) continue;
      this.metrics.append(run, points);
      const keys = new Set<string>();
      for (const { key } of points) keys.add(key);
      this.log.add({ kind: 'metric', id: job, op: 'put', workspace: run.workspace, parent: run.parent, keys: [...keys], run: run.serial });
    }
    this.clear();
  }

  clear(): void {
    this.waiting.clear();
  }
}
