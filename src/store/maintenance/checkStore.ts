import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../base/userError.ts';
import { comparePlaces, countOf, type Place, placeAt, sortedSet } from '../metrics/points.ts';
import { Chunks } from '../sqlite/metrics/chunks.ts';
import { LoosePoints } from '../sqlite/metrics/loose.ts';
import { isTile, Pyramid, type Sealed } from '../sqlite/metrics/pyramid.ts';
import { formatVersion } from '../sqlite/migrations.ts';
import { Sql } from '../sqlite/sql.ts';

/** What was looked at, and what is wrong: a sentence each. Bytes are of the database's files. */
export interface StoreCheck {
  problems: string[];
  jobs: number;
  series: number;
  points: number;
  blobs: number;
  bytes: number;
}

export const databaseFile = (dataFolder: string): string => path.join(dataFolder, 'updraft.db');
export const blobFile = (dataFolder: string, sha256: string): string => path.join(dataFolder, 'blobs', sha256.slice(0, 2), sha256);

/** Opens the database of a data folder for reading; a plane may go on writing. Throws `NotFound` or `DataFolderNewer`. */
export function openForReading(dataFolder: string): Sql {
  const file = databaseFile(dataFolder);
  if (!existsSync(file))
    throw new UserError('NotFound', `There is no Updraft store in ${dataFolder}.`, 'Choose another folder with --data.');
  const sql = new Sql(new DatabaseSync(file, { readOnly: true }));
  let version: number;
  try {
    version = sql.one('PRAGMA user_version')!.user_version;
  } catch {
    sql.db.close();
    throw new UserError(
      'InvalidValue',
      `${file} is no database, or its first page is damaged.`,
      'Restore a backup with "updraft store restore".',
    );
  }
  if (version > formatVersion) {
    sql.db.close();
    throw new UserError(
      'DataFolderNewer',
      `${dataFolder} was written by a newer Updraft (format ${version}, this one knows ${formatVersion}).`,
      'Update Updraft.',
    );
  }
  if (version < formatVersion) {
    sql.db.close();
    throw new UserError(
      'InvalidValue',
      `${dataFolder} has the older format ${version}; this Updraft reads ${formatVersion}.`,
      'Start the control plane once ("updraft status" tells whether it runs): it brings the folder up to date.',
    );
  }
  return sql;
}

/** Reads everything once: the database's own structure, every chunk of metrics, and that every file's content is there and, with `contents`, is what its name says. */
export async function checkStore(dataFolder: string, contents = false): Promise<StoreCheck> {
  const sql = openForReading(dataFolder);
  const problems: string[] = [];
  const found: StoreCheck = { problems, jobs: 0, series: 0, points: 0, blobs: 0, bytes: 0 };
  try {
    for (const row of sql.all('PRAGMA integrity_check(20)'))
      if (row.integrity_check !== 'ok') problems.push(`database: ${row.integrity_check}`);
    if (problems.length === 0) {
      found.jobs = sql.one('SELECT count(*) AS n FROM jobs')!.n;
      checkMetrics(sql, found);
      await checkBlobs(sql, dataFolder, contents, found);
    }
    for (const end of ['', '-wal']) found.bytes += statSync(`${databaseFile(dataFolder)}${end}`, { throwIfNoEntry: false })?.size ?? 0;
    return found;
  } finally {
    sql.db.close();
  }
}

function checkMetrics(sql: Sql, found: StoreCheck): void {
  const { problems } = found;
  const [chunks, loose] = [new Chunks(sql), new LoosePoints(sql)];
  const pyramid = new Pyramid(sql, chunks);
  const keys = new Map(sql.all('SELECT id, name FROM metric_keys').map(({ id, name }) => [id as number, name as string]));
  const jobs = new Map(sql.all('SELECT serial, name FROM jobs').map(({ serial, name }) => [serial as number, name as string]));
  for (const { run, key } of sql.all('SELECT DISTINCT run, key FROM metric_chunks')) {
    const where = `metric "${keys.get(key) ?? key}" of job ${jobs.get(run) ?? `#${run}`}`;
    if (!jobs.has(run) || !keys.has(key)) problems.push(`${where}: its ${jobs.has(run) ? 'key' : 'job'} is gone`);
    found.series++;
    let before: Place | undefined;
    for (const chunk of chunks.list(run, key)) {
      found.points += chunk.count;
      try {
        const points = chunks.points(chunk);
        const [first, last] = [placeAt(points, 0), placeAt(points, countOf(points) - 1)];
        const isRight = countOf(points) === chunk.count && comparePlaces(first, chunk.first) === 0 && comparePlaces(last, chunk.last) === 0;
        if (!isRight || sortedSet(points) !== points)
          problems.push(`${where}: a chunk of ${chunk.count} points does not hold what its row says`);
        chunks.smallUnits(chunk);
        chunks.largeUnits(chunk);
      } catch (error) {
        problems.push(`${where}: a chunk of ${chunk.count} points can't be read (${(error as Error).message})`);
      }
      if (before && comparePlaces(before, chunk.first) >= 0) problems.push(`${where}: two chunks overlap`);
      before = chunk.last;
    }
    const checkTile = (sealed: Sealed): void => {
      if (!isTile(sealed)) return;
      const children = pyramid.children(run, key, sealed);
      const count = children.reduce((sum, child) => sum + child.count, 0);
      const isRight = count === sealed.count && comparePlaces(children[0]!.first, sealed.first) === 0;
      if (!isRight || comparePlaces(children.at(-1)!.last, sealed.last) !== 0 || pyramid.units(sealed).sizes.length === 0)
        problems.push(`${where}: a tile of ${sealed.count} points does not cover what its row says`);
      children.forEach(checkTile);
    };
    pyramid.roots(run, key).forEach(checkTile);
  }
  for (const { run } of sql.all('SELECT run FROM metric_packs UNION SELECT run FROM metric_log')) {
    try {
      for (const points of loose.all(run).values()) found.points += countOf(points);
    } catch (error) {
      problems.push(`job ${jobs.get(run) ?? `#${run}`}: its newest metrics can't be read (${(error as Error).message})`);
    }
  }
}

async function checkBlobs(sql: Sql, dataFolder: string, contents: boolean, found: StoreCheck): Promise<void> {
  for (const { sha256, size, path: name } of sql.all('SELECT sha256, size, min(path) AS path FROM blobs GROUP BY sha256')) {
    found.blobs++;
    const file = blobFile(dataFolder, sha256);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats) found.problems.push(`file "${name}": its content is missing (${file})`);
    else if (stats.size !== size) found.problems.push(`file "${name}": ${stats.size} bytes instead of ${size} (${file})`);
    else if (contents && (await hashOf(file)) !== sha256) found.problems.push(`file "${name}": its content was changed (${file})`);
  }
}

/** SHA-256 of a file, in hex. */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
