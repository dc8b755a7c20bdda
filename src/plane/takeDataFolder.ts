import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { lockFile } from '../files/fileLock.ts';
import { forgetOwner, ownerOf, writeOwner } from './lock.ts';

/** Milliseconds for which two that come at the same moment try again, so that one of them succeeds. */
const patienceMs = 100;

/**
 * Makes this process the only one that works on the data folder, until `release`. Throws `DataFolderInUse`.
 *
 * The claim is a lock of the operating system on the file `plane.lock`.
 */
export function takeDataFolder(dataFolder: string): { release(): void } {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const lock = lockFile(path.join(dataFolder, 'plane.lock'), patienceMs);
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
    lock.release();
    throw error;
  }
  return {
    release() {
      if (!lock.isHeld) return;
      try {
        forgetOwner(dataFolder);
      } finally {
        lock.release();
      }
    },
  };
}
