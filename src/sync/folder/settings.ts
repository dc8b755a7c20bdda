import { mkdirSync } from 'node:fs';
import { withFileLock } from '../../files/fileLock.ts';
import { writePrivately } from '../../plane/lock.ts';
import type { SyncSettings } from '../../protocol/sync.ts';
import { asDiskFull } from '../../transfer/web/partFile.ts';
import { readSettings } from './readSettings.ts';
import type { SyncFolder } from './syncFolder.ts';

/** Changes what a person has said; the process that sends hears of it by the file. Answers what holds now. */
export async function changeSettings(folder: SyncFolder, change: (settings: SyncSettings) => SyncSettings): Promise<SyncSettings> {
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  return withFileLock(`${folder.settings}.lock`, async () => {
    const settings = change(readSettings(folder));
    try {
      writePrivately(folder.settings, `${JSON.stringify(settings, null, 2)}\n`);
    } catch (error) {
      throw asDiskFull(error, folder.settings, undefined);
    }
    return settings;
  });
}
