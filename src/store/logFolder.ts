import { closeSync, fdatasync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../base/userError.ts';
import { asDiskFull } from './diskFull.ts';

const flush = promisify(fdatasync);

/** Logs of jobs as plain files, `{folder}/{job}/{file}`, that only grow. */
export class LogFolder {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  private fileOf(job: string, file: string): string {
    return path.join(this.folder, job, file);
  }

  /**
   * Writes `bytes` at `offset`; answers the size after it. What is there already is not written again, so a repeated append is harmless;
   * an offset behind the end is refused, since it would leave a hole.
   */
  async append(job: string, file: string, offset: number, bytes: Uint8Array): Promise<number> {
    const name = this.fileOf(job, file);
    let handle: number | undefined;
    try {
      // What goes to the system's memory takes microseconds; only the disk is waited for.
      mkdirSync(path.dirname(name), { recursive: true });
      handle = openSync(name, 'a+');
      const { size } = fstatSync(handle);
      if (offset > size)
        throw new UserError('Conflict', `The log ${file} of ${job} has ${size} bytes; an append at ${offset} would leave a hole.`);
      const fresh = bytes.subarray(Math.min(bytes.byteLength, size - offset));
      if (fresh.byteLength === 0) return size;
      for (let written = 0; written < fresh.byteLength; ) written += writeSync(handle, fresh, written);
      await flush(handle);
      return size + fresh.byteLength;
    } catch (error) {
      throw asDiskFull(error, 'the log waits');
    } finally {
      if (handle !== undefined) closeSync(handle);
    }
  }

  /** Bytes from `offset` to `end` (exclusive; the file's end when absent); undefined when there is no such log. */
  async read(job: string, file: string, offset = 0, end?: number): Promise<Uint8Array | undefined> {
    const handle = await open(this.fileOf(job, file), 'r').catch(() => undefined);
    if (!handle) return undefined;
    try {
      const { size } = await handle.stat();
      const length = Math.max(0, Math.min(end ?? size, size) - offset);
      const buffer = Buffer.alloc(length);
      if (length) await handle.read(buffer, 0, length, offset);
      return buffer;
    } finally {
      await handle.close();
    }
  }

  /** Every log of a job with its size in bytes, paths relative to the job. */
  async list(job: string): Promise<{ path: string; size: number }[]> {
    const root = path.join(this.folder, job);
    const names = await readdir(root, { recursive: true }).catch(() => [] as string[]);
    const found = await Promise.all(names.map(async (name) => ({ name, stats: await stat(path.join(root, name)) })));
    return found
      .filter(({ stats }) => stats.isFile())
      .map(({ name, stats }) => ({ path: name.split(path.sep).join('/'), size: stats.size }));
  }

  async remove(job: string): Promise<void> {
    await rm(path.join(this.folder, job), { recursive: true, force: true });
  }
}
