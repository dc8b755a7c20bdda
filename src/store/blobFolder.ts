import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { asDiskFull } from './diskFull.ts';

/** Content-addressed files below `folder`: `ab/abcdef…` by SHA-256. Written under a temporary name, flushed, then renamed: a name stands for whole content, always. */
export class BlobFolder {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  private fileOf(sha256: string): string {
    return path.join(this.folder, sha256.slice(0, 2), sha256);
  }

  /** Stores a stream; answers its address and size in bytes. */
  async write(chunks: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }> {
    const temporary = path.join(this.folder, 'tmp', randomUUID());
    await mkdir(path.dirname(temporary), { recursive: true });
    const hash = createHash('sha256');
    let size = 0;
    const file = await open(temporary, 'wx');
    try {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.byteLength;
        await file.write(chunk);
      }
      await file.sync();
      await file.close();
      const sha256 = hash.digest('hex');
      const target = this.fileOf(sha256);
      await mkdir(path.dirname(target), { recursive: true });
      await rename(temporary, target);
      return { sha256, size };
    } catch (error) {
      await file.close().catch(() => {});
      await rm(temporary, { force: true });
      throw asDiskFull(error, 'the file was not kept');
    }
  }

  /** Size in bytes, or undefined when there is no such content. */
  async size(sha256: string): Promise<number | undefined> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    return stat(this.fileOf(sha256)).then(
      (found) => found.size,
      () => undefined,
    );
  }

  /** Streams the content; `end` is inclusive. */
  read(sha256: string, range?: { start: number; end: number }): ReturnType<typeof createReadStream> {
    return createReadStream(this.fileOf(sha256), range ?? {});
  }

  /** Removes what `isUsed` does not claim, and what an interrupted write left. Files younger than an hour stay: their name may be on its way. */
  async sweep(isUsed: (sha256: string) => Promise<boolean>, olderThan = Date.now() - 3_600_000): Promise<number> {
    let removed = 0;
    for (const folder of await readdir(this.folder).catch(() => [] as string[])) {
      for (const name of await readdir(path.join(this.folder, folder))) {
        if (folder !== 'tmp' && (await isUsed(name))) continue;
        const file = path.join(this.folder, folder, name);
        const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
        if (mtimeMs > olderThan) continue;
        await rm(file, { force: true });
        removed++;
      }
    }
    return removed;
  }
}
