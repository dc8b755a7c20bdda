import fs from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { flushFolder } from '../../files/flushFolder.ts';
import type { ByteRange } from '../blobs.ts';
import { asDiskFull } from '../diskFull.ts';
import { checkJobOfLog, checkOffset, hole, logAndFolder, noLog, partsOfLog, tooLong } from '../logNames.ts';
import type { Logs } from '../logs.ts';
import { readFile } from './readFile.ts';

/** What of the file system is written with; a test puts one in that misbehaves. */
export type LogDisk = Pick<typeof fs, 'mkdirSync' | 'openSync' | 'fstatSync' | 'writeSync' | 'closeSync' | 'fdatasync'> & {
  flushFolder: (folder: string) => Promise<void>;
};

/** Logs whose names are known to be on the disk; more than these are flushed once more. */
const remembered = 10_000;

/** Logs of jobs as plain files, `{folder}/{job}/{file}`. */
export class LogFolder implements Logs {
  private readonly folder: string;
  private readonly disk: LogDisk;
  private readonly flush: (handle: number) => Promise<void>;
  /** Of each log that was written to: settles when its name is on the disk. */
  private readonly named = new Map<string, Promise<void>>();
  /** Settles when the folder of all logs is on the disk itself. */
  private ownName: Promise<void> | undefined;

  constructor(folder: string, disk: LogDisk = { ...fs, flushFolder }) {
    this.folder = folder;
    this.disk = disk;
    this.flush = promisify(disk.fdatasync);
  }

  async append(job: string, file: string, offset: number, bytes: Uint8Array): Promise<number> {
    checkOffset(offset);
    const name = this.fileOf(job, file);
    const { disk } = this;
    let handle: number | undefined;
    try {
      // What goes to the system's memory takes microseconds; only the disk is waited for. Nothing comes in between, so appends follow each other.
      disk.mkdirSync(path.dirname(name), { recursive: true });
      handle = disk.openSync(name, 'a+');
      const { size } = disk.fstatSync(handle);
      if (offset > size) throw hole(job, file, size, offset);
      const fresh = bytes.subarray(Math.min(bytes.byteLength, size - offset));
      for (let written = 0; written < fresh.byteLength; ) {
        const count = disk.writeSync(handle, fresh, written);
        if (count === 0) throw new Error('The disk took no byte of a write.');
        written += count;
      }
      // Also when there was nothing new: the same append may be still on its way to the disk.
      await Promise.all([this.flush(handle), this.isNamed(name)]);
      return size + fresh.byteLength;
    } catch (error) {
      throw asDiskFull(asBadName(error, file), 'the log waits');
    } finally {
      if (handle !== undefined) disk.closeSync(handle);
    }
  }

  async read(job: string, file: string, range: ByteRange = { start: 0 }): Promise<Readable> {
    const name = this.fileOf(job, file);
    const missing = noLog(job, file);
    if ((await this.size(job, file)) === undefined) throw missing;
    return readFile(name, range, missing.message);
  }

  async size(job: string, file: string): Promise<number | undefined> {
    const name = this.fileOf(job, file);
    return stat(name).then(
      (found) => (found.isFile() ? found.size : undefined),
      (error: NodeJS.ErrnoException) => {
        if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(error.code!)) return undefined;
        throw error;
      },
    );
  }

  async list(job: string): Promise<{ path: string; size: number }[]> {
    const root = this.folderOf(job);
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const found = await Promise.all(
      entries
        .filter((entry) => entry.isFile())
        .map(async (entry) => {
          const file = path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
          return { path: file, size: await this.size(job, file) };
        }),
    );
    return found
      .filter((each): each is { path: string; size: number } => each.size !== undefined)
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async remove(job: string): Promise<void> {
    const root = this.folderOf(job);
    for (const name of this.named.keys()) if (name.startsWith(root + path.sep)) this.named.delete(name);
    await rm(root, { recursive: true, force: true });
  }

  private folderOf(job: string): string {
    checkJobOfLog(job);
    return path.join(this.folder, job);
  }

  private fileOf(job: string, file: string): string {
    return path.join(this.folderOf(job), ...partsOfLog(file));
  }

  /** Settles when the log's name and those of the folders around it are on the disk. Once in the life of this object, for the one before may have been cut off. */
  private isNamed(name: string): Promise<void> {
    let done = this.named.get(name);
    if (!done) {
      const flushes = [this.isFolderNamed()];
      for (let at = path.dirname(name); at.length >= this.folder.length; at = path.dirname(at)) flushes.push(this.disk.flushFolder(at));
      done = Promise.all(flushes).then(() => {});
      if (this.named.size >= remembered) this.named.clear();
      this.named.set(name, done);
      done.catch(() => this.named.delete(name));
    }
    return done;
  }

  private isFolderNamed(): Promise<void> {
    if (!this.ownName) {
      this.ownName = this.disk.flushFolder(path.dirname(this.folder));
      this.ownName.catch(() => {
        this.ownName = undefined;
      });
    }
    return this.ownName;
  }
}

/** A path that the disk can't have, such as one below another log, is the caller's mistake. */
function asBadName(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENAMETOOLONG') return tooLong(file);
  return code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST' ? logAndFolder(file) : error;
}
