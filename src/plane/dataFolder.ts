import { homedir } from 'node:os';
import path from 'node:path';

/** Where the embedded plane keeps everything: `UPDRAFT_HOME` of the given environment, else `~/.updraft`. */
export function dataFolderOf(environment: Record<string, string | undefined>): string {
  return path.resolve(environment.UPDRAFT_HOME || path.join(homedir(), '.updraft'));
}
