import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for downloaded tools, shared by all checkouts: `UPDRAFT_CACHE`, else the system's own place for caches. */
export function cacheFolder(): string {
  if (process.env.UPDRAFT_CACHE) return process.env.UPDRAFT_CACHE;
  if (process.platform === 'win32') return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'updraft', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'updraft');
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'updraft');
}
