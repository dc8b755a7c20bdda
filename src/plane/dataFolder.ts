import { homedir } from 'node:os';
import path from 'node:path';

/** Where the embedded plane keeps everything: `UPDRAFT_HOME` of the given environment, else `~/.updraft`. */
export function dataFolderOf(environment: Record<string, string | undefined>): string {
  return path.resolve(environment.UPDRAFT_HOME || path.join(homedir(), '.updraft'));
}

/** Where Node keeps what it compiled of the plane, so that the next start takes a third less. */
export const compiledFolder = (dataFolder: string): string => path.join(dataFolder, 'compiled');
