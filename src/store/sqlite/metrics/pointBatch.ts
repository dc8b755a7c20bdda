import { UserError } from '../../../base/userError.ts';
import type { Point, StoreWriter } from '../../store.ts';
import type { Metrics } from './metrics.ts';

/** Points that arrive within one transaction: those of a job become one record and one change, however many requests brought them. */
export class PointBatch {
  private readonly writer: StoreWriter;
  private readonly metrics: Metrics;
  private readonly waiting = new Map<string, Point[]>();

  constructor(writer: StoreWriter, metrics: Metrics) {
    this.writer = writer;
    this.metrics = metrics;
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
    for (const [job, points] of this.waiting) if (this.metrics.directory.run(job)) this.writer.logPoints(job, points);
    this.clear();
  }

  clear(): void {
    this.waiting.clear();
  }
}
