import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, truncate, utimes } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../base/userError.ts';
import { readModel } from '../../catalog/findModels.ts';
import { taskOf } from '../../catalog/taskOf.ts';
import type { BaseCandidate } from '../../finetuning/bases.ts';
import { blobAddress } from '../../protocol/asset.ts';
import type { Blobs } from '../../store/blobs.ts';
import { asDiskFull } from '../../store/diskFull.ts';
import type { StoredBlob, StoreReader } from '../../store/store.ts';
import { jobOutputUri } from '../routes/arm/jobOutputUri.ts';

/** Registered models that are looked through, and files of each. */
const mostModels = 200;
const mostFiles = 100;
/** Bytes at the beginning of a GGUF file in which its header is, with its tokenizer. */
const headBytes = 64 << 20;
/** Milliseconds for which a head that nobody reads is kept. */
const keptFor = 7 * 24 * 3_600_000;

/**
 * Registered models that are one GGUF file each, the newest version of each. The plane's store may be on another machine, but our readers of headers and tokenizers need a
 * local file. So the beginning of each model is copied to one, which is made as long as the model; what follows the beginning is empty.
 */
export class RegisteredBases {
  private readonly folder: string;
  private readonly blobs: Pick<Blobs, 'read'>;

  constructor(folder: string, blobs: Pick<Blobs, 'read'>) {
    this.folder = folder;
    this.blobs = blobs;
  }

  async list(reader: StoreReader): Promise<BaseCandidate[]> {
    const found: BaseCandidate[] = [];
    for (const { name, properties } of await reader.resources('models', undefined, 0, mostModels)) {
      if (properties.isArchived === true) continue;
      const [newest] = await reader.resources('models', name, 0, 1);
      const model = newest && (await this.candidate(reader, `azureml:${name}:${newest.version}`, String(newest.properties.modelUri)));
      if (model) found.push(model);
    }
    return found;
  }

  /** By `azureml:NAME:VERSION`. */
  async named(reader: StoreReader, id: string): Promise<BaseCandidate | undefined> {
    const [, name, version] = /^azureml:([^:]+):([^:]+)$/.exec(id) ?? [];
    const stored = name !== undefined && version !== undefined ? await reader.resource('models', name, version) : undefined;
    return stored && this.candidate(reader, id, String(stored.properties.modelUri));
  }

  /** Undefined where it is no GGUF file that can be read. */
  private async candidate(reader: StoreReader, name: string, uri: string): Promise<BaseCandidate | undefined> {
    const content = await this.contentOf(reader, uri);
    const file = content && (await this.head(content));
    if (!file) return undefined;
    const { facts } = await readModel(file);
    const task = facts && taskOf(facts);
    if (!facts) return undefined;
    return { ...facts, name, files: [file], ...(task ? { task } : {}) };
  }

  /** The file of a model: what is registered, or the only GGUF file in the folder that is. Files elsewhere are not looked at. */
  private async contentOf(reader: StoreReader, uri: string): Promise<StoredBlob | undefined> {
    const address = await jobOutputUri(reader, uri).then(blobAddress, (error) => {
      // The job that it was an output of is gone.
      if (error instanceof UserError) return undefined;
      throw error;
    });
    if (!address) return undefined;
    const { container, path: at } = address;
    const files = /\.gguf$/i.test(at)
      ? [await reader.blob(container, at)]
      : (await reader.blobsFrom(container, `${at}/`, '', mostFiles)).filter((each) => /\.gguf$/i.test(each.path));
    return files.length === 1 ? files[0] : undefined;
  }

  /** Undefined where the store has lost the content. */
  private async head({ sha256, size }: StoredBlob): Promise<string | undefined> {
    const file = path.join(this.folder, `${sha256}.gguf`);
    const now = new Date();
    if ((await stat(file).catch(() => undefined))?.size === size) {
      await utimes(file, now, now).catch(() => {});
      return file;
    }
    await mkdir(this.folder, { recursive: true });
    await this.removeUnused();
    const part = path.join(this.folder, `${sha256}.${randomUUID()}.part`);
    try {
      await pipeline(await this.blobs.read(sha256, { start: 0, end: headBytes - 1 }), createWriteStream(part));
      await truncate(part, size);
      await rename(part, file);
    } catch (error) {
      await rm(part, { force: true }).catch(() => {});
      if (error instanceof UserError && error.code === 'NotFound') return undefined;
      throw asDiskFull(error, 'the header of a registered model was not read');
    }
    return file;
  }

  private async removeUnused(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const file = path.join(this.folder, name);
      const found = await stat(file).catch(() => undefined);
      if (found && Date.now() - found.mtimeMs > keptFor) await rm(file, { force: true });
    }
  }
}
