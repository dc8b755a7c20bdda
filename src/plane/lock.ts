import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { check } from '../protocol/check.ts';
import { PlaneLock } from '../protocol/plane.ts';
import { isAlive, type ProcessIdentity, processIdentity } from './processIdentity.ts';

const lockFile = (dataFolder: string) => path.join(dataFolder, 'plane.json');
const ownerFile = (dataFolder: string) => path.join(dataFolder, 'plane.pid');

/** Says which process holds the data folder, for those who wait for it or are refused. It is the lock of `takeDataFolder` that counts. */
export function writeOwner(dataFolder: string): void {
  writePrivately(ownerFile(dataFolder), JSON.stringify(processIdentity(process.pid)), false);
}

/** Before the folder is given back: nobody is to look for a plane here. */
export function forgetOwner(dataFolder: string): void {
  rmSync(lockFile(dataFolder), { force: true });
  rmSync(ownerFile(dataFolder), { force: true });
}

/** The process that said it holds the data folder; `unknown` while what it said can't be read, undefined where none did. */
export function ownerOf(dataFolder: string): ProcessIdentity | 'unknown' | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(ownerFile(dataFolder), 'utf8'));
    const { pid, startTime, bootId } = (owner ?? {}) as Partial<ProcessIdentity>;
    return typeof pid === 'number' && typeof startTime === 'string' && typeof bootId === 'string' ? { pid, startTime, bootId } : 'unknown';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unknown';
  }
}

/** Whether a living process holds the data folder, be it ready to answer or not yet. What can't be read may be one that is just being written. */
export function isTaken(dataFolder: string): boolean {
  const owner = ownerOf(dataFolder);
  return owner === 'unknown' || (owner !== undefined && isAlive(owner));
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
