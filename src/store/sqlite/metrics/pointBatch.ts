import { UserError } from '../../../base/userError.ts';
import type { Point } from '../../metrics/metricStore.ts';
import type { ChangeLog } from '../changeLog.ts';
import type { RunEntry } from './directory.ts';
import type { MetricWriter } from './metricWriter.ts';

/** Points that arrive within one transaction: those of a job become one record and one change, however many requests brought them. */
export class PointBatch {
  private readonly metrics: MetricWriter;
  private readonly log: ChangeLog;
  /** By the job's row: its name may become another job's. */
  private readonly waiting = new Map<number, { run: RunEntry; parts: Point[][] }>();

  constructor(metrics: MetricWriter, log: ChangeLog) {
    this.metrics = metrics;
    this.log = log;
  }

  /** Throws, before anything is kept, when the job is not there or deleted. */
  add(job: string, points: Point[]): void {
    const run = this.metrics.directory.run(job);
    if (!run) throw new UserError('NotFound', `Run with id=${job} not found`);
    if (run.isDeleted) throw new UserError('InvalidRequest', `The run ${job} must be in the 'active' state. Current state is deleted.`);
    const present = this.waiting.get(run.serial);
    if (present) present.parts.push(points);
    else this.waiting.set(run.serial, { run, parts: [points] });
  }

  /** The last writes of the transaction. A job that was deleted within it takes its points along. */
  write(): void {
    if (this.waiting.size === 0) return;
    for (const [serial, { run, parts }] of this.waiting) {
      const points = parts.length === 1 ? parts[0]! : parts.flat();
      if (points.length === 0 || this.metrics.directory.run(run.name)?.serial !== serial) continue;
      this.metrics.append(run, points);
      const keys = new Set<string>();
      for (const { key } of points) keys.add(key);
      this.log.add({ kind: 'metric', id: run.name, op: 'put', workspace: run.workspace, parent: run.parent, keys: [...keys], run: serial });
    }
    this.clear();
  }

  clear(): void {
    this.waiting.clear();
  }
}
