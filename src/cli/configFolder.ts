import { homedir } from 'node:os';
import path from 'node:path';

/** Where what belongs to this person is kept, whichever data folder is in use: `UPDRAFT_CONFIG`, else the system's own place for settings. */
export function configFolder(environment: Record<string, string | undefined> = process.env, platform = process.platform): string {
  if (environment.UPDRAFT_CONFIG) return path.resolve(environment.UPDRAFT_CONFIG);
  if (platform === 'win32') return path.join(environment.APPDATA || path.join(homedir(), 'AppData', 'Roaming'), 'updraft');
  if (platform === 'darwin') return path.join(homedir(), 'Library', 'Application Support', 'updraft');
  return path.join(environment.XDG_CONFIG_HOME || path.join(homedir(), '.config'), 'updraft');
}
