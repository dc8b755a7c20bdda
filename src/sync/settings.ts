import { mkdirSync } from 'node:fs';
import { withFileLock } from '../files/fileLock.ts';
import { writePrivately } from '../plane/lock.ts';
import { check } from '../protocol/check.ts';
import { SyncSettings, syncFormat } from '../protocol/sync.ts';
import { asDiskFull } from '../transfer/web/partFile.ts';
import { readJson } from './readJson.ts';
import type { SyncFolder } from './syncFolder.ts';

const atFirst: SyncSettings = { format: syncFormat, isPaused: false, kept: [] };

/** What a person has said of sending. Throws where the file is none of ours. */
export const readSettings = ({ settings }: SyncFolder): SyncSettings =>
  readJson(settings, (value) => check(SyncSettings, value, 'It'), 'Delete it, and say again what is to be kept in step.') ?? atFirst;

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
