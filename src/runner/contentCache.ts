import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SharedWork } from '../base/sharedWork.ts';

export interface CacheLimits {
  /** Bytes of all contents together. */
  bytes: number;
  /** Milliseconds after which a content goes that no job used. */
  age: number;
}

const usualLimits: CacheLimits = { bytes: 20_000_000_000, age: 30 * 86_400_000 };
/** Milliseconds between two looks at what is too much or too old. */
const trimEvery = 600_000;
/** Milliseconds after which a file that was not finished is nobody's. */
const unfinishedFor = 86_400_000;
/** A file above this size, in bytes, is copied in a way that can be stopped. */
const copiedAtOnce = 64_000_000;

/** Contents by SHA-256 that jobs of this machine needed. It keeps those that were used last, within limits, and none that is in use goes. */
export class ContentCache {
  private readonly folder: string;
  private readonly limits: CacheLimits;
  private readonly arriving = new SharedWork<void>();
  /** Jobs that copy a content right now, by SHA-256. */
  private readonly inUse = new Map<string, number>();
  private trimmedAt = 0;
  private arrived = 0;
  private canShareBlocks = true;

  constructor(folder: string, limits: CacheLimits = usualLimits) {
    this.folder = folder;
    this.limits = limits;
  }

  /** Makes the file `target` with this content. What is not here yet `bring` downloads, once for all who ask at the same time. */
  async copyTo(
    target: string,
    { sha256, size }: { sha256: string; size: number },
    bring: (file: string, signal: AbortSignal) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    const cached = path.join(this.folder, sha256);
    this.inUse.set(sha256, (this.inUse.get(sha256) ?? 0) + 1);
    try {
      await mkdir(path.dirname(target), { recursive: true });
      await this.bringOnce(cached, sha256, size, bring, signal);
      await this.copy(cached, target, size, signal).catch(async (error: NodeJS.ErrnoException) => {
        // It was just being removed when this job came for it.
        if (error.code !== 'ENOENT') throw error;
        await this.bringOnce(cached, sha256, size, bring, signal);
        await this.copy(cached, target, size, signal);
      });
    } finally {
      const users = this.inUse.get(sha256)! - 1;
      if (users > 0) this.inUse.set(sha256, users);
      else this.inUse.delete(sha256);
    }
    // Beside the job, which has what it needs. What can't be removed now is looked at again the next time.
    this.trim(false).catch(() => {});
  }

  private async bringOnce(
    cached: string,
    sha256: string,
    size: number,
    bring: (file: string, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (await this.has(cached, size)) return;
    await mkdir(this.folder, { recursive: true });
    await this.arriving.run(sha256, signal, async (stop) => {
      // It may have come since.
      if (await this.has(cached, size)) return;
      await bring(cached, stop);
      this.arrived += size;
    });
  }

  /** Removes what is too old or too much. Without `now` only when it is time to look again. */
  async trim(now = true): Promise<void> {
    if (!now && Date.now() - this.trimmedAt < trimEvery && this.arrived < this.limits.bytes / 10) return;
    this.trimmedAt = Date.now();
    this.arrived = 0;
    const found = await Promise.all(
      (await readdir(this.folder).catch(() => [] as string[])).map(async (name) => {
        const stats = await stat(path.join(this.folder, name)).catch(() => undefined);
        return stats && { name, size: stats.size, usedAt: stats.mtimeMs };
      }),
    );
    const newestFirst = found.filter((each) => each !== undefined).sort((a, b) => b.usedAt - a.usedAt);
    let total = 0;
    for (const { name, size, usedAt } of newestFirst) {
      if (this.inUse.has(name)) {
        total += size;
        continue;
      }
      const age = this.trimmedAt - usedAt;
      const goes = !isContent(name) ? age > unfinishedFor : age > this.limits.age || total + size > this.limits.bytes;
      if (goes) await rm(path.join(this.folder, name), { force: true });
      else total += size;
    }
  }

  /** Whether it is here, and whole as far as its size tells; it counts as used now. */
  private async has(cached: string, size: number): Promise<boolean> {
    const now = new Date();
    return stat(cached).then(
      async (found) => {
        if (found.size !== size) return false;
        await utimes(cached, now, now).catch(() => {});
        return true;
      },
      () => false,
    );
  }

  /** A copy, not a link: a script that changes its input must not change what other jobs see. File systems that can, share the blocks. */
  private async copy(from: string, to: string, size: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (size <= copiedAtOnce) return copyFile(from, to, constants.COPYFILE_FICLONE);
    if (this.canShareBlocks) {
      try {
        return await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE);
      } catch {
        this.canShareBlocks = false;
      }
    }
    await pipeline(createReadStream(from), createWriteStream(to), ...(signal ? [{ signal }] : []));
  }
}

const isContent = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);
