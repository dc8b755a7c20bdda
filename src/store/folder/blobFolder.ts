import { createHash, randomUUID } from 'node:crypto';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { mapParallel } from '../../base/parallel.ts';
import { UserError } from '../../base/userError.ts';
import { flushFolder } from '../../files/flushFolder.ts';
import type { Blobs, ByteRange } from '../blobs.ts';
import { asDiskFull } from '../diskFull.ts';
import { readFile } from './readFile.ts';

/** What of the file system is used; a test puts one in that misbehaves. */
export type Disk = Pick<typeof fs, 'open' | 'mkdir' | 'readdir' | 'rename' | 'rm' | 'stat' | 'utimes'>;

/** Milliseconds for which content without a name is left alone. */
const namelessFor = 3_600_000;
/** Contents that are asked for at the same time. */
const parallel = 16;
/** In the folder of unfinished files: a content that a sweep is about to remove. */
const removing = 'remove-';

/** Contents as files below `folder`: `ab/abcdef…`. Written under a temporary name, flushed, then renamed. */
export class BlobFolder implements Blobs {
  private readonly folder: string;
  private readonly disk: Disk;
  /** Temporary files of writes that are under way. */
  private readonly writing = new Set<string>();
  /** Folders whose own names are on the disk. */
  private readonly flushed = new Set<string>();

  constructor(folder: string, disk: Disk = fs) {
    this.folder = folder;
    this.disk = disk;
  }

  async put(
    content: AsyncIterable<Uint8Array>,
    expected: { sha256?: string; size?: number } = {},
  ): Promise<{ sha256: string; size: number }> {
    const temporary = path.join(this.folder, 'tmp', randomUUID());
    const hash = createHash('sha256');
    let size = 0;
    let file: FileHandle | undefined;
    this.writing.add(temporary);
    try {
      await this.disk.mkdir(path.dirname(temporary), { recursive: true });
      file = await this.disk.open(temporary, 'wx');
      for await (const chunk of content) {
        size += chunk.byteLength;
        if (expected.size !== undefined && size > expected.size) break;
        hash.update(chunk);
        await writeAll(file, chunk);
      }
      const sha256 = hash.digest('hex');
      mustBe(expected, { sha256, size });
      await file.sync();
      await file.close();
      const target = this.fileOf(sha256);
      await this.makeFolder(path.dirname(target));
      await this.disk.rename(temporary, target);
      await flushFolder(path.dirname(target), this.disk.open);
      return { sha256, size };
    } catch (error) {
      await file?.close().catch(() => {});
      await this.disk.rm(temporary, { force: true }).catch(() => {});
      throw asDiskFull(error, 'the file was not kept');
    } finally {
      this.writing.delete(temporary);
    }
  }

  read(sha256: string, range: ByteRange = { start: 0 }): Promise<Readable> {
    return readFile(this.fileOf(sha256), range, missing(sha256));
  }

  async file(sha256: string): Promise<string> {
    if ((await this.size(sha256)) === undefined) throw new UserError('NotFound', missing(sha256));
    return this.fileOf(sha256);
  }

  async size(sha256: string): Promise<number | undefined> {
    if (!isAddress(sha256)) return undefined;
    return this.disk.stat(this.fileOf(sha256)).then(({ size }) => size, undefinedIfMissing);
  }

  async has(sha256: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    await mapParallel(sha256, parallel, async (each) => {
      if ((await this.size(each)) !== undefined) found.add(each);
    });
    return found;
  }

  async hold(sha256: string): Promise<number | undefined> {
    if (!isAddress(sha256)) return undefined;
    const now = new Date();
    // A sweep looks at the time again after it has taken the name away, so either it sees this, or there is nothing to hold any more.
    return this.disk.utimes(this.fileOf(sha256), now, now).then(() => this.size(sha256), undefinedIfMissing);
  }

