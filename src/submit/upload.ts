import { stat } from 'node:fs/promises';
import path from 'node:path';
import { mapParallel } from '../base/parallel.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { assetId } from '../protocol/arm.ts';
import { blobContainer, datastoreUri, parseDatastoreUri } from '../protocol/asset.ts';
import { uploadFile } from '../transfer/uploadFile.ts';
import { type Snapshot, takeCode, takeData } from './snapshot.ts';

/** Files that are sent at the same time. */
const parallel = 4;

export interface UploadOptions {
  onProgress: (text: string) => void;
  signal?: AbortSignal | undefined;
}

/** Sends a code folder, or what is included without one, unless the plane has the very same; answers its ARM id. */
export async function uploadCode(
  client: PlaneClient,
  folder: string | undefined,
  includes: string[],
  options: UploadOptions,
): Promise<string> {
  const snapshot = await takeCode(folder, includes, options.signal);
  try {
    return await sendCode(client, folder, snapshot, options);
  } finally {
    await snapshot.remove();
  }
}

async function sendCode(client: PlaneClient, folder: string | undefined, snapshot: Snapshot, options: UploadOptions): Promise<string> {
  const found = (await client.findCode(snapshot.hash)).value[0];
  if (found) return found.id;
  options.onProgress(`Uploading ${snapshot.files.length} files of ${folder === undefined ? 'additional_includes' : path.basename(folder)}`);
  await send(client, snapshot.files, `codes/${snapshot.hash}`, options);
  const code = await client.putAsset('codes', snapshot.hash, '1', {
    codeUri: datastoreUri(`codes/${snapshot.hash}`),
    isAnonymous: true,
    properties: { hash_sha256: snapshot.hash, hash_version: '202208' },
  });
  return code.id || assetId(client.workspace, 'codes', snapshot.hash, '1');
}

/** Sends local data under its content hash; answers its datastore uri. */
export async function uploadData(client: PlaneClient, local: string, options: UploadOptions): Promise<string> {
  const isFile = (await stat(local)).isFile();
  const snapshot = await takeData(local, options.signal);
  const uri = dataUri(local, snapshot.hash);
  options.onProgress(`Uploading ${path.basename(local)}`);
  await send(
    client,
    isFile ? snapshot.files.map((each) => ({ ...each, path: '' })) : snapshot.files,
    parseDatastoreUri(uri)!.path,
    options,
  );
  return uri;
}

/** Where local data of a content hash goes. */
export const dataUri = (local: string, hash: string): string => datastoreUri(`LocalUpload/${hash}/${path.basename(local)}`);

async function send(client: PlaneClient, files: { path: string; file: string }[], root: string, { signal }: UploadOptions): Promise<void> {
  await mapParallel(files, parallel, (each) =>
    uploadFile(client, blobContainer, each.path ? `${root}/${each.path}` : root, each.file, signal),
  );
}
