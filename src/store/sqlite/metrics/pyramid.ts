import { decodeUnits } from '../../metrics/columnCodec.ts';
import { extentColumns, extentNames, extentOf, orderOf } from '../../metrics/extent.ts';
import type { Units } from '../../metrics/m4.ts';
import type { Place } from '../../metrics/points.ts';
import { fullGroups, type Sealed, type Tile, type TileReader, tileOver } from '../../metrics/sealed.ts';
import type { Row, Sql } from '../sql.ts';
import type { Chunks } from './chunks.ts';

const lowest: Place = { step: Number.NEGATIVE_INFINITY, at: 0, value: 0 };
const highest: Place = { step: Number.POSITIVE_INFINITY, at: 0, value: 0 };

/** Tiles follow the chunks: `raise` after chunks were sealed, `clear` where something changes. A place without tiles is read from its chunks, so it is only slower. */
export class Pyramid implements TileReader {
  private readonly sql: Sql;
  private readonly chunks: Chunks;

  constructor(sql: Sql, chunks: Chunks) {
    this.sql = sql;
    this.chunks = chunks;
  }

  /** A sealed series in its order, in the fewest parts. */
  roots(run: number, key: number): Sealed[] {
    const { top } = this.sql.one('SELECT max(level) AS top FROM metric_tiles WHERE run = ? AND key = ?', run, key)!;
    return this.between(run, key, top ?? 0, lowest, highest);
  }

  /** What a tile covers, in order. */
  children(run: number, key: number, { level, first, last }: Tile): Sealed[] {
    return this.level(run, key, level - 1, ['>=', '<='], first, last);
  }

  units(tile: Tile): Units {
    return decodeUnits(tile.units);
  }

  /** How many points one unit of a tile stands for. */
  unitOf({ level }: Tile): number {
    const { large, fan } = this.chunks.sizes;
    return large * fan ** (level - 1);
  }

  /** Puts tiles over all that has as many neighbours as it takes. Chunks that may still grow get none. */
  raise(run: number, key: number): void {
    for (;;) {
      const groups = fullGroups(this.roots(run, key), this.chunks.sizes);
      if (groups.length === 0) return;
      for (const group of groups) this.insert(run, key, group);
    }
  }

  /** Removes the tiles over anything from `first` to `last`. */
  clear(run: number, key: number, first: Place, last: Place): void {
    this.sql.run(
      `DELETE FROM metric_tiles WHERE run = ? AND key = ? AND (step, at, value, nan) <= (?, ?, ?, ?)
       AND (last_step, last_at, last_value, last_nan) >= (?, ?, ?, ?)`,
      run,
      key,
      ...orderOf(last),
      ...orderOf(first),
    );
  }

  removeRun(run: number): void {
    this.sql.run('DELETE FROM metric_tiles WHERE run = ?', run);
  }

  /** Tiles of a level strictly between two places, and what lies between them on the levels below. */
  private between(run: number, key: number, level: number, after: Place, before: Place): Sealed[] {
    const here = this.level(run, key, level, ['>', '<'], after, before);
    if (level === 0) return here;
    const found: Sealed[] = [];
    let from = after;
    for (const tile of here) {
      found.push(...this.between(run, key, level - 1, from, tile.first), tile);
      from = tile.last;
    }
    found.push(...this.between(run, key, level - 1, from, before));
    return found;
  }

  private level(run: number, key: number, level: number, [low, high]: [string, string], from: Place, to: Place): Sealed[] {
    const range = `(step, at, value, nan) ${low} (?, ?, ?, ?) AND (step, at, value, nan) ${high} (?, ?, ?, ?)`;
    if (level === 0) return this.chunks.list(run, key, range, ...orderOf(from), ...orderOf(to));
    return this.sql
      .all(
        `SELECT level, ${extentNames}, units FROM metric_tiles WHERE run = ? AND key = ? AND level = ? AND ${range} ORDER BY step, at, value, nan`,
        run,
        key,
        level,
        ...orderOf(from),
        ...orderOf(to),
      )
      .map(tileOf);
  }

  private insert(run: number, key: number, group: Sealed[]): void {
    const tile = tileOver(group, this.chunks, this);
    this.sql.run(
      `INSERT INTO metric_tiles (run, key, level, ${extentNames}, units) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      run,
      key,
      tile.level,
      ...extentColumns(tile),
      tile.units,
    );
  }
}

const tileOf = (row: Row): Tile => ({ ...extentOf(row), level: row.level, units: row.units });
