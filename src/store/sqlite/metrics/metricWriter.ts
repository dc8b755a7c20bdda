import type { PyramidSizes } from '../../metrics/extent.ts';
import type { Point } from '../../metrics/metricStore.ts';
import { concat, countOf, type Points, placeAt } from '../../metrics/points.ts';
import { encodeRecord } from '../../metrics/records.ts';
import type { Chunk } from '../../metrics/sealed.ts';
import { fullAt, isScattered, joinsOf, longSeries } from '../../metrics/sealing.ts';
import type { Sql } from '../sql.ts';
import type { RunEntry } from './directory.ts';
import { MetricReader } from './metricReader.ts';

/** What of a run waits in the write-ahead part. */
interface Logged {
  records: number;
  points: number;
  /** `performance.now()` of the last write. */
  at: number;
}

/** Writes the metrics of all runs, inside a transaction. A point is kept once, however often it is logged; what is appended is safe when its transaction is. */
export class MetricWriter extends MetricReader {
  private readonly logged = new Map<number, Logged>();
  private readonly full = new Set<number>();
  /** Runs with logged points that the table of latest values may not know. */
  private readonly behind = new Set<number>();
  private isTouched = false;

  constructor(sql: Sql, sizes: PyramidSizes) {
    super(sql, sizes);
    this.recount();
  }

  append(run: RunEntry, points: Point[]): void {
    if (points.length === 0) return;
    this.isTouched = true;
    this.loose.append(
      run.serial,
      points.length,
      encodeRecord(points, (name) => this.directory.makeKey(name)),
    );
    const logged = this.logged.get(run.serial) ?? { records: 0, points: 0, at: 0 };
    logged.records++;
    logged.points += points.length;
    logged.at = performance.now();
    this.logged.set(run.serial, logged);
    if (logged.records >= fullAt.records || logged.points >= fullAt.points) this.full.add(run.serial);
    this.behind.add(run.serial);
    this.series.forget(run.serial);
  }

  /** Runs whose write-ahead part became full since this was last asked. */
  takeFull(): number[] {
    if (this.full.size === 0) return [];
    const runs = [...this.full];
    this.full.clear();
    return runs;
  }

  /** Runs with a write-ahead part that was not written to for `quietMs`. */
  quiet(quietMs: number): number[] {
    const now = performance.now();
    return [...this.logged].filter(([, { at }]) => now - at >= quietMs).map(([run]) => run);
  }

  /** Moves a run's loose points into chunks, short series into its pack; for use in a transaction. */
  seal(run: number): void {
    this.isTouched = true;
    this.follow(run);
    const all = this.loose.all(run);
    for (const [key, points] of longSeries(all)) {
      this.sealSeries(run, key, points);
      all.delete(key);
    }
    this.loose.replace(run, all);
    this.logged.delete(run);
    this.changed(run);
  }

  /** Packs a run's chunks anew, as full and as small as they get; for use in a transaction. */
  compact(run: number): void {
    this.seal(run);
    for (const { key } of this.sql.all('SELECT DISTINCT key FROM metric_chunks WHERE run = ?', run)) {
      const chunks = this.chunks.list(run, key);
      if (!isScattered(chunks, this.chunks.sizes)) continue;
      this.replace(run, key, chunks, concat(chunks.map((chunk) => this.chunks.points(chunk))), 9);
      this.pyramid.raise(run, key);
    }
  }

  removeRun(run: RunEntry): void {
    this.isTouched = true;
    this.chunks.removeRun(run.serial);
    this.pyramid.removeRun(run.serial);
    this.loose.remove(run.serial);
    this.sql.run('DELETE FROM latest WHERE run = ?', run.serial);
    this.behind.delete(run.serial);
    this.logged.delete(run.serial);
    this.changed(run.serial);
    this.directory.forgetRun(run.name);
  }

  get isBehind(): boolean {
    return this.behind.size > 0;
  }

  /** Brings the table of latest values up to date for all runs, or one; answers which ones were behind. */
  follow(only?: number): number[] {
    // What is remembered as written is not when the transaction fails.
    if (this.behind.size > 0) this.isTouched = true;
    const runs = only === undefined ? [...this.behind] : this.behind.has(only) ? [only] : [];
    for (const run of runs) {
      this.latest.write(run);
      this.behind.delete(run);
    }
    return runs;
  }

  /** A write begins that may be undone alone. */
  begin(): void {
    this.isTouched = false;
  }

  /** The write that began last was undone, or, with `all`, the whole transaction: what is remembered of it can't be trusted. */
  undone(all: boolean): void {
    this.directory.forgetAll();
    if (!this.isTouched && !all) return;
    this.forgetAll();
    this.recount();
  }

  /** Another process wrote to the database. */
  others(): void {
    this.forgetAll();
    this.recount();
  }

  private recount(): void {
    this.logged.clear();
    for (const { run, records, points } of this.loose.logged()) {
      this.logged.set(run, { records, points, at: performance.now() });
      this.behind.add(run);
    }
  }

  private sealSeries(run: number, key: number, points: Points): void {
    for (const { parts, chunks } of joinsOf(this.series.parts(run, key, points), this.chunks.sizes))
      this.replace(run, key, chunks, this.series.whole(run, key, parts));
    this.pyramid.raise(run, key);
  }

  /** Seals points in place of the chunks that they came from. */
  private replace(run: number, key: number, chunks: Chunk[], points: Points, level?: number): void {
    this.pyramid.clear(run, key, placeAt(points, 0), placeAt(points, countOf(points) - 1));
    for (const chunk of chunks) this.chunks.remove(run, key, chunk);
    this.chunks.seal(run, key, points, level);
  }
}
