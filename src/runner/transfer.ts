import { stat } from 'node:fs/promises';
import path from 'node:path';
import { mapParallel } from '../base/parallel.ts';
import { addressOf, filesOf } from '../client/filesOf.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { filesBelow } from '../files/filesBelow.ts';
import { sha256Of } from '../files/hash.ts';
import { blobSource, downloadFile } from '../transfer/downloadFile.ts';
import { uploadFile } from '../transfer/uploadFile.ts';
import { withRetries } from '../transfer/withRetries.ts';
import type { ContentCache } from './contentCache.ts';

/** Files that move at the same time. */
const parallel = 4;

/** SHA-256 of what is behind a uri: names and contents. The same content under another uri has the same hash. */
export async function contentHash(client: PlaneClient, uri: string): Promise<string> {
  return hashOfAll((await filesOf(client, uri)).map((file) => [file.path, file.sha256!]));
}

/** Brings a uri's files below `target`, or a single file to `fileTarget`, through a cache of contents that all jobs share. Answers where they are, and their number. */
export async function download(
  client: PlaneClient,
  uri: string,
  target: string,
  cache: ContentCache,
  signal?: AbortSignal,
  fileTarget: string = target,
): Promise<{ at: string; count: number }> {
  const { container, path: root } = addressOf(uri);
  const files = await withRetries(() => filesOf(client, uri, signal), { signal });
  const at = files.length === 1 && files[0]!.path === '' ? fileTarget : target;
  await mapParallel(files, parallel, async ({ path: name, size = 0, sha256 }) => {
    const source = blobSource(client, container, name ? `${root}/${name}` : root, { size, sha256 });
    const destination = name ? path.join(at, ...name.split('/')) : at;
    await cache.copyTo(destination, { sha256: sha256!, size }, (file, stop) => downloadFile(source, file, stop), signal);
  });
  return { at, count: files.length };
}

/** Stores a file or folder under a uri on the plane; what the plane has already is only named. Answers the content hash. */
export async function upload(client: PlaneClient, source: string, uri: string, signal?: AbortSignal): Promise<string> {
  const { container, path: root } = addressOf(uri);
  const isFolder = (await stat(source)).isDirectory();
  const files = isFolder ? await filesBelow(source) : [''];
  return hashOfAll(
    await mapParallel(
      files,
      parallel,
      async (name): Promise<[string, string]> => [
        name,
        await uploadFile(client, container, name ? `${root}/${name}` : root, name ? path.join(source, name) : source, signal),
      ],
    ),
  );
}

const hashOfAll = (files: [name: string, sha256: string][]): string =>
  sha256Of(
    files
      .map(([name, sha256]) => `${name}\0${sha256}`)
      .sort()
      .join('\n'),
  );
