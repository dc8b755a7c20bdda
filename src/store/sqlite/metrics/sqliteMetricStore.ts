import type { MetricSeries } from '../../../protocol/mlflow.ts';
import { toSeries } from '../../metrics/m4.ts';
import type { MetricStore, Point, ReducedSeries, SeriesRange } from '../../metrics/metricStore.ts';
import type { Points } from '../../metrics/points.ts';
import type { ReadCaches } from '../readCaches.ts';
import type { MetricReader } from './metricReader.ts';

/** The metric series of a database: read over its reading connection, written with the other writes of the moment. */
export class SqliteMetricStore implements MetricStore {
  readonly append: MetricStore['append'];
  readonly maintain: MetricStore['maintain'];
  private readonly reader: MetricReader;
  private readonly caches: ReadCaches;

  constructor(reader: MetricReader, caches: ReadCaches, { append, maintain }: Pick<MetricStore, 'append' | 'maintain'>) {
    this.reader = reader;
    this.caches = caches;
    this.append = append;
    this.maintain = maintain;
  }

  async latest(job: string): Promise<Point[]> {
    return this.look((reader) => reader.latestOf(job));
  }

  async keys(job: string): Promise<string[]> {
    return this.look((reader) => reader.latestOf(job).map(({ key }) => key));
  }

  async history(job: string, key: string, offset: number, limit: number): Promise<Points> {
    return this.look((reader) => reader.history(job, key, offset, limit));
  }

  async sample(job: string, key: string, most: number, range: { from?: number; to?: number } = {}): Promise<Points> {
    return this.look((reader) => reader.sample(job, key, most, range));
  }

  async series(job: string, key: string, points: number, range: SeriesRange = {}): Promise<MetricSeries> {
    const found = await this.reduced(job, key, points, range);
    return toSeries(key, found.total, found.points);
  }

  async reduced(job: string, key: string, points: number, range: SeriesRange = {}): Promise<ReducedSeries> {
    return this.look((reader) => reader.reduced(job, key, points, range));
  }

  /** One look at the database, with everything remembered as it is there. */
  private look<T>(work: (reader: MetricReader) => T): T {
    return this.reader.look(() => {
      this.caches.refresh();
      return work(this.reader);
    });
  }
}
