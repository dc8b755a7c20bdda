import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SharedWork } from '../../base/sharedWork.ts';
import { UserError } from '../../base/userError.ts';
import { adapterFile } from '../../protocol/adapterFacts.ts';
import type { Blobs } from '../../store/blobs.ts';
import { asDiskFull } from '../../store/diskFull.ts';

/** A content of the plane's store. */
export interface Content {
  sha256: string;
  bytes: number;
}

/** Milliseconds without use after which the file of an adapter goes: it can be made again. */
const keptFor = 30 * 86_400_000;

/** Adapters as files, which engines load; contents of the plane's store may be anywhere. Each is called by its SHA-256. */
export class AdapterFiles {
  private readonly folder: string;
  private readonly blobs: Pick<Blobs, 'read'>;
  private readonly ending: AbortSignal;
  private readonly works = new SharedWork<void>();

  constructor(folder: string, blobs: Pick<Blobs, 'read'>, ending: AbortSignal) {
    this.folder = folder;
    this.blobs = blobs;
    this.ending = ending;
  }

  /** The path of an adapter's file, which is made if need be. */
  async file(content: Content): Promise<string> {
    const file = path.join(this.folder, `${content.sha256}.gguf`);
    if (!(await this.isThere(file, content)))
      await this.works.run(content.sha256, this.ending, (signal) => this.bring(content, file, signal));
    return file;
  }

  private async bring({ sha256, bytes }: Content, file: string, signal: AbortSignal): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await this.removeUnused();
    const part = path.join(this.folder, `${sha256}.${randomUUID()}.part`);
    try {
      await pipeline(await this.blobs.read(sha256), createWriteStream(part), { signal });
      if ((await stat(part)).size !== bytes) throw new UserError('InputUnavailable', `A part of ${adapterFile} is missing in the store.`);
      await rename(part, file);
    } catch (error) {
      await rm(part, { force: true }).catch(() => {});
      throw asDiskFull(error, `${adapterFile} was not copied out of the store`);
    }
  }

  /** It counts as used now. */
  private async isThere(file: string, { bytes }: Content): Promise<boolean> {
    const now = new Date();
    const found = await stat(file).catch(() => undefined);
    if (found?.size !== bytes) return false;
    await utimes(file, now, now).catch(() => {});
    return true;
  }

  private async removeUnused(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const file = path.join(this.folder, name);
      const found = await stat(file).catch(() => undefined);
      if (found && Date.now() - found.mtimeMs > keptFor) await rm(file, { force: true });
    }
  }
}
