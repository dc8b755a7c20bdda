import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { mapParallel } from '../../base/parallel.ts';
import { UserError } from '../../base/userError.ts';
import { CutShort, withRetries } from '../withRetries.ts';
import type { ByteRange } from './byteRanges.ts';
import { diskFull, PartFile } from './partFile.ts';
import { asUnreachable, type Web, WebAddress } from './webAddress.ts';

/** A file of the web, and what is known of it before. */
export interface WebFile {
  url: string;
  /** SHA-256 in hex, or npm's `sha512-BASE64`: what arrives must have it. */
  hash?: string | undefined;
  /** Bytes: what arrives must have as many. */
  size?: number | undefined;
  /** Sent to the host of `url` alone. */
  headers?: Record<string, string>;
}

export interface WebDownload {
  web: Web;
  signal?: AbortSignal | undefined;
  /** Bytes that are there, of how many in all; 0 while that is not known. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Connections at the same time; 4 when absent. */
  connections?: number;
  /** Bytes that one request asks for at least; 8 MiB when absent. */
  pieceBytes?: number;
}

/** Requests that a file is got with at most, so that those of large files are larger. */
const mostPieces = 100;
/** Times that a content that changes under way is begun anew; then it is got in one stream. */
const mostChanges = 2;

/**
 * Saves a file of the web as `target`, whose folder is made; answers its SHA-256 and size. In several parts at the same time where the server can, with one stream
 * where it can't. What came is kept beside the target when it fails, is stopped by `signal` or killed, and the next call goes on from there.
 * The file gets its name when it is whole, verified and on the disk. Of several processes only one may do this for a target at a time: see `withFileLock`.
 * @throws {UserError} for a full disk, a hash or size that is not the announced one, and what `WebAddress` refuses.
 */
export async function downloadFromWeb(file: WebFile, target: string, download: WebDownload): Promise<{ sha256: string; bytes: number }> {
  const { web, signal, onProgress, connections = 4, pieceBytes = 8 << 20 } = download;
  signal?.throwIfAborted();
  const address = new WebAddress(file.url, web, { headers: file.headers ?? {}, isVerified: file.hash !== undefined });
  await mkdir(path.dirname(target), { recursive: true });
  const part = await PartFile.open(target, address.url.href, file.hash);
  try {
    await receiveAll();
    let sha256: string;
    try {
      sha256 = await verified(part, file, address.shown, signal);
    } catch (error) {
      // What an earlier try left may be of another content, where the server has no mark for it.
      if (!part.isResumed || !isWorthless(error)) throw error;
      await part.startOver();
      await receiveAll();
      sha256 = await verified(part, file, address.shown, signal);
    }
    await part.finish();
    return { sha256, bytes: part.size };
  } catch (error) {
    if (isWorthless(error)) await part.discard();
    else await part.keep();
    throw signal?.aborted ? signal.reason : asUnreachable(error, address.shown);
  }

  async function receiveAll(): Promise<void> {
    for (let changes = 0; ; changes++) {
      try {
        return await receive(changes < mostChanges);
      } catch (error) {
        if (!(error instanceof OtherContent) || changes > mostChanges) throw error;
        await part.startOver();
      }
    }
  }

  async function receive(inPieces: boolean): Promise<void> {
    const retried = <T>(attempt: () => Promise<T>) => withRetries(attempt, { signal, progress: () => part.done.count });
    // The first piece tells the size, and whether the server sends pieces. It is one that is missing, so that nothing comes twice.
    const first = inPieces ? (part.done.missing(part.size, pieceBytes)[0] ?? [0, pieceBytes]) : undefined;
    const came = await retried(() => (first ? piece(first, 'first') : whole()));
    if (came === 'whole') return;
    const rest = part.done.missing(part.size, Math.max(pieceBytes, Math.ceil(part.size / mostPieces)));
    await mapParallel(rest, connections, (range) => retried(() => piece(range, 'further')));
  }

  /** Gets what is missing of a range; the first one may bring everything. */
  async function piece([from, to]: ByteRange, which: 'first' | 'further'): Promise<'piece' | 'whole'> {
    for (;;) {
      const missing =
        part.size > 0 ? part.done.missing(part.size, Number.MAX_SAFE_INTEGER).find(([start, end]) => end > from && start < to) : [from, to];
      if (!missing) return 'piece';
      const [start, end] = [Math.max(from, missing[0]!), Math.min(to, missing[1]!)];
      const response = await address.open({ range: `bytes=${start}-${end - 1}`, ...(part.etag ? { 'if-range': part.etag } : {}) }, signal);
      // It knows no pieces, or it has another content by now.
      if (response.status !== 206) {
        if (which === 'first') return whole(response);
        await thrownAway(response);
        throw new OtherContent(`${address.shown} was changed while it was downloaded.`);
      }
      const said = contentRange(response);
      if (said?.from !== start || said.to > end || said.to <= start) {
        await thrownAway(response);
        throw lie(`it was asked for bytes ${start} to ${end - 1}, and sends "${response.headers.get('content-range')}"`);
      }
      const etag = strongEtag(response);
      if (part.size > 0 && (part.size !== said.total || part.etag !== etag)) {
        await thrownAway(response);
        throw new OtherContent(`${address.shown} was changed while it was downloaded.`);
      }
      await accept(said.total, etag);
      await save(response, start, said.to - start);
    }
  }

  async function whole(given?: Response): Promise<'whole'> {
    const response = given ?? (await address.open({}, signal));
    await part.startOver();
    const total = lengthOf(response);
    await accept(total ?? 0, strongEtag(response));
    await save(response, 0, total);
    if (total === undefined) part.begin(part.done.count, undefined);
    return 'whole';
  }

  /** Believes what the server says of the file only if it is what was announced, and there is room for it. */
  async function accept(total: number, etag: string | undefined): Promise<void> {
    if (file.size !== undefined && total > 0 && total !== file.size)
      throw lie(`it has ${total.toLocaleString('en')} bytes, and ${file.size.toLocaleString('en')} were announced`);
    part.begin(total, etag);
    if ((await part.lacks(total)) > 0) throw diskFull(target, total - part.done.count);
    onProgress?.(part.done.count, total);
  }

  async function save(response: Response, from: number, length: number | undefined): Promise<void> {
    const most = length ?? file.size ?? Number.MAX_SAFE_INTEGER;
    let at = from;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted();
      if (at - from + chunk.byteLength > most) throw lie(`it sends more than ${most.toLocaleString('en')} bytes`);
      await part.write(chunk, at);
      at += chunk.byteLength;
      onProgress?.(part.done.count, part.size);
    }
    if (length !== undefined && at - from < length) throw new CutShort(`${address.shown} ended after ${at - from} of ${length} bytes.`);
  }

  function lie(what: string): UserError {
    return new UserError(
      'InputUnavailable',
      `${address.shown} is not what was announced: ${what}. It was thrown away.`,
      'Get it from another source.',
    );
  }
}

