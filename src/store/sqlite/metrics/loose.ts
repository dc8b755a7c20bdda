import { concat, noPoints, type Points, pick, sortedSet } from '../../metrics/points.ts';
import { decodePack, decodeRecord, encodePack } from '../../metrics/records.ts';
import type { Sql } from '../sql.ts';

/**
 * Points that are not in chunks: the write-ahead part (`metric_log`, one record for each request or group of requests) and, packed in one row a run, series
 * that are too short for a chunk.
 */
export class LoosePoints {
  private readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  append(run: number, count: number, record: Uint8Array): void {
    this.sql.prepare('INSERT INTO metric_log (run, count, data) VALUES (?, ?, ?)').run(run, count, record);
  }

  /** Of one series, in order, each point once. */
  of(run: number, key: number): Points {
    const parts: Points[] = [];
    const pack = this.sql.one('SELECT data FROM metric_packs WHERE run = ?', run);
    const packed = pack && decodePack(pack.data).get(key);
    if (packed) parts.push(packed);
    for (const { keys, points } of this.records(run)) {
      const indexes: number[] = [];
      for (let i = 0; i < keys.length; i++) if (keys[i] === key) indexes.push(i);
      if (indexes.length === keys.length) parts.push(points);
      else if (indexes.length) parts.push(pick(points, indexes));
    }
    return parts.length ? sortedSet(concat(parts)) : noPoints;
  }

  /** Of every series of a run, in order, each point once. */
  all(run: number): Map<number, Points> {
    const pack = this.sql.one('SELECT data FROM metric_packs WHERE run = ?', run);
    const parts = new Map<number, Points[]>();
    const add = (key: number, points: Points) => {
      const of = parts.get(key);
      if (of) of.push(points);
      else parts.set(key, [points]);
    };
    if (pack) for (const [key, points] of decodePack(pack.data)) add(key, points);
    for (const { keys, points } of this.records(run)) {
      const places = new Map<number, number[]>();
      for (let i = 0; i < keys.length; i++) {
        const of = places.get(keys[i]!);
        if (of) of.push(i);
        else places.set(keys[i]!, [i]);
      }
      for (const [key, indexes] of places) add(key, places.size === 1 ? points : pick(points, indexes));
    }
    return new Map([...parts].map(([key, of]) => [key, sortedSet(concat(of))]));
  }

  /** The records of a run, oldest first. */
  *records(run: number): Generator<{ keys: Uint32Array; points: Points }> {
    for (const row of this.sql.all('SELECT data FROM metric_log WHERE run = ? ORDER BY id', run)) yield decodeRecord(row.data);
  }

  /** Replaces all that is loose of a run. */
  replace(run: number, series: Map<number, Points>): void {
    this.remove(run);
    if (series.size) this.sql.run('INSERT INTO metric_packs (run, data) VALUES (?, ?)', run, encodePack(series));
  }

  remove(run: number): void {
    this.sql.run('DELETE FROM metric_log WHERE run = ?', run);
    this.sql.run('DELETE FROM metric_packs WHERE run = ?', run);
  }

  /** Runs with records in the write-ahead part. */
  logged(): { run: number; records: number; points: number }[] {
    return this.sql.all('SELECT run, count(*) AS records, sum(count) AS points FROM metric_log GROUP BY run') as never;
  }
}
