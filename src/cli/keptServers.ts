import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { withFileLock } from '../files/fileLock.ts';
import { writePrivately } from '../plane/lock.ts';
import { check } from '../protocol/check.ts';
import { KeptServers } from '../protocol/signIn.ts';
import { configFolder } from './configFolder.ts';

const fileOf = (folder: string): string => path.join(folder, 'servers.json');

/** What is kept; nothing where there is no file. Throws where it is none of ours: it would be lost with the next sign-in. */
export function readServers(folder = configFolder()): KeptServers {
  let text: string;
  try {
    text = readFileSync(fileOf(folder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { servers: {} };
    throw unreadable(folder);
  }
  try {
    return check(KeptServers, JSON.parse(text), 'The list');
  } catch {
    throw unreadable(folder);
  }
}

/** Changes what is kept, in a file that only this user may read. */
export async function changeServers(change: (kept: KeptServers) => KeptServers, folder = configFolder()): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await withFileLock(`${fileOf(folder)}.lock`, async () => {
    writePrivately(fileOf(folder), `${JSON.stringify(change(readServers(folder)), null, 2)}\n`);
  });
}

/** A folder for what is kept of one server besides. */
export const folderOfServer = (origin: string): string => path.join(configFolder(), 'servers', origin.replace(/[^\w.-]+/g, '_'));

const unreadable = (folder: string): UserError =>
  new UserError(
    'InvalidValue',
    `The file ${fileOf(folder)} can't be read as a list of control planes.`,
    'Delete it, and sign in again: updraft login.',
  );
