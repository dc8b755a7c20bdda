import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3mini } from 's3mini';
import { mapParallel } from '../../base/parallel.ts';
import { UserError } from '../../base/userError.ts';
import type { Blobs, ByteRange } from '../blobs.ts';
import type { BlobFolder } from '../folder/blobFolder.ts';
import { isTouched } from './bucket.ts';

/** Names in the bucket: contents, what says that one is held, and what says that one is about to be removed. */
const [contents, held, doomed] = ['sha256/', 'held/', 'removing/'];
/** Contents that are asked for at the same time. */
const parallel = 16;
/** Bytes of a content up to which it is sent in one request. */
const inOneRequest = 64 << 20;
/** Milliseconds for which content without a name is left alone, and for which the folder of this machine keeps a copy. */
const namelessFor = 3_600_000;
/** Milliseconds within which a content is removed once that was said; who waits for it gives up after twice as long, as then nobody removes it any more. */
const removedWithin = 30_000;
const lookAgainAfter = 200;
/** Times that a content is sent anew since its copy here was touched. */
const mostTouches = 20;
/** Times that a read goes on after it was cut. */
const mostCuts = 5;

/** When a name in the bucket was written, by the clock of the bucket, and what stands for its content. */
type Written = { at: number; tag: string };

/**
 * Contents in a bucket of S3, for several servers at once. A folder of this machine takes what arrives until its address is known, and keeps it for a while, for programs that read files.
 *
 * Nothing in S3 happens in one step but the writing of one object. So a sweep first says that it removes a content, and then looks whether somebody holds it; who holds one first says so, and then looks
 * whether it is being removed. One of the two sees the other: the sweep lets the content be, or who holds waits until it is gone, and has it sent again.
 */
export class S3Blobs implements Blobs {
  private readonly bucket: S3mini;
  private readonly folder: BlobFolder;

  constructor(bucket: S3mini, folder: BlobFolder) {
    this.bucket = bucket;
    this.folder = folder;
  }

  /** Whether the bucket can be used: throws what speaks against it. */
  async check(): Promise<void> {
    const name = `${held}check`;
    await this.written(name);
    await this.bucket.putObject(name, randomUUID());
    await this.bucket.deleteObject(name);
  }

  async put(
    content: AsyncIterable<Uint8Array>,
    expected: { sha256?: string; size?: number } = {},
  ): Promise<{ sha256: string; size: number }> {
    const kept = await this.folder.put(content, expected);
    const { sha256, size } = kept;
    for (let isThere = (await this.hold(sha256)) === size; !isThere; isThere = (await this.settled(sha256)) === size)
      await this.send(sha256, size);
    return kept;
  }

  async read(sha256: string, range: ByteRange = { start: 0 }): Promise<Readable> {
    if ((await this.folder.size(sha256)) !== undefined) return await this.folder.read(sha256, range);
    const size = await this.size(sha256);
    if (size === undefined) throw missing(sha256);
    const end = Math.min(range.end ?? size - 1, size - 1);
    if (range.start > end) return Readable.from([]);
    const first = await this.part(sha256, range.start, end);
    return Readable.from(this.whole(sha256, range.start, end, first), { objectMode: false });
  }

  async file(sha256: string): Promise<string> {
    if ((await this.folder.hold(sha256)) === undefined) await this.folder.put(await this.read(sha256), { sha256 });
    return await this.folder.file(sha256);
  }

  async size(sha256: string): Promise<number | undefined> {
    if (!isAddress(sha256)) return undefined;
    return await this.bucket.getContentLength(contents + sha256).catch(undefinedIfMissing);
  }

  async has(sha256: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    await mapParallel(sha256, parallel, async (each) => {
      if ((await this.size(each)) !== undefined) found.add(each);
    });
    return found;
  }

  async hold(sha256: string): Promise<number | undefined> {
    if ((await this.size(sha256)) === undefined) return undefined;
    await this.bucket.putObject(held + sha256, randomUUID());
    return await this.settled(sha256);
  }

  async tidy(): Promise<void> {
    await this.folder.sweep(() => false, Date.now() - namelessFor);
  }

  async sweep(isUsed: (sha256: string) => boolean | Promise<boolean>, olderThan = Date.now() - namelessFor): Promise<number> {
    await this.tidy();
    const holds = await this.written(held);
    let removed = 0;
    for (const [sha256, written] of await this.written(contents)) {
      const hold = holds.get(sha256);
      if (!isAddress(sha256) || Math.max(written.at, hold?.at ?? 0) > olderThan || (await isUsed(sha256))) continue;
      if (await this.removeUnused(sha256, written, hold, isUsed)) removed++;
    }
    return removed;
  }

