import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { UserError } from '../../base/userError.ts';
import { formatVersion } from '../sqlite/migrations.ts';
import { blobFile, checkStore, databaseFile, hashOf, openForReading, type StoreCheck } from './checkStore.ts';

/** `backup.json` beside a backup's files. */
interface Manifest {
  format: number;
  at: string;
  databaseSha256: string;
  blobs: number;
}

const manifestFile = (folder: string) => path.join(folder, 'backup.json');
const bundled = ['blobs', 'logs'];

/**
 * Copies a data folder to `target`, which must not exist; the plane may go on. The database is one moment's; contents that it names are copied after it, and
 * contents never change. The folder gets its name when it is complete. Tokens and keys are left out.
 */
export async function backupStore(dataFolder: string, target: string): Promise<{ bytes: number; blobs: number }> {
  if (existsSync(target)) throw new UserError('Conflict', `${target} exists already.`, 'Name a new folder for the backup.');
  const work = `${target}.part-${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true, mode: 0o700 });
  try {
    const from = openForReading(dataFolder);
    try {
      await backup(from.db, databaseFile(work));
    } finally {
      from.db.close();
    }
    // The copy is one file that needs no log beside it.
    const copy = new DatabaseSync(databaseFile(work));
    copy.exec('PRAGMA journal_mode = DELETE');
    const contents = copy.prepare('SELECT DISTINCT sha256 FROM blobs').all() as { sha256: string }[];
    copy.close();
    for (const { sha256 } of contents) {
      const to = blobFile(work, sha256);
      mkdirSync(path.dirname(to), { recursive: true });
      await copyFile(blobFile(dataFolder, sha256), to).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        throw new UserError(
          'NotFound',
          `The store's file ${blobFile(dataFolder, sha256)} is missing.`,
          '"updraft store check" names what refers to it.',
        );
      });
    }
    const logs = path.join(dataFolder, 'logs');
    if (existsSync(logs)) cpSync(logs, path.join(work, 'logs'), { recursive: true });
    const manifest: Manifest = {
      format: formatVersion,
      at: new Date().toISOString(),
      databaseSha256: await hashOf(databaseFile(work)),
      blobs: contents.length,
    };
    writeFileSync(manifestFile(work), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    const { bytes, problems } = await checkStore(work);
    if (problems.length)
      throw new UserError('InvalidValue', `The backup is not whole: ${problems.slice(0, 3).join('; ')}.`, 'Run "updraft store check".');
    renameSync(work, target);
    return { bytes, blobs: contents.length };
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw error;
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
  if (existsSync(databaseFile(source)) && (await hashOf(databaseFile(source))) !== manifest.databaseSha256)
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
  const present = ['updraft.db', 'updraft.db-wal', 'updraft.db-shm', ...bundled].filter((name) => existsSync(path.join(dataFolder, name)));
  if (present.includes('updraft.db') && !replace)
    throw new UserError(
      'Conflict',
      `${dataFolder} has a store already.`,
      'Add --replace to move it aside, or choose another folder with --data.',
    );
  // Copied first, so that a disk that is full leaves what was there.
  const work = path.join(dataFolder, `restore.part-${process.pid}`);
  mkdirSync(work, { recursive: true, mode: 0o700 });
  try {
    for (const name of ['updraft.db', ...bundled])
      if (existsSync(path.join(source, name))) cpSync(path.join(source, name), path.join(work, name), { recursive: true });
    let moved: string | undefined;
    if (present.length) {
      moved = path.join(dataFolder, `before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
      mkdirSync(moved, { mode: 0o700 });
      for (const name of present) renameSync(path.join(dataFolder, name), path.join(moved, name));
    }
    for (const name of [...bundled, 'updraft.db'])
      if (existsSync(path.join(work, name))) renameSync(path.join(work, name), path.join(dataFolder, name));
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
