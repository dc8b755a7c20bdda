import type { PlaneClient } from '../../client/planeClient.ts';
import type { BlobEntry } from '../../protocol/asset.ts';
import { withRetries } from '../../transfer/withRetries.ts';

/** The files of a folder by their paths in it, or the one file of that very name under ''. */
export async function filesAt(
  client: PlaneClient,
  container: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, BlobEntry>> {
  const list = (prefix: string, recursive: boolean) =>
    withRetries(() => client.listBlobs(container, prefix, { recursive, signal }), { signal }).then(({ entries }) => entries);
  const entries = await list(path, true);
  if (entries.length > 0) return new Map(entries.map((entry) => [entry.path, entry]));
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const name = path.slice(parent ? parent.length + 1 : 0);
  const file = (await list(parent, false)).find((entry) => !entry.isFolder && entry.path === name);
  return new Map(file ? [['', { ...file, path: '' }]] : []);
}
