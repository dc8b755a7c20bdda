import { mapParallel } from '../../base/parallel.ts';
import { UserError } from '../../base/userError.ts';
import type { Blobs } from '../blobs.ts';
import type { Logs } from '../logs.ts';
import type { DatabaseFile } from '../sqlite/databaseFile.ts';

/** Files that are copied at the same time. */
const parallel = 8;

/** Copies the contents that a database names, each verified on the way; what `to` has already stays. Answers those that `from` does not have. */
export async function copyContents(database: DatabaseFile, from: Blobs, to: Blobs): Promise<{ sha256: string; name: string }[]> {
  const missing: { sha256: string; name: string }[] = [];
  await mapParallel(database.contents(), parallel, async ({ sha256, size, name }) => {
    if ((await to.size(sha256)) === size) return;
    try {
      await to.put(await from.read(sha256), { sha256, size });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (error.code === 'NotFound') missing.push({ sha256, name });
      else throw error.code === 'InvalidRequest' ? damaged(sha256, name) : error;
    }
  });
  return missing;
}

const damaged = (sha256: string, name: string) =>
  new UserError(
    'InvalidValue',
    `The content ${sha256} of the file "${name}" was changed.`,
    '"updraft store check --contents" names all that are.',
  );

/** Copies the logs of a database's jobs as they are now; they may go on growing. */
export async function copyLogs(database: DatabaseFile, from: Logs, to: Logs): Promise<void> {
  await mapParallel(database.jobs(), parallel, async (job) => {
    for (const { path: file, size } of await from.list(job)) {
      let offset = await to.append(job, file, 0, new Uint8Array());
      if (offset >= size) continue;
      for await (const piece of await from.read(job, file, { start: offset, end: size - 1 }))
        offset = await to.append(job, file, offset, piece);
    }
  });
}
