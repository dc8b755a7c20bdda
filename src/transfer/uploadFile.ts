import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { sha256Of, sha256OfFile } from '../files/hash.ts';
import { withRetries } from './withRetries.ts';

/** Up to this size, in bytes, a file is sent whole from memory. */
const inMemory = 4_000_000;

/**
 * Stores a file as a blob; answers its SHA-256 in hex. Content that the plane has already is only named. An upload that the network cuts starts again, and the
 * plane keeps nothing but what has the hash. Throws `InvalidValue` for a file that changes meanwhile.
 */
export async function uploadFile(
  client: PlaneClient,
  container: string,
  blob: string,
  file: string,
  signal?: AbortSignal,
): Promise<string> {
  const bytes = (await stat(file)).size <= inMemory ? await readFile(file, signal ? { signal } : {}) : undefined;
  const sha256 = bytes ? sha256Of(bytes) : await sha256OfFile(file, signal);
  try {
    await withRetries(
      async () => {
        if (await client.linkBlob(container, blob, sha256, signal)) return;
        if (bytes) await client.writeBlob(container, blob, bytes, { sha256, signal });
        else await sendStream(client, container, blob, file, sha256, signal);
      },
      { signal },
    );
  } catch (error) {
    if (error instanceof UserError && error.code === 'InvalidRequest' && !bytes && (await sha256OfFile(file, signal)) !== sha256)
      throw new UserError('InvalidValue', `${file} was changed while it was uploaded.`, 'Try again when nothing writes to it.');
    throw error;
  }
  return sha256;
}

async function sendStream(
  client: PlaneClient,
  container: string,
  blob: string,
  file: string,
  sha256: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const content = createReadStream(file);
  let unreadable: Error | undefined;
  content.on('error', (error) => {
    unreadable ??= error;
  });
  try {
    await client.writeBlob(container, blob, Readable.toWeb(content) as unknown as ReadableStream, { sha256, signal });
  } catch (error) {
    // A file that can't be read looks like a network that fails.
    throw unreadable ?? error;
  } finally {
    content.destroy();
  }
}