/** The server has another content than a while ago. */
class OtherContent extends Error {}

const thrownAway = ({ body }: Response): Promise<void> => Promise.resolve(body?.cancel()).catch(() => {});

/** What came is of no use to the next try. */
const isWorthless = (error: unknown): boolean => error instanceof UserError && error.code === 'InputUnavailable';

async function verified(part: PartFile, { hash, size }: WebFile, source: string, signal: AbortSignal | undefined): Promise<string> {
  const wanted = hash?.startsWith('sha512-') ? createHash('sha512') : undefined;
  const sha256 = createHash('sha256');
  let bytes = 0;
  for await (const chunk of part.content()) {
    signal?.throwIfAborted();
    bytes += chunk.byteLength;
    sha256.update(chunk);
    wanted?.update(chunk);
  }
  const hex = sha256.digest('hex');
  const found = wanted ? `sha512-${wanted.digest('base64')}` : hex;
  const isRightSize = bytes === (size ?? part.size);
  if ((hash === undefined || found === hash.trim()) && isRightSize) return hex;
  throw new UserError(
    'InputUnavailable',
    isRightSize
      ? `${source} has the hash ${found}, and ${hash} was announced. It was thrown away.`
      : `${source} has ${bytes.toLocaleString('en')} bytes, and ${(size ?? part.size).toLocaleString('en')} were announced. It was thrown away.`,
    'It may have been replaced by another file. Get it from a source that you trust.',
  );
}

/** A mark that changes with every byte of the content. */
function strongEtag({ headers }: Response): string | undefined {
  const etag = headers.get('etag');
  return etag?.startsWith('"') ? etag : undefined;
}

function lengthOf({ headers }: Response): number | undefined {
  // What was packed for the way has another length on it.
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') return undefined;
  const length = Number(headers.get('content-length') ?? Number.NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

/** What `Content-Range: bytes FROM-LAST/TOTAL` says. */
function contentRange({ headers }: Response): { from: number; to: number; total: number } | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get('content-range') ?? '');
  return match ? { from: Number(match[1]), to: Number(match[2]) + 1, total: Number(match[3]) } : undefined;
}
