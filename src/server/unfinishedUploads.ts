import path from 'node:path/posix';
import type { WorkspaceStore } from '../store/store.ts';

/**
 * Containers of what waits for the rest of its upload, a folder an upload: blocks that no list named yet, parts of MLflow's uploads, and ranges of files that another plane sends. They are blobs, so that a sweep
 * lets their contents be. Not reachable from outside: no container's name there may start with a dollar sign.
 */
export const unfinished = { blocks: '$blocks', parts: '$parts', ranges: '$ranges' } as const;

/** Milliseconds after its newest part until an upload counts as given up: as long as Azure keeps blocks that no list named. */
const keptFor = 7 * 86_400_000;
/** Parts that are looked at together. */
const pageSize = 1000;

/** Removes the parts of uploads that were given up; answers how many uploads. */
export async function removeGivenUpUploads(store: WorkspaceStore, now: number, keep = keptFor): Promise<number> {
  const newest = new Map<string, { container: string; folder: string; at: number }>();
  for (const container of Object.values(unfinished)) {
    for (let after = ''; ; ) {
      const page = await store.blobsFrom(container, '', after, pageSize);
      for (const { path: part, modifiedAt } of page) {
        const folder = path.dirname(part);
        const known = newest.get(`${container}/${folder}`);
        newest.set(`${container}/${folder}`, { container, folder, at: Math.max(modifiedAt, known?.at ?? 0) });
      }
      if (page.length < pageSize) break;
      after = page.at(-1)!.path;
    }
  }
  const old = [...newest.values()].filter(({ at }) => at < now - keep);
  for (const { container, folder } of old) await store.write((writer) => writer.deleteBlobs(container, folder));
  return old.length;
}
