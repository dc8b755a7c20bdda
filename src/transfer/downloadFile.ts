import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { CutShort, withRetries } from './withRetries.ts';

/** Content that can be asked for from any byte on. */
export interface Source {
  /** For messages. */
  name: string;
  /** The content from byte `start` on (status 206), or all of it (200). Throws for every other answer. */
  open(start: number, signal: AbortSignal | undefined): Promise<Response>;
  /** Bytes, when they are known before. */
  size?: number | undefined;
  /** In hex; what arrives must have it. */
  sha256?: string | undefined;
}

/** Times that content with another hash is asked for again. */
const mostMismatches = 2;

/**
 * Saves content as the file `target`, whose folder is made. A download that the network cuts goes on where it stood. The file gets its name when it is
 * whole, verified and on the disk; nothing is left of one that failed or was stopped by `signal`.
 */
export async function downloadFile(source: Source, target: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await mkdir(path.dirname(target), { recursive: true });
  // Not the file's own name with an ending: that may be as long as the disk allows.
  const temporary = path.join(path.dirname(target), `.${randomUUID().slice(0, 8)}.part`);
  const file = await open(temporary, 'wx');
  try {
    let [at, most] = [0, 0];
    let hash = createHash('sha256');
    let size = source.size;
    const startOver = async () => {
      await file.truncate(0);
      at = 0;
      hash = createHash('sha256');
    };
    const receive = async () => {
      if (size !== undefined && at === size && at > 0) return;
      const response = await source.open(at, signal);
      // Who can't go on in the middle sends everything again.
      if (at > 0 && response.status !== 206) {
        await startOver();
        size = source.size;
      }
      size ??= sizeOf(response, at);
      for await (const chunk of response.body ?? []) {
        signal?.throwIfAborted();
        for (let done = 0; done < chunk.byteLength; )
          done += (await file.write(chunk, done, chunk.byteLength - done, at + done)).bytesWritten;
        hash.update(chunk);
        at += chunk.byteLength;
        most = Math.max(most, at);
      }
      if (size !== undefined && at < size) throw new CutShort(`"${source.name}" ended after ${at} of ${size} bytes.`);
    };
    for (let mismatches = 0; ; ) {
      await withRetries(receive, { signal, progress: () => most });
      const isRight = (size === undefined || at === size) && (source.sha256 === undefined || hash.digest('hex') === source.sha256);
      if (isRight) break;
      if (++mismatches === mostMismatches)
        throw new UserError(
          'InputUnavailable',
          `"${source.name}" arrived with other content than was announced.`,
          'It may have been replaced while it was downloaded: try again. "updraft store check --contents" finds content that is damaged.',
        );
      await startOver();
      most = 0;
    }
    await file.sync();
    await file.close();
    signal?.throwIfAborted();
    await rename(temporary, target);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A blob of a plane. */
export const blobSource = (
  client: PlaneClient,
  container: string,
  blob: string,
  { size, sha256 }: { size?: number | undefined; sha256?: string | undefined },
): Source => ({
  name: blob,
  size,
  sha256,
  open: (start, signal) => client.readBlob(container, blob, start > 0 ? { start } : undefined, signal),
});

/** Bytes of the whole content by what the answer to a request from `start` on says; undefined when it does not say. */
function sizeOf(response: Response, start: number): number | undefined {
  // What was packed for the way has another length on it.
  if (response.headers.has('content-encoding')) return undefined;
  const length = response.headers.get('content-length');
  return length === null ? undefined : start + Number(length);
}
