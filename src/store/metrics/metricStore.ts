import type { MetricSeries } from '../../protocol/mlflow.ts';
import type { Principal } from '../../protocol/principal.ts';
import type { Points } from './points.ts';

/** One point as stored: `step` and `at` (ms since 1970) are integers, `value` any double. */
export interface Point {
  key: string;
  value: number;
  at: number;
  step: number;
}

/** What of a series a chart shows. `axis`: steps (as by default) or times in ms; `from` and `to` are on it, inclusive. */
export interface SeriesRange {
  axis?: 'step' | 'time';
  from?: number;
  to?: number;
}

/** Some points of a series that has `total`. */
export interface ReducedSeries {
  total: number;
  points: Points;
}

/**
 * The metric series of jobs. A point is kept once, however often it is logged; what was answered is on disk. A job's series go when the store's `deleteJob` removes it.
 * Jobs are named plane-wide: who asks has found the job in their workspace before. Of a job that is not there, every reading is empty.
 */
export interface MetricStore {
  /** Appends points. Throws `NotFound` when the workspace has no such job, `InvalidRequest` when it is deleted. */
  append(asked: { workspace: string; principal: Principal }, job: string, points: Point[]): Promise<void>;
  /** The value with the greatest (step, time, value) of each key. */
  latest(job: string): Promise<Point[]>;
  keys(job: string): Promise<string[]>;
  /** By time, then step, then value; each point once, however often it was logged. */
  history(job: string, key: string, offset: number, limit: number): Promise<Points>;
  /** At most `most` points of the steps `from` to `to` (inclusive), evenly chosen by their number, by step; the first and the last among them. */
  sample(job: string, key: string, most: number, range?: { from?: number; to?: number }): Promise<Points>;
  /** At most about `points` points: first, last, min and max of each bucket, and the first that is not finite. */
  reduced(job: string, key: string, points: number, range?: SeriesRange): Promise<ReducedSeries>;
  /** The same as the pages of a job get it: what is not finite is null. */
  series(job: string, key: string, points: number, range?: SeriesRange): Promise<MetricSeries>;
  /** `seal` moves what waits in the write-ahead part into chunks; `compact` also packs small chunks anew and gives free space back to the disk. */
  maintain(what: 'seal' | 'compact'): Promise<void>;
}
