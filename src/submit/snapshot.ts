import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { UserError } from '../base/userError.ts';
import { snapshotLimit, tooLarge } from '../spec/snapshotSize.ts';
import { inSlices, type SnapshotFile, snapshotFiles, snapshotSize } from './snapshotFiles.ts';
import { zipIncludes } from './zippedIncludes.ts';

export interface Snapshot {
  /** Azure's content hash (version 202208) of names, sizes and contents. */
  hash: string;
  files: SnapshotFile[];
  /** Deletes what was made for it: call it when the files were sent. */
  remove: () => Promise<void>;
}

/** The snapshot of a code folder, or of what is included without one. Throws `SnapshotTooLarge` with the biggest files, and `MissingFile`. */
export async function takeCode(folder: string | undefined, includes: string[] = [], signal?: AbortSignal): Promise<Snapshot> {
  const { includes: present, remove } = await zipIncludes(includes);
  const files = await listed(folder, present);
  const found = snapshotSize(files);
  if (found.size > snapshotLimit) {
    await remove();
    const { message, hint } = tooLarge(folder ?? 'additional_includes', found);
    throw new UserError('SnapshotTooLarge', message, hint);
  }
  return { hash: await hashOf(files, signal), files, remove };
}

/** The files of local data, which may have any size, and their hash. */
export async function takeData(local: string, signal?: AbortSignal): Promise<Snapshot> {
  const files = await listed(local, []);
  return { hash: await hashOf(files, signal), files, remove: async () => {} };
}

async function listed(folder: string | undefined, includes: string[]): Promise<SnapshotFile[]> {
  const files: SnapshotFile[] = [];
  for await (const each of inSlices(snapshotFiles(folder, includes))) files.push(each);
  return files.sort((a, b) => (a.path.toLowerCase() < b.path.toLowerCase() ? -1 : 1));
}

/** sha256(count, then per file `#path#size`, then the contents): how azure-ai-ml addresses code, so that both find each other's. */
async function hashOf(files: SnapshotFile[], signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256').update(String(files.length));
  for (const { path: name, size } of files) hash.update(`#${name}#${size}`);
  for (const { file } of files) {
    signal?.throwIfAborted();
    for await (const chunk of createReadStream(file, signal ? { signal } : {})) hash.update(chunk);
  }
  return hash.digest('hex');
}
