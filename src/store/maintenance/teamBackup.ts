import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mapParallel } from '../../base/parallel.ts';
import { UserError } from '../../base/userError.ts';
import { flushFolder } from '../../files/flushFolder.ts';
import { sha256OfFile } from '../../files/hash.ts';
import type { Blobs } from '../blobs.ts';
import { BlobFolder } from '../folder/blobFolder.ts';
import type { PostgresPlace } from '../postgres/connection.ts';
import { type NamedContent, namedContents } from '../postgres/maintenance/checkDatabase.ts';
import { type Sequence, sequencesOf, setSequence } from '../postgres/maintenance/sequences.ts';
import { connectedTo, inSnapshot } from '../postgres/maintenance/snapshot.ts';
import {
  asWritten,
  fileOf,
  loadTable,
  readLines,
  type TableFile,
  tablesOf,
  writeLines,
  writeTable,
} from '../postgres/maintenance/tableFiles.ts';
import { formatVersion, makeTables } from '../postgres/migrations.ts';
import { partFolders } from './storeParts.ts';

/** `backup.json`: what a backup has. It is written last. */
interface Manifest {
  kind: 'postgresql';
  format: number;
  at: string;
  tables: TableFile[];
  sequences: Sequence[];
  /** Of the file that lists the contents, and how many there are. */
  contents: { count: number; sha256: string };
}

/** What was backed up or restored. */
export interface BackedUp {
  tables: number;
  rows: number;
  blobs: number;
}

const manifestFile = (folder: string) => path.join(folder, 'backup.json');
/** As long as a backup is not whole, this file of it says so. */
const notWhole = (folder: string) => path.join(folder, 'NOT-WHOLE.txt');
const tablesIn = (folder: string) => path.join(folder, 'tables');
const listOfContents = 'contents';

/** Contents that are copied at the same time. */
const parallel = 8;
/** Times that the database is read anew because contents went that it named. */
const mostReads = 5;

/**
 * Copies a plane to `target`, which must not exist: the rows of one moment, and then the contents that they name, which never change. Servers may go on. The folder gets its name when it is complete.
 * What PostgreSQL keeps of the plane's token is in it.
 */
