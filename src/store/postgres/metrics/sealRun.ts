import { thePlane } from '../../../protocol/principal.ts';
import { extentColumns, extentNames, orderOf, type PyramidSizes } from '../../metrics/extent.ts';
import { concat, countOf, type Points, placeAt } from '../../metrics/points.ts';
import { encodePack } from '../../metrics/records.ts';
import { type Chunk, chunksOf, fullGroups, type Tile, tileOver } from '../../metrics/sealed.ts';
import { isScattered, joinsOf, longSeries } from '../../metrics/sealing.ts';
import { lockKey } from '../locks.ts';
import { Look } from '../look.ts';
import type { Transaction } from '../transaction.ts';
import { chunksOfSeries, LookedSeries, readLoose } from './series.ts';

/**
 * Moves the loose points of a run into chunks, short series into its pack. With `compact`, its chunks are packed anew too. Others may append to it meanwhile: what they bring stays loose. Where
 * another process is sealing the run, or it is gone, nothing is done.
 */
export async function sealRun(transaction: Transaction, schema: string, sizes: PyramidSizes, run: number, compact = false): Promise<void> {
  const lock = await transaction.one(`SELECT pg_try_advisory_xact_lock($1::bigint) AS ours`, lockKey(schema, `seal ${run}`));
  const job = lock!.ours && (await transaction.one('SELECT name, workspace, parent FROM jobs WHERE serial = $1 FOR KEY SHARE', run));
  if (!job) return;
  const { series, records } = await readLoose(transaction, run);
  for (const [key, points] of longSeries(series)) {
    await sealSeries(transaction, sizes, run, key, points);
    series.delete(key);
  }
  await transaction.run('DELETE FROM metric_log WHERE run = $1 AND id = ANY($2::bigint[])', run, records);
  if (series.size > 0)
    await transaction.run(
      'INSERT INTO metric_packs (run, data) VALUES ($1, $2) ON CONFLICT (run) DO UPDATE SET data = excluded.data',
      run,
      encodePack(series),
    );
  else await transaction.run('DELETE FROM metric_packs WHERE run = $1', run);
  if (compact) await packAnew(transaction, sizes, run);
  // A change without keys: whoever remembers points of the run by where they lie reads them anew.
  const { name, workspace, parent } = job;
  transaction.changes.push({ kind: 'metric', id: name, op: 'put', workspace, parent, keys: [], run, principal: thePlane.id });
}

async function sealSeries(transaction: Transaction, sizes: PyramidSizes, run: number, key: number, points: Points): Promise<void> {
  const look = new Look(transaction);
  const series = new LookedSeries(look, sizes).reader();
  const joins = await look.answer(() =>
    joinsOf(series.parts(run, key, points), sizes).map(({ parts, chunks }) => ({ chunks, points: series.whole(run, key, parts) })),
  );
  for (const join of joins) await replace(transaction, sizes, run, key, join.chunks, join.points);
  await raise(transaction, sizes, run, key);
}

async function packAnew(transaction: Transaction, sizes: PyramidSizes, run: number): Promise<void> {
  for (const { key } of await transaction.all('SELECT DISTINCT key FROM metric_chunks WHERE run = $1', run)) {
    const chunks = await chunksOfSeries(transaction, run, key);
    if (!isScattered(chunks, sizes)) continue;
    const look = new Look(transaction);
    const series = new LookedSeries(look, sizes);
    const points = await look.answer(() => concat(chunks.map((chunk) => series.points(chunk))));
    await replace(transaction, sizes, run, key, chunks, points, 9);
    await raise(transaction, sizes, run, key);
  }
}

/** Seals points in place of the chunks that they came from. */
async function replace(
  transaction: Transaction,
  sizes: PyramidSizes,
  run: number,
  key: number,
  chunks: readonly Chunk[],
  points: Points,
  level?: number,
): Promise<void> {
  // The tiles over anything that changes.
  await transaction.run(
    `DELETE FROM metric_tiles WHERE run = $1 AND key = $2 AND (step, at, value, nan) <= ($3, $4, $5, $6)
     AND (last_step, last_at, last_value, last_nan) >= ($7, $8, $9, $10)`,
    run,
    key,
    ...orderOf(placeAt(points, countOf(points) - 1)),
    ...orderOf(placeAt(points, 0)),
  );
  const ids = chunks.map(({ data }) => data);
  if (ids.length > 0) {
    await transaction.run('DELETE FROM metric_chunks WHERE run = $1 AND key = $2 AND data = ANY($3::bigint[])', run, key, ids);
    await transaction.run('DELETE FROM metric_data WHERE id = ANY($1::bigint[])', ids);
  }
  for (const chunk of chunksOf(points, sizes, level)) {
    const { id } = (await transaction.one('INSERT INTO metric_data (small, data) VALUES ($1, $2) RETURNING id', chunk.small, chunk.data))!;
    await transaction.run(
      `INSERT INTO metric_chunks (run, key, ${extentNames}, data, large) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      run,
      key,
      ...extentColumns(chunk),
      id,
      chunk.large,
    );
  }
}

/** Puts tiles over all that has as many neighbours as it takes. */
async function raise(transaction: Transaction, sizes: PyramidSizes, run: number, key: number): Promise<void> {
  for (;;) {
    // Each time the tiles are others.
    const look = new Look(transaction);
    const series = new LookedSeries(look, sizes);
    const tiles: Tile[] = await look.answer(() =>
      fullGroups(series.roots(run, key), sizes).map((group) => tileOver(group, series, series)),
    );
    if (tiles.length === 0) return;
    for (const tile of tiles)
      await transaction.run(
        `INSERT INTO metric_tiles (run, key, level, ${extentNames}, units) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
        run,
        key,
        tile.level,
        ...extentColumns(tile),
        tile.units,
      );
  }
}
