import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of bytes or text, in hex. */
export const sha256Of = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');

/** SHA-256 of a stream's whole content, in hex. */
export async function sha256OfStream(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}

/** SHA-256 of a file, in hex. */
export const sha256OfFile = (file: string, signal?: AbortSignal): Promise<string> =>
  sha256OfStream(createReadStream(file, { ...(signal ? { signal } : {}) }));
