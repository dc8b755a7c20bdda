import { Readable } from 'node:stream';
import { UserError } from '../../base/userError.ts';
import { asUnreachable, type Web, WebAddress } from '../../transfer/web/webAddress.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import { inflated } from './extractFromZip.ts';
import { saveStream } from './saveStream.ts';

/** A file in a ZIP archive on the web, and all that has to be known of it to get nothing else. */
export interface PartOfArchive {
  url: string;
  headers: Record<string, string>;
  /** Where its packed bytes are. */
  from: number;
  packed: number;
  name: string;
  bytes: number;
  /** In hex. */
  sha256: string;
}

/**
 * Saves one file of a ZIP archive as `target` and answers its SHA-256 and size. Only the bytes of that file are downloaded. Undefined where the server can't send parts of the archive, or sends another file: the
 * caller then downloads the whole archive, which tells what is wrong.
 */
export async function savePart(
  { url, headers, from, packed, name, bytes, sha256 }: PartOfArchive,
  target: string,
  { web, signal }: { web: Web; signal?: AbortSignal | undefined },
): Promise<{ sha256: string; bytes: number } | undefined> {
  const address = new WebAddress(url, web, { headers, isVerified: true });
  const range = `${from}-${from + packed - 1}`;
  const get = async () => {
    const response = await address.open({ range: `bytes=${range}` }, signal);
    if (response.status !== 206 || !response.headers.get('content-range')?.startsWith(`bytes ${range}/`) || !response.body) {
      await response.body?.cancel().catch(() => {});
      return undefined;
    }
    const content = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    return saveStream(inflated(content), target, { name, bytes, sha256, signal });
  };
  try {
    return await withRetries(get, { signal });
  } catch (error) {
    const isOther =
      (error instanceof UserError && error.code === 'InputUnavailable') || (error as { code?: string }).code?.startsWith('Z_');
    if (isOther) return undefined;
    throw signal?.aborted ? signal.reason : asUnreachable(error, address.shown);
  }
}