  /** Removes a content, if nothing has happened to it since it was listed. */
  private async removeUnused(
    sha256: string,
    written: Written,
    hold: Written | undefined,
    isUsed: (sha256: string) => boolean | Promise<boolean>,
  ): Promise<boolean> {
    const until = performance.now() + removedWithin;
    const notice = `${doomed}${sha256}/${randomUUID()}`;
    await this.bucket.putObject(notice, 'x');
    try {
      const isAsBefore = (await this.tagOf(contents + sha256)) === written.tag && (await this.tagOf(held + sha256)) === hold?.tag;
      if (!isAsBefore || (await isUsed(sha256)) || performance.now() > until) return false;
      await this.bucket.deleteObject(contents + sha256);
      await this.bucket.deleteObject(held + sha256);
      return true;
    } finally {
      await this.bucket.deleteObject(notice);
    }
  }

  /** The size of a content once nobody is removing it: from then on it stays, or is gone. */
  private async settled(sha256: string): Promise<number | undefined> {
    const until = performance.now() + 2 * removedWithin;
    while ((await this.written(`${doomed}${sha256}/`)).size > 0 && performance.now() < until) await delay(lookAgainAfter);
    return await this.size(sha256);
  }

  /** Others may send the same, or read it as a file, which touches the copy of this machine: it is opened anew then. */
  private async send(sha256: string, size: number): Promise<void> {
    for (let touches = 0; ; touches++)
      try {
        return await this.sendOnce(sha256, size);
      } catch (error) {
        if (!isTouched(error) || touches >= mostTouches) throw error;
      }
  }

  private async sendOnce(sha256: string, size: number): Promise<void> {
    const content = await openAsBlob(await this.folder.file(sha256));
    const to = contents + sha256;
    // The bucket compares what arrives with its address.
    if (size <= inOneRequest)
      await this.bucket.putObject(to, content, 'application/octet-stream', undefined, { 'x-amz-content-sha256': sha256 });
    else await this.bucket.putAnyObject(to, content);
  }

  /** The bytes from `start` to `end`; where a stream is cut, the rest is asked for anew. */
  private async *whole(sha256: string, start: number, end: number, first: Response): AsyncIterable<Uint8Array> {
    let [at, answer, cuts] = [start, first, 0];
    while (at <= end) {
      try {
        for await (const piece of answer.body ?? []) {
          at += piece.byteLength;
          yield piece;
        }
        if (at <= end) throw new Error('It ended too early.');
      } catch (error) {
        if (++cuts > mostCuts)
          throw new UserError('StoreUnreachable', `The content ${sha256} can't be read: ${(error as Error).message}`, 'Try again.');
        answer = await this.part(sha256, at, end);
      }
    }
  }

  private async part(sha256: string, start: number, end: number): Promise<Response> {
    const answer = await this.bucket.getObjectRaw(contents + sha256, false, start, end + 1);
    if (answer.status === 206 || (answer.status === 200 && start === 0)) return answer;
    await answer.body?.cancel();
    throw missing(sha256);
  }

  /** What is written below a name, each without it. */
  private async written(below: string): Promise<Map<string, Written>> {
    const found = new Map<string, Written>();
    let next: string | undefined;
    do {
      const page = await this.bucket.listObjectsPaged('/', below, 1000, next);
      if (!page)
        throw new UserError(
          'StoreUnreachable',
          `There is no bucket ${this.bucket.bucketName}.`,
          'Make it, or mend the address of the store of contents.',
        );
      for (const { Key: key, LastModified: at, ETag: tag } of page.objects ?? [])
        if (key.startsWith(below)) found.set(key.slice(below.length), { at: new Date(at).getTime(), tag: this.bucket.sanitizeETag(tag) });
      next = page.nextContinuationToken;
    } while (next);
    return found;
  }

  private async tagOf(key: string): Promise<string | undefined> {
    return (await this.bucket.getEtag(key).catch(undefinedIfMissing)) ?? undefined;
  }
}

const missing = (sha256: string): UserError => new UserError('NotFound', `There is no content ${sha256.slice(0, 64)}.`);

const isAddress = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

function undefinedIfMissing(error: unknown): undefined {
  const { status, cause } = error as { status?: number; cause?: { status?: number } };
  if ((status ?? cause?.status) !== 404) throw cause instanceof UserError ? cause : error;
}
