import path from 'node:path';
import type { Blobs } from '../blobs.ts';
import { BlobFolder } from '../folder/blobFolder.ts';
import { LogFolder } from '../folder/logFolder.ts';
import type { Logs } from '../logs.ts';

/** What a store has beside its database. */
export interface StoreParts {
  blobs: Blobs;
  logs: Logs;
}

/** Folders of a data folder that hold them. */
export const partFolders = { blobs: 'blobs', logs: 'logs' } as const;

/** Those of a data folder. */
export const storeParts = (dataFolder: string): StoreParts => ({
  blobs: new BlobFolder(path.join(dataFolder, partFolders.blobs)),
  logs: new LogFolder(path.join(dataFolder, partFolders.logs)),
});
