import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
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

/** A file of a data folder whose contents are in a bucket: its address. */
export const contentsPlaceFile = 'contents';
/** A file of a data folder whose jobs are in a database of PostgreSQL: which one. */
export const databasePlaceFile = 'database';

/** @throws {UserError} where a plane's jobs are in PostgreSQL: they are looked after there. */
export function expectOwnDatabase(dataFolder: string): void {
  const database = path.join(dataFolder, databasePlaceFile);
  if (existsSync(database))
    throw new UserError(
      'NotImplemented',
      `The jobs of ${dataFolder} are in the database ${readFileSync(database, 'utf8')}, which is neither checked nor copied without its address.`,
      'Give it with --database, or in UPDRAFT_DATABASE. Free space is for PostgreSQL itself to give back.',
    );
}

/**
 * Those of a data folder.
 * @throws {UserError} where its contents are in a bucket: they are looked after there.
 */
export function storeParts(dataFolder: string): StoreParts {
  const bucket = path.join(dataFolder, contentsPlaceFile);
  if (existsSync(bucket))
    throw new UserError(
      'NotImplemented',
      `The contents of ${dataFolder} are in ${readFileSync(bucket, 'utf8')}, which is neither checked nor copied from here.`,
      'Copy the database as the bucket is copied: its versions and its replication are for that.',
    );
  return { blobs: new BlobFolder(path.join(dataFolder, partFolders.blobs)), logs: new LogFolder(path.join(dataFolder, partFolders.logs)) };
}
