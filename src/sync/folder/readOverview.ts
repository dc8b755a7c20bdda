import { isRunning } from '../process/isRunning.ts';
import { overviewOf, type SyncOverview } from './overview.ts';
import { readJournal } from './readJournal.ts';
import { readSettings } from './readSettings.ts';
import type { SyncFolder } from './syncFolder.ts';
import { readState } from './syncState.ts';

/** How sending is doing, from the files of a data folder. Throws where one can't be read. */
export function readOverview(folder: SyncFolder): SyncOverview {
  const state = readState(folder);
  return overviewOf(readJournal(folder.journal), readSettings(folder), state, isRunning(state));
}
