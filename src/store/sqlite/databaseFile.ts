import { existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { UserError } from '../../base/userError.ts';
import { checkSeries } from '../metrics/checkSeries.ts';
import { countOf } from '../metrics/points.ts';
import { Chunks } from './metrics/chunks.ts';
import { LoosePoints } from './metrics/loose.ts';
import { Pyramid } from './metrics/pyramid.ts';
import { formatVersion } from './migrations.ts';
import { Sql } from './sql.ts';

/** What was looked at, and what is wrong: a sentence each. */
export interface DatabaseCheck {
  problems: string[];
  jobs: number;
  series: number;
  points: number;
}

/** Files of a database; only the first is in a backup. */
export const databaseFiles = ['updraft.db', 'updraft.db-wal', 'updraft.db-shm'] as const;
export const databaseFile = (dataFolder: string): string => path.join(dataFolder, databaseFiles[0]);

/** The database of a data folder, open for reading beside a plane that may go on writing. */
export class DatabaseFile {
  private readonly sql: Sql;
  private readonly file: string;

  private constructor(sql: Sql, file: string) {
    this.sql = sql;
    this.file = file;
  }

  /** Throws `NotFound`, `DataFolderNewer`, or `InvalidValue` for one that can't be read. */
  static open(dataFolder: string): DatabaseFile {
    const file = databaseFile(dataFolder);
    if (!existsSync(file))
      throw new UserError('NotFound', `There is no Updraft store in ${dataFolder}.`, 'Choose another folder with --data.');
    const sql = new Sql(new DatabaseSync(file, { readOnly: true }));
    try {
      checkFormat(sql, dataFolder, file);
    } catch (error) {
      sql.db.close();
      throw error;
    }
    return new DatabaseFile(sql, file);
  }

  /** Copies the database of this moment into another folder, over one that is there. */
  async copyTo(folder: string): Promise<void> {
    const target = databaseFile(folder);
    rmSync(target, { force: true });
    await backup(this.sql.db, target);
    // The copy is one file that needs no log beside it.
    const copy = new DatabaseSync(target);
    copy.exec('PRAGMA journal_mode = DELETE');
    copy.close();
  }

  /** Reads everything once: the database's own structure, and every chunk of metrics. */
  check(): DatabaseCheck {
    const found: DatabaseCheck = { problems: [], jobs: 0, series: 0, points: 0 };
    for (const row of this.sql.all('PRAGMA integrity_check(20)'))
      if (row.integrity_check !== 'ok') found.problems.push(`database: ${row.integrity_check}`);
    if (found.problems.length > 0) return found;
    found.jobs = this.sql.one('SELECT count(*) AS n FROM jobs')!.n;
    checkMetrics(this.sql, found);
    return found;
  }

  /** Every content that has a name, with one of its names and the size that is noted. */
  contents(): { sha256: string; size: number; name: string }[] {
    return this.sql
      .all('SELECT sha256, size, min(path) AS name FROM blobs GROUP BY sha256')
      .map(({ sha256, size, name }) => ({ sha256, size, name }));
  }

  /** Whether a content has a name now. */
  names(sha256: string): boolean {
    return this.sql.one('SELECT 1 AS x FROM blobs WHERE sha256 = ? LIMIT 1', sha256) !== undefined;
  }

  jobs(): string[] {
    return this.sql.all('SELECT name FROM jobs').map(({ name }) => name as string);
  }

  /** Bytes on the disk. */
  size(): number {
    return ['', '-wal'].reduce((sum, end) => sum + (statSync(this.file + end, { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  close(): void {
    this.sql.db.close();
  }
}

function checkFormat(sql: Sql, dataFolder: string, file: string): void {
  let version: number;
  try {
    version = sql.one('PRAGMA user_version')!.user_version;
  } catch {
    throw new UserError(
      'InvalidValue',
      `${file} is no database, or its first page is damaged.`,
      'Restore a backup with "updraft store restore".',
    );
  }
  if (version > formatVersion)
    throw new UserError(
      'DataFolderNewer',
      `${dataFolder} was written by a newer Updraft (format ${version}, this one knows ${formatVersion}).`,
      'Update Updraft.',
    );
  if (version < formatVersion)
    throw new UserError(
      'InvalidValue',
      `${dataFolder} has the older format ${version}; this Updraft reads ${formatVersion}.`,
      'Start the control plane once ("updraft status" tells whether it runs): it brings the folder up to date.',
    );
}

function checkMetrics(sql: Sql, found: DatabaseCheck): void {
  const { problems } = found;
  const [chunks, loose] = [new Chunks(sql), new LoosePoints(sql)];
  const pyramid = new Pyramid(sql, chunks);
  const keys = new Map(sql.all('SELECT id, name FROM metric_keys').map(({ id, name }) => [id as number, name as string]));
  const jobs = new Map(sql.all('SELECT serial, name FROM jobs').map(({ serial, name }) => [serial as number, name as string]));
  for (const { run, key } of sql.all('SELECT DISTINCT run, key FROM metric_chunks')) {
    const where = `metric "${keys.get(key) ?? key}" of job ${jobs.get(run) ?? `#${run}`}`;
    if (!jobs.has(run) || !keys.has(key)) problems.push(`${where}: its ${jobs.has(run) ? 'key' : 'job'} is gone`);
    found.series++;
    const of = checkSeries(chunks.list(run, key), chunks, pyramid, run, key);
    found.points += of.points;
    problems.push(...of.problems.map((problem) => `${where}: ${problem}`));
  }
  for (const { run } of sql.all('SELECT run FROM metric_packs UNION SELECT run FROM metric_log')) {
    try {
      for (const points of loose.all(run).values()) found.points += countOf(points);
    } catch (error) {
      problems.push(`job ${jobs.get(run) ?? `#${run}`}: its newest metrics can't be read (${(error as Error).message})`);
    }
  }
}
