import {
  ByteReader,
  ByteWriter,
  compress,
  decodePoints,
  decompress,
  encodePoints,
  readColumns,
  writeColumns,
} from '../../metrics/columnCodec.ts';
import { type Units, unitsOf } from '../../metrics/m4.ts';
import { countOf, isTimeOrdered, type Place, type Points, placeAt, slice } from '../../metrics/points.ts';
import type { Row, Sql } from '../sql.ts';

/** Most points of one chunk, and how many a reduced unit stands for: small units lie beside the chunk's points, large ones in its row. */
export const chunkSize = 8192;
export const smallUnit = 128;
export const largeUnit = 1024;

/** A sealed chunk: sorted points of one series, none of which lies inside another chunk's extent. */
export interface Chunk {
  first: Place;
  last: Place;
  count: number;
  isTimeOrdered: boolean;
  /** Row of its bytes. */
  data: number;
  large: Uint8Array;
}

const nanOf = (value: number) => (Number.isNaN(value) ? 1 : 0);
const numberOf = (value: number) => (Number.isNaN(value) ? 0 : value);

/** Chunks in their tables: one narrow row each, and the bytes in another table, so that walking over a long series touches little. */
export class Chunks {
  private readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  /** The chunks of a series in its order. */
  list(run: number, key: number): Chunk[] {
    return this.sql.all('SELECT * FROM metric_chunks WHERE run = ? AND key = ? ORDER BY step, at, value, nan', run, key).map(chunkOf);
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
    const pieces = Math.ceil(count / chunkSize);
    for (let piece = 0; piece < pieces; piece++) {
      const part = slice(points, Math.floor((piece * count) / pieces), Math.floor(((piece + 1) * count) / pieces));
      const data = this.sql
        .prepare('INSERT INTO metric_data (small, data) VALUES (?, ?)')
        .run(compress(encodeUnits(unitsOf(part, smallUnit))), encodePoints(part, level)).lastInsertRowid;
      const [first, last] = [placeAt(part, 0), placeAt(part, countOf(part) - 1)];
      this.sql.run(
        `INSERT INTO metric_chunks (run, key, step, at, value, nan, count, last_step, last_at, last_value, last_nan, in_time, data, large)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        run,
        key,
        first.step,
        first.at,
        numberOf(first.value),
        nanOf(first.value),
        countOf(part),
        last.step,
        last.at,
        numberOf(last.value),
        nanOf(last.value),
        isTimeOrdered(part) ? 1 : 0,
        data,
        encodeUnits(unitsOf(part, largeUnit)),
      );
    }
  }

  remove(run: number, key: number, { first, data }: Chunk): void {
    this.sql.run('DELETE FROM metric_data WHERE id = ?', data);
    this.sql.run(
      'DELETE FROM metric_chunks WHERE run = ? AND key = ? AND step = ? AND at = ? AND value = ? AND nan = ?',
      run,
      key,
      first.step,
      first.at,
      numberOf(first.value),
      nanOf(first.value),
    );
  }

  removeRun(run: number): void {
    this.sql.run('DELETE FROM metric_data WHERE id IN (SELECT data FROM metric_chunks WHERE run = ?)', run);
    this.sql.run('DELETE FROM metric_chunks WHERE run = ?', run);
  }
}

const chunkOf = (row: Row): Chunk => ({
  first: { step: row.step, at: row.at, value: row.nan ? Number.NaN : row.value },
  last: { step: row.last_step, at: row.last_at, value: row.last_nan ? Number.NaN : row.last_value },
  count: row.count,
  isTimeOrdered: row.in_time === 1,
  data: row.data,
  large: row.large,
});

function encodeUnits({ points, sizes }: Units): Uint8Array {
  const writer = new ByteWriter();
  writer.word(sizes.length);
  writer.planes(sizes);
  writeColumns(writer, points);
  return writer.take();
}

function decodeUnits(bytes: Uint8Array): Units {
  const reader = new ByteReader(bytes);
  const sizes = reader.planes(new Uint8Array(reader.word()));
  return { sizes, points: readColumns(reader) };
}
