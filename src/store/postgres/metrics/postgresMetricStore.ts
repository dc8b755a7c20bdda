import type { MetricSeries } from '../../../protocol/mlflow.ts';
import { gathered } from '../../gathered.ts';
import type { PyramidSizes } from '../../metrics/extent.ts';
import { toSeries } from '../../metrics/m4.ts';
import type { MetricStore, Point, ReducedSeries, SeriesRange } from '../../metrics/metricStore.ts';
import { noPoints, type Points } from '../../metrics/points.ts';
import type { SeriesReader } from '../../metrics/series.ts';
import { Look } from '../look.ts';
import type { Reading } from '../reading.ts';
import type { Row } from '../rows.ts';
import { LookedSeries } from './series.ts';

/** The metric series of a database: each reading is one look at it, written with the other writes of the moment. */
export class PostgresMetricStore implements MetricStore {
  readonly append: MetricStore['append'];
  readonly maintain: MetricStore['maintain'];
  private readonly reading: Reading;
  private readonly sizes: PyramidSizes;
  private readonly latestOf = gathered((jobs: string[]) => this.latestOfAll(jobs));

  constructor(reading: Reading, sizes: PyramidSizes, { append, maintain }: Pick<MetricStore, 'append' | 'maintain'>) {
    this.reading = reading;
    this.sizes = sizes;
    this.append = append;
    this.maintain = maintain;
  }

  async latest(job: string): Promise<Point[]> {
    const found = (await this.latestOf(job)) ?? [];
    return found.map(({ key, step, at, value, nan }) => ({ key, value: nan ? Number.NaN : value, at, step }));
  }

  private async latestOfAll(jobs: string[]): Promise<Map<string, Row[]>> {
    const found = await this.reading.all(
      `SELECT j.name AS job, k.name AS key, l.step, l.at, l.value, l.nan
       FROM jobs j JOIN latest l ON l.run = j.serial JOIN metric_keys k ON k.id = l.key WHERE j.name = ANY($1)`,
      jobs,
    );
    return Map.groupBy(found, ({ job }) => job);
  }

  async keys(job: string): Promise<string[]> {
    return (await this.latest(job)).map(({ key }) => key);
  }

  history(job: string, key: string, offset: number, limit: number): Promise<Points> {
    return this.ofSeries(job, key, noPoints, (series, run, id) => series.history(run, id, offset, limit));
  }

  sample(job: string, key: string, most: number, range: { from?: number; to?: number } = {}): Promise<Points> {
    return this.ofSeries(job, key, noPoints, (series, run, id) => series.sample(run, id, most, range));
  }

  async series(job: string, key: string, points: number, range: SeriesRange = {}): Promise<MetricSeries> {
    const found = await this.reduced(job, key, points, range);
    return toSeries(key, found.total, found.points);
  }

  reduced(job: string, key: string, points: number, range: SeriesRange = {}): Promise<ReducedSeries> {
    return this.ofSeries(job, key, { total: 0, points: noPoints }, (series, run, id) => series.reduced(run, id, points, range));
  }

  /** What a calculation over a series answers, or `none` where there is no such series. */
  private ofSeries<T>(job: string, key: string, none: T, calculation: (series: SeriesReader, run: number, key: number) => T): Promise<T> {
    return this.reading.look(async (rows) => {
      const found = await rows.one(
        'SELECT j.serial AS run, k.id AS key FROM jobs j, metric_keys k WHERE j.name = $1 AND k.name = $2',
        job,
        key,
      );
      if (!found) return none;
      const look = new Look(rows);
      // Read anew in each round, as a reader remembers what it has read.
      return look.answer(() => calculation(new LookedSeries(look, this.sizes).reader(), found.run, found.key));
    });
  }
}