export async function backupTeam(database: PostgresPlace, blobs: Blobs, target: string): Promise<BackedUp> {
  if (existsSync(target)) throw new UserError('Conflict', `${target} exists already.`, 'Name a new folder for the backup.');
  const work = `${target}.part-${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(notWhole(work), 'This backup did not come to its end. Remove it.\n');
    const to = new BlobFolder(path.join(work, partFolders.blobs));
    const manifest = await readWhole(database, blobs, work, to);
    writeFileSync(manifestFile(work), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    rmSync(notWhole(work));
    await flushFolder(work);
    renameSync(work, target);
    await flushFolder(path.dirname(target));
    return countsOf(manifest);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw error;
  }
}

const countsOf = ({ tables, contents }: Manifest): BackedUp => ({
  tables: tables.length,
  rows: tables.reduce((sum, { rows }) => sum + rows, 0),
  blobs: contents.count,
});

async function readWhole(database: PostgresPlace, from: Blobs, work: string, to: Blobs): Promise<Manifest> {
  for (let reads = 1; ; reads++) {
    rmSync(tablesIn(work), { recursive: true, force: true });
    mkdirSync(tablesIn(work), { mode: 0o700 });
    const manifest = await readRows(database, tablesIn(work));
    const missing = await copyAll(contentsIn(work), from, to);
    if (missing.length === 0) {
      // An earlier read may have named more.
      const named = new Set<string>();
      for await (const { sha256 } of contentsIn(work)) named.add(sha256);
      await to.sweep((sha256) => named.has(sha256), Number.POSITIVE_INFINITY);
      await flushFolder(tablesIn(work));
      return manifest;
    }
    // The plane removes content that lost its last name. What is read later does not name it.
    const still = await inSnapshot(database, async ({ rows }) => new Set((await namedContents(rows)).map(({ sha256 }) => sha256)));
    const lost = missing.find(({ sha256 }) => still.has(sha256));
    if (lost || reads === mostReads)
      throw new UserError(
        'NotFound',
        `The content ${(lost ?? missing[0]!).sha256} of the file "${(lost ?? missing[0]!).name}" is missing.`,
        '"updraft store check" names all that is missing.',
      );
  }
}

/** The rows of one moment. */
async function readRows(database: PostgresPlace, folder: string): Promise<Manifest> {
  return inSnapshot(
    database,
    async ({ client, format }) => {
      const tables: TableFile[] = [];
      for (const table of await tablesOf(client, database.schema)) tables.push(await writeTable(client, folder, table));
      const { rows } = await client.query('SELECT sha256, max(size)::text AS size, min(path) AS name FROM blobs GROUP BY sha256');
      const contents = rows.map(({ sha256, size, name }) => ({ sha256, size: Number(size), name }));
      return {
        kind: 'postgresql',
        format,
        at: new Date().toISOString(),
        tables,
        // After the rows: numbers are given while they are read.
        sequences: await sequencesOf(client, database.schema),
        contents: {
          count: contents.length,
          sha256: await writeLines(fileOf(folder, listOfContents), linesOf(contents)),
        },
      };
    },
    asWritten,
  );
}

async function* linesOf(items: Iterable<unknown>): AsyncGenerator<string> {
  for (const each of items) yield `${JSON.stringify(each)}\n`;
}

const contentsIn = (folder: string) => readLines(fileOf(tablesIn(folder), listOfContents)) as AsyncGenerator<NamedContent>;

/** Copies contents, each verified on the way; what is there already stays. Answers those that `from` does not have. */
async function copyAll(contents: AsyncIterable<NamedContent>, from: Blobs, to: Blobs): Promise<NamedContent[]> {
  const missing: NamedContent[] = [];
  await mapParallel(contents, parallel, async (content) => {
    const { sha256, size, name } = content;
    // Held, so that no server removes it before a row names it.
    if ((await to.hold(sha256)) === size) return;
    try {
      await to.put(await from.read(sha256), { sha256, size });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (error.code === 'NotFound') missing.push(content);
      else if (error.code === 'InvalidRequest')
        throw new UserError(
          'InvalidValue',
          `The content ${sha256} of the file "${name}" was changed.`,
          '"updraft store check --contents" names all that are.',
        );
      else throw error;
    }
  });
  return missing;
}

/**
 * Puts a backup into a database that has no plane yet, and its contents to where contents are kept, after the backup was found whole. All rows come with one commit. A new epoch begins, by which every
 * reader of the change feed notices that the plane went back. `contentsAt`: the address of the bucket; undefined: contents stay where the backup says.
 */
export async function restoreTeam(
  source: string,
  database: PostgresPlace,
  blobs: Blobs,
  contentsAt: string | undefined,
): Promise<BackedUp> {
  const manifest = await wholeManifest(source);
  const client = await connectedTo(database);
  try {
    await client.query('BEGIN');
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    const { rows: present } = await client.query(
      "SELECT count(*)::int AS tables FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'",
      [database.schema],
    );
    if (present[0].tables > 0)
      throw new UserError(
        'Conflict',
        `The schema "${database.schema}" of the database is not empty.`,
        'Give an empty database, or another schema: postgres://HOST/DATABASE?schema=NAME. Nothing was changed.',
      );
    const missing = await copyAll(contentsIn(source), new BlobFolder(path.join(source, partFolders.blobs)), blobs);
    if (missing.length > 0) throw damaged(`the content ${missing[0]!.sha256} of the file "${missing[0]!.name}" is missing`);
    await makeTables(client, database.schema, 0, manifest.format);
    const tables = new Map((await tablesOf(client, database.schema)).map(({ name, columns }) => [name, columns.join()]));
    for (const table of manifest.tables) {
      if (tables.get(table.name) !== table.columns.join())
        throw damaged(`this Updraft knows no table "${table.name}" with the columns ${table.columns.join(', ')}`);
      const rows = await loadTable(client, tablesIn(source), table);
      if (rows !== table.rows) throw damaged(`the table "${table.name}" has ${rows} rows instead of ${table.rows}`);
    }
    for (const sequence of manifest.sequences) await setSequence(client, sequence);
    await client.query(
      'INSERT INTO epochs (id, since) SELECT substr(md5(gen_random_uuid()::text), 1, 16), coalesce((SELECT max(seq) FROM changes), 0)',
    );
    if (contentsAt !== undefined) await client.query('UPDATE plane SET contents = $1', [contentsAt]);
    // Who had work to do for the plane is not there any more.
    await client.query('DELETE FROM leases');
    await client.query('COMMIT');
    await client.query('ANALYZE');
    return countsOf(manifest);
  } finally {
    await client.end().catch(() => {});
  }
}

const damaged = (what: string): UserError =>
  new UserError('InvalidValue', `The backup is damaged: ${what}.`, 'Use another backup. No row was written.');

/** Reads what a backup says of itself, and whether its files are as they were written. */
async function wholeManifest(source: string): Promise<Manifest> {
  if (existsSync(notWhole(source)))
    throw new UserError('InvalidValue', `${source} is a backup that did not come to its end.`, 'Use another backup, and remove this one.');
  let manifest: Manifest | undefined;
  try {
    manifest = JSON.parse(readFileSync(manifestFile(source), 'utf8'));
  } catch {
    // Told below.
  }
  if (manifest?.kind !== 'postgresql' || !Array.isArray(manifest.tables))
    throw new UserError(
      'NotFound',
      `${source} is no backup of a control plane with a database.`,
      'Name a folder that "updraft store backup" made of one. A backup of a data folder is restored without --config and --database.',
    );
  if (manifest.format > formatVersion)
    throw new UserError(
      'DataFolderNewer',
      `The backup was made by a newer Updraft (format ${manifest.format}, this one knows ${formatVersion}).`,
      'Update Updraft.',
    );
  for (const { name, sha256 } of [...manifest.tables, { name: listOfContents, sha256: manifest.contents.sha256 }]) {
    const file = fileOf(tablesIn(source), name);
    if (!existsSync(file)) throw damaged(`${file} is missing`);
    if ((await sha256OfFile(file)) !== sha256) throw damaged(`${file} was changed since it was made`);
  }
  return manifest;
}
