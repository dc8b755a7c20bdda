import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { flushFolder } from '../../files/flushFolder.ts';
import { type ByteRange, ByteRanges } from './byteRanges.ts';

/** What is kept beside the part of a file of which not all has come. */
interface Note {
  url: string;
  /** The hash that was asked for. */
  hash: string | undefined;
  size: number;
  /** `ETag`, by which the server says that the content is still the same. */
  etag: string | undefined;
  done: readonly ByteRange[];
}

/** Milliseconds for which bytes that came may be without a note. */
const noteEvery = 300;

/**
 * The bytes of a file that came so far, beside the name that it is to get, with a note of which they are: who comes later, also after a process was killed or the
 * power went off, goes on from there. A note never speaks of bytes that are not on the disk.
 */
export class PartFile {
  readonly target: string;
  readonly done = new ByteRanges();
  private readonly handle: FileHandle;
  private readonly names: { data: string; note: string };
  private about: Omit<Note, 'done'>;
  private timer: NodeJS.Timeout | undefined;
  private noting = Promise.resolve();
  /** Some of it came from an earlier try. */
  isResumed = false;

  private constructor(target: string, names: { data: string; note: string }, handle: FileHandle, about: Omit<Note, 'done'>) {
    this.target = target;
    this.names = names;
    this.handle = handle;
    this.about = about;
  }

  /** Opens what is there of the file, if it is of this address and hash, or begins anew. */
  static async open(target: string, url: string, hash: string | undefined): Promise<PartFile> {
    // Not the file's own name with an ending: that may be as long as the disk allows.
    const short = createHash('sha256').update(path.basename(target)).digest('hex').slice(0, 16);
    const data = path.join(path.dirname(target), `.${short}.part`);
    const names = { data, note: `${data}.json` };
    const note = await noteIn(names.note);
    const isSame = note !== undefined && note.url === url && note.hash === hash && (hash !== undefined || note.etag !== undefined);
    const handle = await open(data, isSame ? 'r+' : 'w+').catch((error) => {
      if (isSame && error.code === 'ENOENT') return undefined;
      throw asDiskFull(error, target, undefined);
    });
    if (!handle || !isSame) return new PartFile(target, names, handle ?? (await open(data, 'w+')), { url, hash, size: 0, etag: undefined });
    const { done, ...about } = note;
    const part = new PartFile(target, names, handle, about);
    // A file that somebody cut has less than the note says.
    const { size } = await handle.stat();
    for (const [from, to] of done) part.done.add(from, Math.min(to, size));
    part.isResumed = part.done.count > 0;
    return part;
  }

  get size(): number {
    return this.about.size;
  }

  get etag(): string | undefined {
    return this.about.etag;
  }

  /** Notes what the server says of the file. */
  begin(size: number, etag: string | undefined): void {
    this.about = { ...this.about, size, etag };
  }

  /** Throws away what came. */
  async startOver(): Promise<void> {
    this.done.clear();
    this.isResumed = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.noting;
    await rm(this.names.note, { force: true });
    await this.handle.truncate(0);
  }

  /** How many bytes of the disk are missing for the rest of `size` bytes; 0 when there are enough, or that can't be told. */
  async lacks(size: number): Promise<number> {
    const found = await statfs(path.dirname(this.names.data)).catch(() => undefined);
    return found ? Math.max(0, size - this.done.count - found.bavail * found.bsize) : 0;
  }

  async write(chunk: Uint8Array, at: number): Promise<void> {
    try {
      for (let from = 0; from < chunk.byteLength; )
        from += (await this.handle.write(chunk, from, chunk.byteLength - from, at + from)).bytesWritten;
    } catch (error) {
      throw asDiskFull(error, this.target, this.size - this.done.count);
    }
    this.done.add(at, at + chunk.byteLength);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      // A note that fails costs only that these bytes come again.
      this.noting = this.noting.then(() => this.note()).catch(() => {});
    }, noteEvery);
  }

  /** The whole content, flushed to the disk. */
  async *content(): AsyncGenerator<Uint8Array> {
    await this.handle.sync();
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let at = 0; ; ) {
      const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  /** The file gets its name. */
  async finish(): Promise<void> {
    await this.close();
    await rename(this.names.data, this.target);
    await rm(this.names.note, { force: true });
    await flushFolder(path.dirname(this.target));
  }

  /** What came stays for the next time. */
  async keep(): Promise<void> {
    await this.noting;
    if (this.timer) await this.note().catch(() => {});
    await this.close();
  }

  async discard(): Promise<void> {
    await this.close();
    await rm(this.names.note, { force: true });
    await rm(this.names.data, { force: true });
  }

  private async close(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.noting;
    await this.handle.close();
  }

  private async note(): Promise<void> {
    const note: Note = { ...this.about, done: [...this.done.all] };
    await this.handle.datasync();
    const temporary = `${this.names.note}.new`;
    await writeFile(temporary, JSON.stringify(note), { flush: true });
    await rename(temporary, this.names.note);
  }
}

async function noteIn(file: string): Promise<Note | undefined> {
  try {
    const note = JSON.parse(await readFile(file, 'utf8')) as Note;
    const isRight =
      typeof note.url === 'string' &&
      Number.isSafeInteger(note.size) &&
      Array.isArray(note.done) &&
      note.done.every(([from, to]) => Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && to <= note.size);
    return isRight ? note : undefined;
  } catch {
    // There is none, or somebody damaged it: everything comes again.
    return undefined;
  }
}

/** Says of a full disk how much is needed; any other error stays as it is. */
export function asDiskFull(error: unknown, target: string, needed: number | undefined): unknown {
  if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) return error;
  return diskFull(target, needed);
}

export const diskFull = (target: string, needed: number | undefined): UserError =>
  new UserError(
    'DiskFull',
    `The disk of ${path.dirname(target)} is full${needed ? `: ${formatBytes(needed)} more are needed for ${path.basename(target)}` : ''}.`,
    'Free some space and try again: what came already is kept.',
  );
