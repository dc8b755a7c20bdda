import { sha256OfStream } from '../../files/hash.ts';
import { type DatabaseCheck, DatabaseFile } from '../sqlite/databaseFile.ts';
import { expectOwnDatabase, type StoreParts, storeParts } from './storeParts.ts';

/** What was looked at, and what is wrong: a sentence each. Bytes are of the database's files. */
export interface StoreCheck extends DatabaseCheck {
  blobs: number;
  bytes: number;
}

/** Reads everything once: the database, and that every file's content is there and, with `contents`, is what its name says. */
export async function checkStore(dataFolder: string, contents = false): Promise<StoreCheck> {
  expectOwnDatabase(dataFolder);
  const database = DatabaseFile.open(dataFolder);
  try {
    const found: StoreCheck = { ...database.check(), blobs: 0, bytes: 0 };
    if (found.problems.length === 0) await checkContents(database, storeParts(dataFolder), contents, found);
    found.bytes = database.size();
    return found;
  } finally {
    database.close();
  }
}

async function checkContents(database: DatabaseFile, { blobs }: StoreParts, read: boolean, found: StoreCheck): Promise<void> {
  for (const { sha256, size, name } of database.contents()) {
    found.blobs++;
    const actual = await blobs.size(sha256);
    if (actual === undefined) found.problems.push(`file "${name}": its content is missing (${sha256})`);
    else if (actual !== size) found.problems.push(`file "${name}": ${actual} bytes instead of ${size} (${sha256})`);
    else if (read && (await sha256OfStream(await blobs.read(sha256)).catch(String)) !== sha256)
      found.problems.push(`file "${name}": its content was changed (${sha256})`);
  }
}
