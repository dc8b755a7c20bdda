import type { SQLInputValue } from 'node:sqlite';
import { decodePoints, decodeUnits, decompress } from '../../metrics/columnCodec.ts';
import { extentColumns, extentNames, extentOf, orderOf, type PyramidSizes, usualSizes } from '../../metrics/extent.ts';
import type { Units } from '../../metrics/m4.ts';
import type { Points } from '../../metrics/points.ts';
import { type Chunk, type ChunkReader, chunksOf } from '../../metrics/sealed.ts';
import type { Row, Sql } from '../sql.ts';

/** Chunks in their tables: one narrow row each, and the bytes in another table, so that walking over a long series touches little. */
export class Chunks implements ChunkReader {
  private readonly sql: Sql;
  readonly sizes: PyramidSizes;

  constructor(sql: Sql, sizes: PyramidSizes = usualSizes) {
    this.sql = sql;
    this.sizes = sizes;
  }

  /** The chunks of a series in its order; `where` limits them, with the values of its question marks. */
  list(run: number, key: number, where = 'TRUE', ...values: SQLInputValue[]): Chunk[] {
    return this.sql
      .all(
        `SELECT ${extentNames}, data, large FROM metric_chunks WHERE run = ? AND key = ? AND ${where} ORDER BY step, at, value, nan`,
        run,
        key,
        ...values,
      )
      .map(chunkOf);
  }

  points(chunk: Chunk): Points {
    return decodePoints(this.sql.one('SELECT data FROM metric_data WHERE id = ?', chunk.data)!.data);
  }

  smallUnits(chunk: Chunk): Units {
    return decodeUnits(decompress(this.sql.one('SELECT small FROM metric_data WHERE id = ?', chunk.data)!.small));
  }

  largeUnits(chunk: Chunk): Units {
    // Read by the hundred and few bytes each, so they are stored as they are.
    return decodeUnits(chunk.large);
  }

  /** Seals points, which are in order and in nobody else's extent, in as many chunks as they need. */
  seal(run: number, key: number, points: Points, level?: number): void {
    for (const chunk of chunksOf(points, this.sizes, level)) {
      const data = this.sql.prepare('INSERT INTO metric_data (small, data) VALUES (?, ?)').run(chunk.small, chunk.data).lastInsertRowid;
      this.sql.run(
        `INSERT INTO metric_chunks (run, key, ${extentNames}, data, large)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        run,
        key,
        ...extentColumns(chunk),
        data,
        chunk.large,
      );
    }
  }

  remove(run: number, key: number, { first, data }: Chunk): void {
    this.sql.run('DELETE FROM metric_data WHERE id = ?', data);
    this.sql.run(
      'DELETE FROM metric_chunks WHERE run = ? AND key = ? AND step = ? AND at = ? AND value = ? AND nan = ?',
      run,
      key,
      ...orderOf(first),
    );
  }

  removeRun(run: number): void {
    this.sql.run('DELETE FROM metric_data WHERE id IN (SELECT data FROM metric_chunks WHERE run = ?)', run);
    this.sql.run('DELETE FROM metric_chunks WHERE run = ?', run);
  }
}

const chunkOf = (row: Row): Chunk => ({ ...extentOf(row), data: row.data, large: row.large });
