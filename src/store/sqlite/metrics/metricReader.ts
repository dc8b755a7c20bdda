import type { PyramidSizes } from '../../metrics/extent.ts';
import type { Point, ReducedSeries, SeriesRange } from '../../metrics/metricStore.ts';
import { noPoints, type Points } from '../../metrics/points.ts';
import { SeriesReader } from '../../metrics/series.ts';
import type { Extremes } from '../../runQuery.ts';
import type { Sql } from '../sql.ts';
import { Chunks } from './chunks.ts';
import { MetricDirectory } from './directory.ts';
import { LatestValues } from './latest.ts';
import { LoosePoints } from './loose.ts';
import { Pyramid } from './pyramid.ts';

/** Reads the metrics of all runs over one connection. What it remembers of a run is brought up to date by `appended` and `changed`. */
export class MetricReader {
  readonly directory: MetricDirectory;
  readonly latest: LatestValues;
  protected readonly chunks: Chunks;
  protected readonly pyramid: Pyramid;
  protected readonly loose: LoosePoints;
  protected readonly series: SeriesReader;
  protected readonly sql: Sql;

  constructor(sql: Sql, sizes: PyramidSizes) {
    this.sql = sql;
    this.directory = new MetricDirectory(sql);
    this.chunks = new Chunks(sql, sizes);
    this.pyramid = new Pyramid(sql, this.chunks);
    this.loose = new LoosePoints(sql);
    this.series = new SeriesReader(this.chunks, this.pyramid, this.loose);
    this.latest = new LatestValues(sql, this.loose);
  }

  /** Runs reads that belong together over one state of the database. */
  look<T>(work: () => T): T {
    return this.sql.look(work);
  }

  latestOf(job: string): Point[] {
    const run = this.directory.run(job);
    if (!run) return [];
    return [...this.latest.of(run.serial)].map(([key, { step, at, value }]) => ({ key: this.directory.keyName(key), value, at, step }));
  }

  history(job: string, key: string, offset: number, limit: number): Points {
    const [run, id] = [this.directory.run(job), this.directory.key(key)];
    return run && id !== undefined ? this.series.history(run.serial, id, offset, limit) : noPoints;
  }

  reduced(job: string, key: string, most: number, range: SeriesRange): ReducedSeries {
    const [run, id] = [this.directory.run(job), this.directory.key(key)];
    if (!run || id === undefined) return { total: 0, points: noPoints };
    return this.series.reduced(run.serial, id, most, range);
  }

  sample(job: string, key: string, most: number, range: SeriesRange): Points {
    const [run, id] = [this.directory.run(job), this.directory.key(key)];
    return run && id !== undefined ? this.series.sample(run.serial, id, most, range) : noPoints;
  }

  /** Where a metric of a run, by its serial, is smallest and greatest; undefined when it has no finite value. */
  extremes(run: number, key: string): Extremes | undefined {
    const id = this.directory.key(key);
    return id === undefined ? undefined : this.series.extremes(run, id);
  }

  /** Points of a run were appended: what is remembered of it is still right, but not all. */
  appended(run: number): void {
    this.series.forget(run);
  }

  /** A run's points were moved from the write-ahead part, or removed. */
  changed(run: number): void {
    this.series.forget(run);
    this.series.forgetSealed(run);
    this.loose.forget(run);
    this.latest.forget(run);
  }

  /** Anything may have changed. */
  forgetAll(): void {
    this.directory.forgetAll();
    this.series.forget();
    this.series.forgetSealed();
    this.loose.forget();
    this.latest.forget();
  }
}
