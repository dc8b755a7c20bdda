import type { DatabaseSync } from 'node:sqlite';
import { sortedSet } from '../../metrics/points.ts';
import { type Row, Sql } from '../sql.ts';
import { Chunks } from './chunks.ts';
import { LoosePoints } from './loose.ts';

/** Steps and times are REAL, which is exact to 2^53: an INTEGER of 2^53 can't be read as a number. */
const tables = `
  CREATE TABLE metric_keys (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE metric_log (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, count INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE INDEX metric_log_run ON metric_log (run, id);
  CREATE TABLE metric_packs (run INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE metric_chunks (run INTEGER NOT NULL, key INTEGER NOT NULL, step REAL NOT NULL, at REAL NOT NULL, value REAL NOT NULL, nan INTEGER NOT NULL,
    count INTEGER NOT NULL, last_step REAL NOT NULL, last_at REAL NOT NULL, last_value REAL NOT NULL, last_nan INTEGER NOT NULL, in_time INTEGER NOT NULL,
    data INTEGER NOT NULL, large BLOB NOT NULL, PRIMARY KEY (run, key, step, at, value, nan)) WITHOUT ROWID;
  CREATE TABLE metric_data (id INTEGER PRIMARY KEY, small BLOB NOT NULL, data BLOB NOT NULL);
  ALTER TABLE latest RENAME TO latest_before;
  CREATE TABLE latest (run INTEGER NOT NULL, key INTEGER NOT NULL, step REAL NOT NULL, at REAL NOT NULL, value REAL NOT NULL, nan INTEGER NOT NULL,
    PRIMARY KEY (run, key)) WITHOUT ROWID;
  CREATE INDEX latest_key ON latest (key, run, value, nan);
  INSERT INTO metric_keys (name) SELECT DISTINCT key FROM latest_before;
  INSERT INTO latest SELECT j.serial, k.id, l.step, l.at, l.value, l.is_nan FROM latest_before l JOIN jobs j ON j.name = l.job JOIN metric_keys k ON k.name = l.key;
  DROP TABLE latest_before;
`;

/** A migration: from a row a point to chunks. */
export function metricsIntoChunks(db: DatabaseSync): void {
  db.exec(tables);
  const sql = new Sql(db);
  const [chunks, loose] = [new Chunks(sql), new LoosePoints(sql)];
  for (const { run, name } of sql.all('SELECT serial AS run, name FROM jobs WHERE name IN (SELECT job FROM points)')) {
    const short = new Map();
    for (const { key, count } of sql.all('SELECT key, count(*) AS count FROM points WHERE job = ? GROUP BY key', name)) {
      const rows = sql.all('SELECT step, at, value, is_nan FROM points WHERE job = ? AND key = ?', name, key);
      const points = sortedSet({
        steps: Float64Array.from(rows, (row: Row) => row.step),
        ats: Float64Array.from(rows, (row: Row) => row.at),
        values: Float64Array.from(rows, (row: Row) => (row.is_nan ? Number.NaN : row.value)),
      });
      const { id } = sql.one('SELECT id FROM metric_keys WHERE name = ?', key)!;
      if (count < 256) short.set(id, points);
      else chunks.seal(run, id, points);
    }
    loose.replace(run, short);
  }
  db.exec('DROP TABLE points');
}
