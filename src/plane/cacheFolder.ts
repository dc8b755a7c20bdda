import { homedir } from 'node:os';
import path from 'node:path';

/** Where Updraft keeps what it can make or fetch again, for all data folders: `UPDRAFT_CACHE` of the given environment, else the system's own place for caches. */
export function cacheFolderOf(environment: Record<string, string | undefined>, platform = process.platform): string {
  if (environment.UPDRAFT_CACHE) return path.resolve(environment.UPDRAFT_CACHE);
  if (platform === 'win32') return path.join(environment.LOCALAPPDATA || path.join(homedir(), 'AppData', 'Local'), 'updraft', 'cache');
  if (platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'updraft');
  return path.join(environment.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'updraft');
}
