import { mapParallel } from '../base/parallel.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { BlobEntry } from '../protocol/asset.ts';
import { withRetries } from '../transfer/withRetries.ts';
import type { Pair } from './pair.ts';

/** Files that are on their way at the same time. */
const parallel = 4;

/** The files of a folder, or the one file of that very name, by their paths in the container. */
async function filesOf(
  client: PlaneClient,
  container: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, BlobEntry>> {
  const list = (prefix: string, recursive: boolean) =>
    withRetries(() => client.listBlobs(container, prefix, { recursive, signal }), { signal }).then(({ entries }) => entries);
  const entries = await list(folder, true);
  if (entries.length > 0) return new Map(entries.map((entry) => [`${folder}/${entry.path}`, entry]));
  const parent = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
  const file = (await list(parent, false)).find(({ isFolder, path }) => !isFolder && path === folder.slice(parent ? parent.length + 1 : 0));
  return new Map(file ? [[folder, file]] : []);
}

/** Sends what a folder has and the other plane has not, or with other content; answers how many files there were to send, and their bytes. */
export async function copyFiles({ from, to, signal }: Pair, container: string, folder: string): Promise<{ files: number; bytes: number }> {
  const [here, there] = await Promise.all([from, to].map((client) => filesOf(client, container, folder, signal)));
  const missing = [...here!].filter(([name, { sha256 }]) => sha256 === undefined || there!.get(name)?.sha256 !== sha256);
  await mapParallel(missing, parallel, ([name, { sha256 }]) =>
    withRetries(
      async () => {
        if (sha256 !== undefined && (await to.linkBlob(container, name, sha256, signal))) return;
        const { body } = await from.readBlob(container, name, undefined, signal);
        // With its hash: what was cut off on the way leaves nothing behind.
        await to.writeBlob(container, name, body ?? new Uint8Array(), { sha256, signal });
      },
      { signal },
    ),
  );
  return { files: missing.length, bytes: missing.reduce((sum, [, { size = 0 }]) => sum + size, 0) };
}
