import path from 'node:path';

/** Where a data folder keeps what is about sending jobs. */
export interface SyncFolder {
  path: string;
  journal: string;
  settings: string;
  state: string;
  /** Up to where the change feed of each plane was read for what is kept in sync. */
  places: string;
  /** Held by the process that sends. */
  lock: string;
  log: string;
}

export function syncFolderOf(dataFolder: string): SyncFolder {
  const folder = path.join(dataFolder, 'sync');
  const at = (name: string) => path.join(folder, name);
  return {
    path: folder,
    journal: at('journal.jsonl'),
    settings: at('settings.json'),
    state: at('state.json'),
    places: at('places.json'),
    lock: at('process.lock'),
    log: at('process.log'),
  };
}
