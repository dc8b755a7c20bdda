import { decodePoints, decodeUnits, decompress } from '../../metrics/columnCodec.ts';
import { extentNames, extentOf, orderOf, type PyramidSizes } from '../../metrics/extent.ts';
import { addRecords } from '../../metrics/looseSeries.ts';
import type { Units } from '../../metrics/m4.ts';
import { noPoints, type Points } from '../../metrics/points.ts';
import { decodePack, decodeRecord } from '../../metrics/records.ts';
import type { Chunk, ChunkReader, LooseReader, Sealed, Tile, TileReader } from '../../metrics/sealed.ts';
import { SeriesReader } from '../../metrics/series.ts';
import type { Batch, Look } from '../look.ts';
import type { Row, Rows } from '../rows.ts';

/** The loose points of a run, and which records they came from. */
export interface LooseRun {
  series: Map<number, Points>;
  records: number[];
}

/** The series of all runs in one look at the database. */
export class LookedSeries implements ChunkReader, TileReader, LooseReader {
  readonly sizes: PyramidSizes;
  private readonly look: Look;

  constructor(look: Look, sizes: PyramidSizes) {
    this.look = look;
    this.sizes = sizes;
  }

  reader(): SeriesReader {
    return new SeriesReader(this, this, this);
  }

  points(chunk: Chunk): Points {
    return this.look.get(pointsOfChunks, chunk.data);
  }

  smallUnits(chunk: Chunk): Units {
    return this.look.get(smallUnitsOfChunks, chunk.data);
  }

  largeUnits(chunk: Chunk): Units {
    return decodeUnits(chunk.large);
  }

  roots(run: number, key: number): Sealed[] {
    return this.look.get(rootsOfSeries, `${run} ${key}`);
  }

  children(run: number, key: number, tile: Tile): Sealed[] {
    places.set(tile, { run, key });
    return this.look.get(childrenOfTiles, tile);
  }

  units(tile: Tile): Units {
    return decodeUnits(tile.units);
  }

  unitOf({ level }: Tile): number {
    return this.sizes.large * this.sizes.fan ** (level - 1);
  }

  of(run: number, key: number): Points {
    return this.loose(run).series.get(key) ?? noPoints;
  }

  loose(run: number): LooseRun {
    return this.look.get(looseOfRuns, run);
  }
}

/** Which series a tile is of. */
const places = new WeakMap<Tile, { run: number; key: number }>();

const noUnits: Units = { points: noPoints, sizes: new Uint8Array(0) };

const dataOf = <T>(column: 'data' | 'small', meanwhile: T, decode: (bytes: Uint8Array) => T): Batch<number, T> => ({
  meanwhile,
  read: async (rows, ids) =>
    new Map(
      (await rows.all(`SELECT id, ${column} AS bytes FROM metric_data WHERE id = ANY($1::bigint[])`, ids)).map(({ id, bytes }) => [
        id as number,
        decode(bytes),
      ]),
    ),
});
const pointsOfChunks = dataOf('data', noPoints, decodePoints);
const smallUnitsOfChunks = dataOf('small', noUnits, (bytes) => decodeUnits(decompress(bytes)));

const inOrder = 'ORDER BY step, at, value, nan';
/** Whether `upper`, a tile, covers the row. */
const covers = (upper: string, row: string): string =>
  `${upper}.run = ${row}.run AND ${upper}.key = ${row}.key AND (${upper}.step, ${upper}.at, ${upper}.value, ${upper}.nan) <= (${row}.step, ${row}.at, ${row}.value, ${row}.nan)
   AND (${upper}.last_step, ${upper}.last_at, ${upper}.last_value, ${upper}.last_nan) >= (${row}.last_step, ${row}.last_at, ${row}.last_value, ${row}.last_nan)`;

