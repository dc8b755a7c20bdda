import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { artifactContainer, blobContainer, parseDatastoreUri } from '../protocol/asset.ts';

/** Saves what is behind a datastore uri below `target`; answers the number of files. */
export async function downloadUri(client: PlaneClient, uri: string, target: string): Promise<number> {
  const parsed = parseDatastoreUri(uri);
  if (!parsed) throw new UserError('InputUnavailable', `"${uri}" can't be downloaded from here.`);
  return downloadFolder(
    client,
    parsed.datastore === 'workspaceartifactstore' ? artifactContainer : blobContainer,
    parsed.path.replace(/\/+$/, ''),
    target,
  );
}

/** Saves every blob below a prefix, or the one blob of that very name; answers the number of files. Names that would leave `target` are refused. */
export async function downloadFolder(client: PlaneClient, container: string, prefix: string, target: string): Promise<number> {
  const { entries } = await client.listBlobs(container, prefix, { recursive: true });
  if (entries.length === 0) {
    const response = await client.http.raw('GET', `/updraft/blobs/${container}/${prefix.split('/').map(encodeURIComponent).join('/')}`);
    if (!response.ok || !response.body) return 0;
    await save(Readable.fromWeb(response.body as never), inside(target, path.posix.basename(prefix)));
    return 1;
  }
  for (const entry of entries) {
    const { body } = await client.readBlob(container, `${prefix}/${entry.path}`);
    await save(body ? Readable.fromWeb(body as never) : Readable.from([]), inside(target, entry.path));
  }
  return entries.length;
}

function inside(target: string, name: string): string {
  const file = path.resolve(target, ...name.split('/'));
  if (file !== path.resolve(target) && file.startsWith(path.resolve(target) + path.sep)) return file;
  throw new UserError('RemoteError', `The control plane named a file outside of its folder: "${name}".`, 'Nothing of it was saved.');
}

/** Streams `content` into `file`, whose folder is made. */
export async function save(content: Readable, file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await pipeline(content, createWriteStream(file));
}
