import type { MetricSeries } from '../../../protocol/mlflow.ts';
import { concat, countOf, noPoints, type Points, placeAt } from '../../metrics/points.ts';
import { encodeRecord } from '../../metrics/records.ts';
import type { Point, SeriesRange } from '../../store.ts';
import type { RunSearch } from '../search/runSearch.ts';
import type { Sql } from '../sql.ts';
import { type Chunk, Chunks } from './chunks.ts';
import { MetricDirectory, type RunEntry } from './directory.ts';
import { type PyramidSizes, usualSizes } from './extent.ts';
import { LatestValues } from './latest.ts';
import { LoosePoints } from './loose.ts';
import { isTile, Pyramid, type Tile } from './pyramid.ts';
import { isMemory, type Part, SeriesReader } from './series.ts';

/** A run is sealed when its write-ahead part has so many records or points. */
const fullAt = { records: 2048, points: 2 * usualSizes.chunk };
/** A shorter series stays in its run's pack; a pack of more points gives its longest series away. */
const shortest = 256;
const packLimit = 8 * usualSizes.chunk;

/** What of a run waits in the write-ahead part. */
interface Logged {
  records: number;
  points: number;
  /** `performance.now()` of the last write. */
  at: number;
}

/** The metrics of all runs. A point is kept once, however often it is logged; what is appended is safe when its transaction is. */
export class Metrics {
  readonly directory: MetricDirectory;
  readonly latest: LatestValues;
  private readonly chunks: Chunks;
  private readonly pyramid: Pyramid;
  private readonly loose: LoosePoints;
  private readonly series: SeriesReader;
  private readonly sql: Sql;
  private readonly logged = new Map<number, Logged>();
  private readonly full = new Set<number>();
  private isTouched = false;

  constructor(sql: Sql, search: RunSearch, sizes: PyramidSizes) {
    this.sql = sql;
    this.directory = new MetricDirectory(sql);
    this.chunks = new Chunks(sql, sizes);
    this.pyramid = new Pyramid(sql, this.chunks);
    this.loose = new LoosePoints(sql);
    this.series = new SeriesReader(this.chunks, this.pyramid, this.loose);
    this.latest = new LatestValues(sql, this.directory, this.loose, search);
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
    this.latest.mark(run.serial, points);
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
    this.latest.seal(run);
    const all = this.loose.all(run);
    let left = 0;
    for (const points of all.values()) left += countOf(points);
    // Longest first, so that what stays is short.
    for (const [key, points] of [...all].sort((a, b) => countOf(b[1]) - countOf(a[1]))) {
      if (countOf(points) < shortest && left <= packLimit) break;
      this.sealSeries(run, key, points);
      all.delete(key);
      left -= countOf(points);
    }
    this.loose.replace(run, all);
    this.logged.delete(run);
    this.series.forget(run);
  }

  /** Packs a run's chunks anew, as full and as small as they get; for use in a transaction. */
  compact(run: number): void {
    this.seal(run);
    for (const { key } of this.sql.all('SELECT DISTINCT key FROM metric_chunks WHERE run = ?', run)) {
      const chunks = this.chunks.list(run, key);
      if (chunks.length < 2 || chunks.every((chunk) => chunk.count >= this.chunks.sizes.chunk / 2)) continue;
      this.replace(run, key, chunks, concat(chunks.map((chunk) => this.chunks.points(chunk))), 9);
      this.pyramid.raise(run, key);
    }
  }

  removeRun(run: RunEntry): void {
    this.isTouched = true;
    this.chunks.removeRun(run.serial);
    this.pyramid.removeRun(run.serial);
    this.loose.remove(run.serial);
    this.latest.remove(run.serial);
    this.logged.delete(run.serial);
    this.series.forget(run.serial);
    this.directory.forgetRun(run.name);
  }

  history(run: RunEntry, key: string, offset: number, limit: number): Points {
    const id = this.directory.key(key);
    return id === undefined ? noPoints : this.series.history(run.serial, id, offset, limit);
  }

  reduced(run: RunEntry, key: string, most: number, range: SeriesRange): MetricSeries {
    return this.series.reduced(key, run.serial, this.directory.key(key) ?? -1, most, range);
  }

  sample(run: RunEntry, key: string, most: number, range: SeriesRange): Points {
    const id = this.directory.key(key);
    return id === undefined ? noPoints : this.series.sample(run.serial, id, most, range);
  }

  /** A write begins that may be undone alone. */
  begin(): void {
    this.isTouched = false;
  }

  /** The write that began last was undone, or, with `all`, the whole transaction: what is remembered of it can't be trusted. */
  undone(all: boolean): void {
    this.directory.forgetAll();
    if (!this.isTouched && !all) return;
    this.loose.forget();
    this.latest.reset();
    this.recount();
  }

  private recount(): void {
    this.logged.clear();
    for (const { run, records, points } of this.loose.logged()) this.logged.set(run, { records, points, at: performance.now() });
  }

  /** Joins the points with the chunks into whose extent they fall, and with small ones before them: a chunk is rewritten a few times until it is full. */
  private sealSeries(run: number, key: number, points: Points): void {
    const parts = this.series.parts(run, key, points);
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i]!;
      if (!isMemory(part)) continue;
      const joined: Exclude<Part, Tile>[] = [part];
      let count = part.count;
      while (i > 0) {
        const before = parts[i - 1]!;
        // What a tile covers is full.
        if (isTile(before) || (!isMemory(before) && (before.count >= this.chunks.sizes.chunk / 2 || before.count > 4 * count))) break;
        joined.unshift(before);
        count += before.count;
        i--;
      }
      const chunks = joined.flatMap((each) => (isMemory(each) ? each.merged : [each]));
      this.replace(run, key, chunks, this.series.whole(run, key, joined));
    }
    this.pyramid.raise(run, key);
  }

  /** Seals points in place of the chunks that they came from. */
  private replace(run: number, key: number, chunks: Chunk[], points: Points, level?: number): void {
    this.pyramid.clear(run, key, placeAt(points, 0), placeAt(points, countOf(points) - 1));
    for (const chunk of chunks) this.chunks.remove(run, key, chunk);
    this.chunks.seal(run, key, points, level);
  }
}
