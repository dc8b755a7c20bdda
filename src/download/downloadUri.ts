import path from 'node:path';
import { mapParallel } from '../base/parallel.ts';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { artifactContainer, blobContainer, parseDatastoreUri } from '../protocol/asset.ts';
import { blobSource, downloadFile } from '../transfer/downloadFile.ts';
import { withRetries } from '../transfer/withRetries.ts';

/** Files that are downloaded at the same time. */
const parallel = 4;

/** Saves what is behind a datastore uri below `target`; answers the number of files. */
export async function downloadUri(client: PlaneClient, uri: string, target: string, signal?: AbortSignal): Promise<number> {
  const parsed = parseDatastoreUri(uri);
  if (!parsed) throw new UserError('InputUnavailable', `"${uri}" can't be downloaded from here.`);
  return downloadFolder(
    client,
    parsed.datastore === 'workspaceartifactstore' ? artifactContainer : blobContainer,
    parsed.path.replace(/\/+$/, ''),
    target,
    signal,
  );
}

/** Saves every blob below a prefix, or the one blob of that very name; answers the number of files. Names that would leave `target` are refused. */
export async function downloadFolder(
  client: PlaneClient,
  container: string,
  prefix: string,
  target: string,
  signal?: AbortSignal,
): Promise<number> {
  const { entries } = await withRetries(() => client.listBlobs(container, prefix, { recursive: true, signal }), { signal });
  if (entries.length > 0) {
    const files = entries.map((entry) => ({ ...entry, file: inside(target, entry.path) }));
    await mapParallel(files, parallel, ({ path: name, size, sha256, file }) =>
      downloadFile(blobSource(client, container, `${prefix}/${name}`, { size, sha256 }), file, signal),
    );
    return entries.length;
  }
  const parent = path.posix.dirname(prefix);
  const siblings = await withRetries(() => client.listBlobs(container, parent === '.' ? '' : parent, { signal }), { signal });
  const name = path.posix.basename(prefix);
  const single = siblings.entries.find((entry) => !entry.isFolder && entry.path === name);
  if (!single) return 0;
  await downloadFile(blobSource(client, container, prefix, single), inside(target, name), signal);
  return 1;
}

function inside(target: string, name: string): string {
  const file = path.resolve(target, ...name.split('/'));
  if (file !== path.resolve(target) && file.startsWith(path.resolve(target) + path.sep)) return file;
  throw new UserError('RemoteError', `The control plane named a file outside of its folder: "${name}".`, 'Nothing of it was saved.');
}
