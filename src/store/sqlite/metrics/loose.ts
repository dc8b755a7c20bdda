import { addRecords } from '../../metrics/looseSeries.ts';
import { countOf, noPoints, type Points } from '../../metrics/points.ts';
import { decodePack, decodeRecord, encodePack } from '../../metrics/records.ts';
import type { LooseReader } from '../../metrics/sealed.ts';
import type { Sql } from '../sql.ts';

/** The loose series of a run by key, in order, each point once: those of its pack and of its records up to `last`. */
interface Read {
  series: Map<number, Points>;
  count: number;
  last: number;
}

/** Runs, and points of all of them (24 bytes each), that are remembered. */
const mostRuns = 64;
const mostPoints = 400_000;

/**
 * Points that are not in chunks: the write-ahead part (`metric_log`, one record for each request or group of requests) and, packed in one row a run, series
 * that are too short for a chunk. What was read is remembered: a chart that follows a run asks again after every few records, and then only these are read.
 */
export class LoosePoints implements LooseReader {
  private readonly sql: Sql;
  /** Read last, last. */
  private readonly remembered = new Map<number, Read>();

  constructor(sql: Sql) {
    this.sql = sql;
  }

  append(run: number, count: number, record: Uint8Array): void {
    this.sql.prepare('INSERT INTO metric_log (run, count, data) VALUES (?, ?, ?)').run(run, count, record);
  }

  /** Of one series, in order, each point once. */
  of(run: number, key: number): Points {
    return this.read(run).get(key) ?? noPoints;
  }

  /** Of every series of a run, in order, each point once. */
  all(run: number): Map<number, Points> {
    return new Map(this.read(run));
  }

  /** What is remembered, of a run or of all, can't be trusted. */
  forget(run?: number): void {
    if (run === undefined) this.remembered.clear();
    else this.remembered.delete(run);
  }

  /** The records of a run that came after the one with the id `after`, oldest first. */
  *records(run: number, after = 0): Generator<{ id: number; keys: Uint32Array; points: Points }> {
    for (const row of this.sql.all('SELECT id, data FROM metric_log WHERE run = ? AND id > ? ORDER BY id', run, after))
      yield { id: row.id, ...decodeRecord(row.data) };
  }

  /** Replaces all that is loose of a run. */
  replace(run: number, series: Map<number, Points>): void {
    this.remove(run);
    if (series.size) this.sql.run('INSERT INTO metric_packs (run, data) VALUES (?, ?)', run, encodePack(series));
  }

  remove(run: number): void {
    this.remembered.delete(run);
    this.sql.run('DELETE FROM metric_log WHERE run = ?', run);
    this.sql.run('DELETE FROM metric_packs WHERE run = ?', run);
  }

  /** What is remembered of a run, brought up to date with the records that came since. */
  private read(run: number): Map<number, Points> {
    const read = this.remembered.get(run) ?? this.packed(run);
    const records = [...this.records(run, read.last)];
    read.count += addRecords(read.series, records);
    read.last = records.at(-1)?.id ?? read.last;
    this.remember(run, read);
    return read.series;
  }

  private packed(run: number): Read {
    const pack = this.sql.one('SELECT data FROM metric_packs WHERE run = ?', run);
    const series: Map<number, Points> = pack ? decodePack(pack.data) : new Map();
    let count = 0;
    for (const points of series.values()) count += countOf(points);
    return { series, count, last: 0 };
  }

  private remember(run: number, read: Read): void {
    this.remembered.delete(run);
    this.remembered.set(run, read);
    let total = 0;
    for (const { count } of this.remembered.values()) total += count;
    for (const [oldest, { count }] of this.remembered) {
      if ((total <= mostPoints && this.remembered.size <= mostRuns) || oldest === run) break;
      this.remembered.delete(oldest);
      total -= count;
    }
  }

  /** Runs with records in the write-ahead part. */
  logged(): { run: number; records: number; points: number }[] {
    return this.sql.all('SELECT run, count(*) AS records, sum(count) AS points FROM metric_log GROUP BY run') as never;
  }
}
