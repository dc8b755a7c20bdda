import type { SQLInputValue } from 'node:sqlite';
import { compress, decodePoints, decodeUnits, decompress, encodePoints, encodeUnits } from '../../metrics/columnCodec.ts';
import { type Units, unitsOf } from '../../metrics/m4.ts';
import { countOf, isTimeOrdered, type Points, placeAt, slice } from '../../metrics/points.ts';
import type { Row, Sql } from '../sql.ts';
import { type Extent, extentColumns, extentNames, extentOf, orderOf, type PyramidSizes, usualSizes } from './extent.ts';

/** A sealed chunk: sorted points of one series, none of which lies inside another chunk's extent. Small units lie beside its points, large ones in its row. */
export interface Chunk extends Extent {
  /** Row of its bytes. */
  data: number;
  large: Uint8Array;
}

/** Chunks in their tables: one narrow row each, and the bytes in another table, so that walking over a long series touches little. */
export class Chunks {
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
    const count = countOf(points);
    const { chunk, small, large } = this.sizes;
    const pieces = Math.ceil(count / chunk);
    for (let piece = 0; piece < pieces; piece++) {
      const part = slice(points, Math.floor((piece * count) / pieces), Math.floor(((piece + 1) * count) / pieces));
      const data = this.sql
        .prepare('INSERT INTO metric_data (small, data) VALUES (?, ?)')
        .run(compress(encodeUnits(unitsOf(part, small))), encodePoints(part, level)).lastInsertRowid;
      this.sql.run(
        `INSERT INTO metric_chunks (run, key, ${extentNames}, data, large)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        run,
        key,
        ...extentColumns({
          first: placeAt(part, 0),
          last: placeAt(part, countOf(part) - 1),
          count: countOf(part),
          isTimeOrdered: isTimeOrdered(part),
        }),
        data,
        encodeUnits(unitsOf(part, large)),
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
