import { createHash } from 'node:crypto';
import { sha256Of } from '../../../files/hash.ts';
import { putWithinQuota } from '../../queue/storageQuota.ts';
import type { Services } from '../../services.ts';
import { unfinished } from '../../unfinishedUploads.ts';
import { StorageError } from './storageError.ts';

/** Azure's limits: 50,000 blocks a blob, ids of up to 64 bytes. A list of that many is below this many bytes. */
export const blockListLimit = 8 * 1024 * 1024;

export interface Address {
  container: string;
  path: string;
}

/** Stores content in one go. `md5` (base64), when the client sent one, must be its. Answers the MD5 of what came. */
export async function putBlob(
  { store, blobs }: Pick<Services, 'store' | 'blobs'>,
  { container, path }: Address,
  body: AsyncIterable<Uint8Array>,
  md5: string | undefined,
  metadata: Record<string, string>,
): Promise<string> {
  const hash = createHash('md5');
  const written = await blobs.put(hashed(body, hash));
  const actual = hash.digest('base64');
  checkMd5(md5, actual);
  await store.write((writer) => putWithinQuota(writer, { container, path }, written, metadata));
  return actual;
}

/** Keeps one block until its list comes; blocks arrive in any order. */
export async function putBlock(
  services: Pick<Services, 'store' | 'blobs'>,
  address: Address,
  id: string,
  body: AsyncIterable<Uint8Array>,
  md5: string | undefined,
): Promise<string> {
  return putBlob(services, { container: unfinished.blocks, path: `${folderOf(address)}/${blockName(id)}` }, body, md5, {});
}

/** Makes the blob out of its blocks, in the order of the list, and forgets the rest. */
export async function commitBlocks(
  { store, blobs }: Pick<Services, 'store' | 'blobs'>,
  { container, path }: Address,
  ids: string[],
  metadata: Record<string, string>,
): Promise<void> {
  const folder = folderOf({ container, path });
  const contents = await Promise.all(
    ids.map(async (id) => {
      const found = await store.blob(unfinished.blocks, `${folder}/${blockName(id)}`);
      if (!found) throw new StorageError(400, 'InvalidBlockList', `The block "${id}" was not uploaded.`);
      return found.sha256;
    }),
  );
  async function* whole() {
    for (const sha256 of contents) yield* await blobs.read(sha256);
  }
  const written = await blobs.put(whole());
  await store.write(async (writer) => {
    await writer.deleteBlobs(unfinished.blocks, folder);
    await putWithinQuota(writer, { container, path }, written, metadata);
  });
}

const folderOf = ({ container, path }: Address): string => `${container}/${sha256Of(path)}`;

function blockName(id: string): string {
  const bytes = Buffer.from(id, 'base64');
  if (id === '' || bytes.byteLength > 64 || bytes.toString('base64') !== id)
    throw new StorageError(400, 'InvalidQueryParameterValue', 'blockid must be base64 of at most 64 bytes.');
  return bytes.toString('hex');
}

export function checkMd5(given: string | undefined, actual: string): void {
  if (given !== undefined && given !== actual)
    throw new StorageError(400, 'Md5Mismatch', 'Content-MD5 is not that of the content that arrived.');
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