/** Tiles, and chunks, over which there is no tile; series by run and key. */
const rootsOfSeries: Batch<string, Sealed[]> = {
  meanwhile: [],
  read: async (rows, series) => {
    const ids = series.map((each) => each.split(' ').map(Number) as [number, number]);
    const roots = await rows.all(
      `SELECT a.place, r.* FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS a (run, key, place) CROSS JOIN LATERAL (
         SELECT NULL::bigint AS level, ${extentNames}, data, large, NULL::bytea AS units FROM metric_chunks c
         WHERE run = a.run AND key = a.key AND NOT EXISTS (SELECT 1 FROM metric_tiles t WHERE t.level = 1 AND ${covers('t', 'c')})
         UNION ALL SELECT level, ${extentNames}, NULL, NULL, units FROM metric_tiles u
         WHERE run = a.run AND key = a.key AND NOT EXISTS (SELECT 1 FROM metric_tiles t WHERE t.level = u.level + 1 AND ${covers('t', 'u')})
       ) r ORDER BY a.place, r.step, r.at, r.value, r.nan`,
      ids.map(([run]) => run),
      ids.map(([, key]) => key),
    );
    const found = new Map<string, Sealed[]>(series.map((each) => [each, []]));
    for (const row of roots) found.get(series[row.place - 1]!)!.push(sealedOf(row));
    return found;
  },
};

/** What tiles cover. */
const childrenOfTiles: Batch<Tile, Sealed[]> = {
  meanwhile: [],
  read: async (rows, tiles) => {
    const found = new Map<Tile, Sealed[]>(tiles.map((tile) => [tile, []]));
    for (const isLowest of [true, false]) {
      const some = tiles.filter(({ level }) => (level === 1) === isLowest);
      if (some.length === 0) continue;
      const bounds = some.map(({ first, last }) => [...orderOf(first), ...orderOf(last)]);
      const below = isLowest
        ? `SELECT NULL::bigint AS level, ${extentNames}, data, large, NULL::bytea AS units FROM metric_chunks WHERE run = a.run AND key = a.key`
        : `SELECT level, ${extentNames}, NULL::bigint AS data, NULL::bytea AS large, units FROM metric_tiles WHERE run = a.run AND key = a.key AND level = a.level - 1`;
      const children = await rows.all(
        `SELECT a.place, b.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::float8[], $5::float8[], $6::float8[], $7::smallint[],
           $8::float8[], $9::float8[], $10::float8[], $11::smallint[]) WITH ORDINALITY
           AS a (run, key, level, step, at, value, nan, last_step, last_at, last_value, last_nan, place)
         CROSS JOIN LATERAL (${below} AND (step, at, value, nan) >= (a.step, a.at, a.value, a.nan) AND (step, at, value, nan) <= (a.last_step, a.last_at, a.last_value, a.last_nan)
           ${inOrder}) b ORDER BY a.place, b.step, b.at, b.value, b.nan`,
        some.map((tile) => places.get(tile)!.run),
        some.map((tile) => places.get(tile)!.key),
        some.map(({ level }) => level),
        ...Array.from({ length: 8 }, (_, i) => bounds.map((each) => each[i]!)),
      );
      for (const row of children) found.get(some[row.place - 1]!)!.push(sealedOf(row));
    }
    return found;
  },
};

const looseOfRuns: Batch<number, LooseRun> = {
  meanwhile: { series: new Map(), records: [] },
  read: async (rows, runs) => {
    // In one statement, so that no point is in both, or in neither.
    const found = await rows.all(
      `SELECT run, 0 AS id, data FROM metric_packs WHERE run = ANY($1::bigint[])
       UNION ALL SELECT run, id, data FROM metric_log WHERE run = ANY($1::bigint[]) ORDER BY run, id`,
      runs,
    );
    return new Map(runs.map((run) => [run, looseOf(found.filter((row) => row.run === run))]));
  },
};

/** A pack has no id. */
function looseOf(found: readonly Row[]): LooseRun {
  const pack = found.find(({ id }) => id === 0);
  const records = found.filter((row) => row !== pack);
  const series = pack ? decodePack(pack.data) : new Map<number, Points>();
  addRecords(
    series,
    records.map(({ data }) => decodeRecord(data)),
  );
  return { series, records: records.map(({ id }) => id) };
}

/** All that is loose of a run. */
export async function readLoose(rows: Rows, run: number): Promise<LooseRun> {
  return (await looseOfRuns.read(rows, [run])).get(run)!;
}

/** The chunks of a series, in its order. */
export async function chunksOfSeries(rows: Rows, run: number, key: number): Promise<Chunk[]> {
  const found = await rows.all(`SELECT ${extentNames}, data, large FROM metric_chunks WHERE run = $1 AND key = $2 ${inOrder}`, run, key);
  return found.map((row) => ({ ...extentOf(row), data: row.data, large: row.large }));
}

const sealedOf = (row: Row): Sealed =>
  row.level === null ? { ...extentOf(row), data: row.data, large: row.large } : { ...extentOf(row), level: row.level, units: row.units };
