import type { DatabaseSync } from 'node:sqlite';
import { Sql } from '../sql.ts';
import { Chunks } from './chunks.ts';
import { Pyramid } from './pyramid.ts';

/** A migration: tiles above the chunks of long series. */
export function tilesOverChunks(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE metric_tiles (run INTEGER NOT NULL, key INTEGER NOT NULL, level INTEGER NOT NULL,
      step REAL NOT NULL, at REAL NOT NULL, value REAL NOT NULL, nan INTEGER NOT NULL, count INTEGER NOT NULL,
      last_step REAL NOT NULL, last_at REAL NOT NULL, last_value REAL NOT NULL, last_nan INTEGER NOT NULL, in_time INTEGER NOT NULL,
      units BLOB NOT NULL, PRIMARY KEY (run, key, level, step, at, value, nan)) WITHOUT ROWID;
  `);
  const sql = new Sql(db);
  const pyramid = new Pyramid(sql, new Chunks(sql));
  for (const { run, key } of sql.all('SELECT DISTINCT run, key FROM metric_chunks')) pyramid.raise(run, key);
}
