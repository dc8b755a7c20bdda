import { UserError } from '../../../base/userError.ts';
import type { Principal } from '../../../protocol/principal.ts';
import type { Point } from '../../metrics/metricStore.ts';
import type { ChangeLog } from '../changeLog.ts';
import type { RunEntry } from './directory.ts';
import type { MetricWriter } from './metricWriter.ts';

/** Points that arrive within one transaction: those of a job that one principal sends become one record and one change, however many requests brought them. */
export class PointBatch {
  private readonly metrics: MetricWriter;
  private readonly log: ChangeLog;
  /** By the job's row, since its name may become another job's, and who writes. */
  private readonly waiting = new Map<string, { run: RunEntry; principal: string; parts: Point[][] }>();

  constructor(metrics: MetricWriter, log: ChangeLog) {
    this.metrics = metrics;
    this.log = log;
  }

  /** Throws, before anything is kept, when the job is not there or deleted. */
  add({ workspace, principal: { id: principal } }: { workspace: string; principal: Principal }, job: string, points: Point[]): void {
    const run = this.metrics.directory.run(job);
    if (run?.workspace !== workspace) throw new UserError('NotFound', `Run with id=${job} not found`);
    if (run.isDeleted) throw new UserError('InvalidRequest', `The run ${job} must be in the 'active' state. Current state is deleted.`);
    const key = `${run.serial} ${principal}`;
    const present = this.waiting.get(key);
    if (present) present.parts.push(points);
    else this.waiting.set(key, { run, principal, parts: [points] });
  }

  /** The last writes of the transaction. A job that was deleted within it takes its points along. */
  write(): void {
    if (this.waiting.size === 0) return;
    for (const { run, principal, parts } of this.waiting.values()) {
      const points = parts.length === 1 ? parts[0]! : parts.flat();
      const { serial, name, workspace, parent } = run;
      if (points.length === 0 || this.metrics.directory.run(name)?.serial !== serial) continue;
      this.metrics.append(run, points);
      const keys = new Set<string>();
      for (const { key } of points) keys.add(key);
      this.log.add({ kind: 'metric', id: name, op: 'put', workspace, principal, parent, keys: [...keys], run: serial });
    }
    this.clear();
  }

  clear(): void {
    this.waiting.clear();
  }
}
