import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { nearest } from '../base/nearest.ts';
import { UserError } from '../base/userError.ts';
import { withFileLock } from '../files/fileLock.ts';
import { folderOf, lockOf, recordName, storedModels } from './storedModels.ts';

/** Removes a model from the store, or what came of one that was not got to its end; answers the bytes that this frees. */
export async function removeModel(store: string, name: string, signal?: AbortSignal): Promise<number> {
  const folder = folderOf(store, name);
  return withFileLock(
    lockOf(store, name),
    async () => {
      const bytes = await bytesOf(folder);
      if (bytes === undefined) {
        const names = (await storedModels(store)).map(({ model }) => model.name);
        const near = nearest(name, names);
        throw new UserError(
          'NotFound',
          `There is no model "${name}" in Updraft's store.`,
          near
            ? `Did you mean ${near}?`
            : names.length
              ? `It has ${names.join(', ')}.`
              : 'It is empty. Models of other programs are removed with these.',
        );
      }
      // First it stops being a model, then its files go.
      await rm(path.join(folder, recordName), { force: true });
      await rm(folder, { recursive: true, force: true });
      return bytes;
    },
    { signal },
  );
}

async function bytesOf(folder: string): Promise<number | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!entries) return undefined;
  let bytes = 0;
  for (const entry of entries) if (entry.isFile()) bytes += (await stat(path.join(entry.parentPath, entry.name))).size;
  return bytes;
}
