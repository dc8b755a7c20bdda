import { mkdirSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UserError } from '../base/userError.ts';
import { forgetOwner, ownerOf, writeOwner } from './lock.ts';

/** SQLite's codes: another one holds the lock; the file has content that is none of a database. */
const busy = 5;
const notDatabase = 26;
/** Milliseconds for which two that come at the same moment try again, so that one of them succeeds. */
const patienceMs = 100;

/**
 * Makes this process the only one that works on the data folder, until `release`. Throws `DataFolderInUse`.
 *
 * The claim is a lock of the operating system on the file `plane.lock`, which SQLite takes on every system; Node has no call for it. It can't be half taken and it is
 * gone with its process, however that ends. The file stays empty and is never removed: two processes could lock two files of one name. Nobody may open it in
 * any other way, since POSIX gives a process's locks on a file back with the first descriptor of it that is closed.
 */
export function takeDataFolder(dataFolder: string): { release(): void } {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const lock = locked(path.join(dataFolder, 'plane.lock'));
  if (!lock) {
    const owner = ownerOf(dataFolder);
    throw new UserError(
      'DataFolderInUse',
      `Another control plane${typeof owner === 'object' ? ` (process ${owner.pid})` : ''} uses the data folder ${dataFolder}.`,
      'Use that one, end it with "updraft stop", or choose another folder with --data.',
    );
  }
  try {
    writeOwner(dataFolder);
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    release() {
      if (!lock.isOpen) return;
      try {
        forgetOwner(dataFolder);
      } finally {
        lock.close();
      }
    },
  };
}

/** The file, locked; undefined when another process has it. */
function locked(file: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(file, { timeout: patienceMs });
  try {
    // Nothing is ever written, so there is nothing to take back.
    lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === busy) return undefined;
    if (errcode !== notDatabase) throw error;
  }
  // Something else wrote into it. Who holds the lock does not look at the content, so it can go.
  truncateSync(file);
  return locked(file);
}