  async sweep(isUsed: (sha256: string) => boolean | Promise<boolean>, olderThan = Date.now() - namelessFor): Promise<number> {
    let removed = 0;
    for (const folder of await this.disk.readdir(this.folder).catch(() => [] as string[])) {
      if (folder === 'tmp' || !/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const name of await this.disk.readdir(path.join(this.folder, folder)))
        if (await this.removeUnused(name, isUsed, olderThan)) removed++;
    }
    for (const name of await this.disk.readdir(path.join(this.folder, 'tmp')).catch(() => [] as string[]))
      if (await this.removeUnfinished(name, isUsed, olderThan)) removed++;
    return removed;
  }

  private async removeUnused(name: string, isUsed: (sha256: string) => boolean | Promise<boolean>, olderThan: number): Promise<boolean> {
    if (!isAddress(name)) return false;
    const file = this.fileOf(name);
    if (!(await this.isOlder(file, olderThan)) || (await isUsed(name))) return false;
    // First out of the way, then looked at once more: who held it or named it meanwhile gets it back.
    const aside = path.join(this.folder, 'tmp', removing + name);
    await this.disk.mkdir(path.dirname(aside), { recursive: true });
    await this.disk.rename(file, aside);
    return this.removeAside(aside, name, isUsed, olderThan);
  }

  private async removeUnfinished(
    name: string,
    isUsed: (sha256: string) => boolean | Promise<boolean>,
    olderThan: number,
  ): Promise<boolean> {
    const file = path.join(this.folder, 'tmp', name);
    // A sweep that was interrupted.
    if (name.startsWith(removing)) return this.removeAside(file, name.slice(removing.length), isUsed, olderThan);
    if (this.writing.has(file) || !(await this.isOlder(file, olderThan))) return false;
    await this.disk.rm(file, { force: true });
    return true;
  }

  private async removeAside(
    aside: string,
    name: string,
    isUsed: (sha256: string) => boolean | Promise<boolean>,
    olderThan: number,
  ): Promise<boolean> {
    if (!(await this.isOlder(aside, olderThan)) || (await isUsed(name))) {
      await this.disk.rename(aside, this.fileOf(name));
      await flushFolder(path.dirname(this.fileOf(name)), this.disk.open);
      return false;
    }
    await this.disk.rm(aside, { force: true });
    return true;
  }

  private async isOlder(file: string, than: number): Promise<boolean> {
    return this.disk.stat(file).then(
      ({ mtimeMs }) => mtimeMs <= than,
      () => false,
    );
  }

  private fileOf(sha256: string): string {
    if (!isAddress(sha256)) throw new UserError('NotFound', `There is no content "${sha256.slice(0, 64)}".`);
    return path.join(this.folder, sha256.slice(0, 2), sha256);
  }

  /** Makes a folder and flushes its name, and that of the folder around it. That it is there already does not mean that its name is on the disk. */
  private async makeFolder(folder: string): Promise<void> {
    const made = await this.disk.mkdir(folder, { recursive: true });
    for (const each of [folder, this.folder]) {
      if (made === undefined && this.flushed.has(each)) continue;
      await flushFolder(path.dirname(each), this.disk.open);
      this.flushed.add(each);
    }
  }
}

const missing = (sha256: string): string => `There is no content ${sha256.slice(0, 64)}.`;

const isAddress = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** The system may take fewer bytes than it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, at);
    if (bytesWritten === 0) throw new Error('The disk took no byte of a write.');
    at += bytesWritten;
  }
}

function mustBe(expected: { sha256?: string; size?: number }, found: { sha256: string; size: number }): void {
  if (expected.size !== undefined && expected.size !== found.size)
    throw new UserError(
      'InvalidRequest',
      `The content has ${found.size > expected.size ? 'more than the' : `${found.size} bytes instead of the`} ${expected.size} bytes that were announced.`,
      'It was not kept. Send it again.',
    );
  if (expected.sha256 !== undefined && expected.sha256 !== found.sha256)
    throw new UserError(
      'InvalidRequest',
      `The content that arrived has the SHA-256 ${found.sha256}, not ${expected.sha256.slice(0, 64)} as was announced.`,
      'It was not kept. Send it again.',
    );
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
