import { UserError } from '../base/userError.ts';
import { type BlobEntry, blobAddress } from '../protocol/asset.ts';
import type { PlaneClient } from './planeClient.ts';

/** Where on the plane a datastore uri points. Throws `InputUnavailable` for a datastore that this plane does not hold. */
export function addressOf(uri: string): { container: string; path: string } {
  const address = blobAddress(uri);
  if (!address)
    throw new UserError(
      'InputUnavailable',
      `"${uri}" can't be read here: only the datastores workspaceblobstore and workspaceartifactstore are.`,
      'Download the data and give its local path.',
    );
  return address;
}

/** The files behind a uri: of a folder with paths relative to it, of a single file with the path ''. */
export async function filesOf(client: PlaneClient, uri: string, signal?: AbortSignal): Promise<BlobEntry[]> {
  const { container, path: root } = addressOf(uri);
  const { entries } = await client.listBlobs(container, root, { recursive: true, signal });
  if (entries.length) return entries;
  const parent = root.split('/').slice(0, -1).join('/');
  const siblings = (await client.listBlobs(container, parent, { signal })).entries;
  const file = siblings.find((entry) => !entry.isFolder && entry.path === root.split('/').at(-1));
  return file ? [{ ...file, path: '' }] : [];
}
