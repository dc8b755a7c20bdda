import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { flushFolder } from '../../files/flushFolder.ts';
import { sha256OfFile } from '../../files/hash.ts';
import { DatabaseFile, databaseFile, databaseFiles } from '../sqlite/databaseFile.ts';
import { formatVersion } from '../sqlite/migrations.ts';
import { checkStore, type StoreCheck } from './checkStore.ts';
import { copyContents, copyLogs } from './copyParts.ts';
import { expectOwnDatabase, partFolders, type StoreParts, storeParts } from './storeParts.ts';

/** `backup.json` beside a backup's files. */
interface Manifest {
  format: number;
  at: string;
  databaseSha256: string;
  blobs: number;
}

const manifestFile = (folder: string) => path.join(folder, 'backup.json');
const bundled = Object.values(partFolders);

/** Times that the database is copied anew because contents went that it names. */
const mostCopies = 5;

/**
 * Copies a data folder to `target`, which must not exist; the plane may go on. The database is one moment's; contents that it names are copied after it, and
 * contents never change. The folder gets its name when it is complete. Tokens and keys are left out.
 */
export async function backupStore(
  dataFolder: string,
  target: string,
  from: StoreParts = storeParts(dataFolder),
): Promise<{ bytes: number; blobs: number }> {
  expectOwnDatabase(dataFolder);
  if (existsSync(target)) throw new UserError('Conflict', `${target} exists already.`, 'Name a new folder for the backup.');
  const work = `${target}.part-${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true, mode: 0o700 });
  try {
    const to = storeParts(work);
    const database = DatabaseFile.open(dataFolder);
    let blobs: number;
    try {
      blobs = await copyWhole(database, from, work, to);
    } finally {
      database.close();
    }
    const manifest: Manifest = {
      format: formatVersion,
      at: new Date().toISOString(),
      databaseSha256: await sha256OfFile(databaseFile(work)),
      blobs,
    };
    writeFileSync(manifestFile(work), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    const { bytes, problems } = await checkStore(work);
    if (problems.length)
      throw new UserError('InvalidValue', `The backup is not whole: ${problems.slice(0, 3).join('; ')}.`, 'Run "updraft store check".');
    renameSync(work, target);
    await flushFolder(path.dirname(target));
    return { bytes, blobs };
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw error;
  }
}

/** Copies the database with all that it names; answers the number of contents. */
async function copyWhole(database: DatabaseFile, from: StoreParts, work: string, to: StoreParts): Promise<number> {
  for (let copies = 1; ; copies++) {
    await database.copyTo(work);
    const copy = DatabaseFile.open(work);
    try {
      const missing = await copyContents(copy, from.blobs, to.blobs);
      if (missing.length === 0) {
        await copyLogs(copy, from.logs, to.logs);
        // An earlier copy may have named more.
        await to.blobs.sweep((sha256) => copy.names(sha256), Number.POSITIVE_INFINITY);
        return copy.contents().length;
      }
      // The plane removes content that lost its last name. A newer copy of the database does not name it.
      for (const { sha256, name } of missing)
        if (copies === mostCopies || (database.names(sha256) && (await from.blobs.size(sha256)) === undefined))
          throw new UserError(
            'NotFound',
            `The content ${sha256} of the file "${name}" is missing in the store.`,
            '"updraft store check" names all that is missing.',
          );
    } finally {
      copy.close();
    }
  }
}

/**
 * Puts a backup into `dataFolder`, after it was read whole and found right. A store that is there already is refused, or with `replace` moved beside it;
 * answers where to. The caller holds the data folder.
 */
export async function restoreStore(
  source: string,
  dataFolder: string,
  replace: boolean,
): Promise<{ check: StoreCheck; moved: string | undefined }> {
  const manifest = manifestOf(source);
  if (manifest.format > formatVersion)
    throw new UserError(
      'DataFolderNewer',
      `The backup was made by a newer Updraft (format ${manifest.format}, this one knows ${formatVersion}).`,
      'Update Updraft.',
    );
  if (existsSync(databaseFile(source)) && (await sha256OfFile(databaseFile(source))) !== manifest.databaseSha256)
    throw new UserError(
      'InvalidValue',
      `The backup's database ${databaseFile(source)} was changed since it was made.`,
      'Use another backup.',
    );
  const check = await checkStore(source, true);
  if (check.problems.length)
    throw new UserError(
      'InvalidValue',
      `The backup is damaged: ${check.problems.slice(0, 3).join('; ')}.`,
      'Use another backup. Nothing was changed.',
    );
  const present = [...databaseFiles, ...bundled].filter((name) => existsSync(path.join(dataFolder, name)));
  if (present.includes(databaseFiles[0]) && !replace)
    throw new UserError(
      'Conflict',
      `${dataFolder} has a store already.`,
      'Add --replace to move it aside, or choose another folder with --data.',
    );
  // Copied first, so that a disk that is full leaves what was there.
  const work = path.join(dataFolder, `restore.part-${process.pid}`);
  mkdirSync(work, { recursive: true, mode: 0o700 });
  try {
    const database = DatabaseFile.open(source);
    try {
      await copyWhole(database, storeParts(source), work, storeParts(work));
    } finally {
      database.close();
    }
    let moved: string | undefined;
    if (present.length) {
      moved = path.join(dataFolder, `before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
      mkdirSync(moved, { mode: 0o700 });
      for (const name of present) renameSync(path.join(dataFolder, name), path.join(moved, name));
    }
    for (const name of [...bundled, databaseFiles[0]])
      if (existsSync(path.join(work, name))) renameSync(path.join(work, name), path.join(dataFolder, name));
    await flushFolder(dataFolder);
    return { check, moved };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function manifestOf(source: string): Manifest {
  try {
    const manifest = JSON.parse(readFileSync(manifestFile(source), 'utf8')) as Manifest;
    if (Number.isInteger(manifest.format) && typeof manifest.databaseSha256 === 'string') return manifest;
  } catch {
    // Told below.
  }
  throw new UserError(
    'NotFound',
    `${source} is no backup: it has no readable backup.json.`,
    'Name a folder that "updraft store backup" made.',
  );
}
