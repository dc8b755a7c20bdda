import { mkdirSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { wait } from '../base/backOff.ts';

/** SQLite's codes: another one holds the lock; the file has content that is none of a database. */
const busy = 5;
const notDatabase = 26;
/** Milliseconds between two looks whether a lock is free. */
const lookEvery = 100;

export interface FileLock {
  readonly isHeld: boolean;
  release(): void;
}

/**
 * Locks a file for this process; undefined when another one has it, also after `patienceMs` of waiting, in which nothing else of this process runs.
 *
 * It is a lock of the operating system, which SQLite takes on every system; Node has no call for it. It can't be half taken and it is gone with its process, however
 * that ends. The file stays empty and is never removed: two processes could lock two files of one name. Nobody may open it in any other way, since POSIX gives a
 * process's locks on a file back with the first descriptor of it that is closed.
 */
export function lockFile(file: string, patienceMs = 0): FileLock | undefined {
  const lock = new DatabaseSync(file, { timeout: patienceMs });
  try {
    // Nothing is ever written, so there is nothing to take back.
    lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    return {
      get isHeld() {
        return lock.isOpen;
      },
      release: () => lock.close(),
    };
  } catch (error) {
    lock.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === busy) return undefined;
    if (errcode !== notDatabase) throw error;
  }
  // Something else wrote into it. Who holds the lock does not look at the content, so it can go.
  truncateSync(file);
  return lockFile(file, patienceMs);
}

/** Does work that only one process, and one caller in it, may do at a time: waits until no other one does it. `onWait` is told once when it has to wait. */
export async function withFileLock<T>(
  file: string,
  work: () => Promise<T>,
  { signal, onWait }: { signal?: AbortSignal | undefined; onWait?: (() => void) | undefined } = {},
): Promise<T> {
  mkdirSync(path.dirname(file), { recursive: true });
  let lock = lockFile(file);
  if (!lock) onWait?.();
  while (!lock) {
    await wait(lookEvery, signal);
    signal?.throwIfAborted();
    lock = lockFile(file);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
