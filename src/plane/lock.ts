import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { check } from '../protocol/check.ts';
import { PlaneLock } from '../protocol/plane.ts';
import { isAlive, type ProcessIdentity, processIdentity } from './processIdentity.ts';

const lockFile = (dataFolder: string) => path.join(dataFolder, 'plane.json');
const ownerFile = (dataFolder: string) => path.join(dataFolder, 'plane.pid');

/**
 * Makes this process the only plane of the data folder, until `release`. Throws `DataFolderInUse`. What a dead process left is taken over.
 */
export function takeDataFolder(dataFolder: string): { release(): void } {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const file = ownerFile(dataFolder);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, JSON.stringify(processIdentity(process.pid)));
      closeSync(handle);
      return {
        release() {
          rmSync(lockFile(dataFolder), { force: true });
          rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    if (owner && isAlive(owner)) {
      throw new UserError(
        'DataFolderInUse',
        `Another control plane (process ${owner.pid}) uses the data folder ${dataFolder}.`,
        'Use that one, end it with "updraft stop", or choose another folder with --data.',
      );
    }
    rmSync(file, { force: true });
  }
  throw new UserError('DataFolderInUse', `The data folder ${dataFolder} could not be locked: other processes try as well.`, 'Try again.');
}

/** Whether a living process holds the data folder, be it ready to answer or not yet. */
export function isTaken(dataFolder: string): boolean {
  const owner = readOwner(ownerFile(dataFolder));
  return owner !== undefined && isAlive(owner);
}

function readOwner(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Empty or cut off: its writer died between making and filling it.
    return undefined;
  }
}

/** Tells clients where the plane is. Readable by the user alone, since it holds the token. */
export function writeLock(dataFolder: string, lock: PlaneLock): void {
  writePrivately(lockFile(dataFolder), `${JSON.stringify(lock, null, 2)}\n`, false);
}

/** The lock as it was written, whether its process lives or not; undefined when there is none that can be read. */
export function readLock(dataFolder: string): PlaneLock | undefined {
  try {
    return check(PlaneLock, JSON.parse(readFileSync(lockFile(dataFolder), 'utf8')), 'plane.json');
  } catch {
    return undefined;
  }
}

/** Writes a file of mode 0600 whole or not at all. What is good for this run alone is not waited for on the disk: `flush` false. */
export function writePrivately(file: string, text: string, flush = true): void {
  const temporary = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600, flush });
  renameSync(temporary, file);
}
