import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { flushFolder } from '../../files/flushFolder.ts';
import { sha256Of, sha256OfFile } from '../../files/hash.ts';
import { downloadFile, type Source } from '../../transfer/downloadFile.ts';

/** Writes the files of an export: each gets its name when it is whole and on the disk, and what is there already with the same content stays. It knows the SHA-256 of each file. */
export class FolderWriter {
  readonly folder: string;
  /** In hex, by path with `/`. */
  readonly sums = new Map<string, string>();
  /** Files and bytes that were not there before. */
  readonly written = { files: 0, bytes: 0 };
  private readonly signal: AbortSignal | undefined;

  constructor(folder: string, signal?: AbortSignal) {
    this.folder = folder;
    this.signal = signal;
  }

  /** A file that is small enough to be in memory. */
  async text(name: string, content: string): Promise<void> {
    await this.parts(name, [Buffer.from(content)]);
  }

  /** A file that comes in parts; none where there are no parts. Says whether there is one. */
  async parts(name: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<boolean> {
    const target = this.at(name);
    const temporary = path.join(path.dirname(target), `.${randomUUID().slice(0, 8)}.part`);
    const hash = createHash('sha256');
    let size = 0;
    let isThere = false;
    await mkdir(path.dirname(target), { recursive: true });
    const file = await open(temporary, 'wx');
    try {
      for await (const part of parts) {
        this.signal?.throwIfAborted();
        isThere = true;
        await file.writeFile(part);
        hash.update(part);
        size += part.byteLength;
      }
      const sha256 = hash.digest('hex');
      if (isThere) this.sums.set(name, sha256);
      if (!isThere || (await this.has(target, size, sha256))) {
        await file.close();
        await rm(temporary, { force: true });
        return isThere;
      }
      await file.sync();
      await file.close();
      await rename(temporary, target);
      await flushFolder(path.dirname(target));
    } catch (error) {
      await file.close().catch(() => {});
      await rm(temporary, { force: true });
      throw error;
    }
    this.written.files++;
    this.written.bytes += size;
    return true;
  }

  /** A file of any size, which is downloaded where it is not there yet. */
  async download(name: string, source: Source): Promise<void> {
    const target = this.at(name);
    const { size, sha256 } = source;
    if (size !== undefined && sha256 !== undefined && (await this.has(target, size, sha256))) {
      this.sums.set(name, sha256);
      return;
    }
    // Whether what has no hash is the same is known when it is here.
    const arriving = sha256 === undefined ? path.join(path.dirname(target), `.${randomUUID().slice(0, 8)}.part`) : target;
    await downloadFile(source, arriving, this.signal);
    const arrived = { size: (await lstat(arriving)).size, sha256: sha256 ?? (await sha256OfFile(arriving, this.signal)) };
    this.sums.set(name, arrived.sha256);
    if (arriving !== target && (await this.has(target, arrived.size, arrived.sha256))) {
      await rm(arriving);
      return;
    }
    if (arriving !== target) await rename(arriving, target);
    this.written.files++;
    this.written.bytes += arrived.size;
  }

  /** The whole list as a file of sums. Paths have neither line ends nor backslashes, so nothing needs to be quoted. */
  sumsText(): string {
    return [...this.sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, sha256]) => `${sha256}  ${name}\n`)
      .join('');
  }

  /** Reads every file again. Throws `InputUnavailable` for one that is not what was written. */
  async verify(): Promise<void> {
    for (const [name, sha256] of this.sums)
      if ((await sha256OfFile(this.at(name), this.signal).catch(() => '')) !== sha256)
        throw new UserError(
          'InputUnavailable',
          `${this.at(name)} is not what was written there.`,
          'Something changes the folder, or its disk is broken. Export again: what is right is kept.',
        );
  }

  private at = (name: string): string => path.join(this.folder, ...name.split('/'));

  private async has(file: string, size: number, sha256: string): Promise<boolean> {
    const found = await lstat(file).catch(() => undefined);
    if (!found?.isFile() || found.size !== size) return false;
    return (size < 1_000_000 ? sha256Of(await readFile(file)) : await sha256OfFile(file, this.signal)) === sha256;
  }
}
