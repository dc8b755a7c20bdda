import { text } from 'node:stream/consumers';
import { formatBytes } from '../../base/text.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { type AdapterFacts, adapterFile, finetuningFile, mostFinetuningBytes, readAdapterFacts } from '../../protocol/adapterFacts.ts';
import { blobAddress } from '../../protocol/asset.ts';
import type { Blobs } from '../../store/blobs.ts';
import type { StoredBlob, StoredResource, StoreReader } from '../../store/store.ts';
import { jobOutputUri } from '../routes/arm/jobOutputUri.ts';

/** A content of the plane's store. */
export interface Content {
  sha256: string;
  bytes: number;
}

/** A registered model version that is an adapter, or says that it is. */
export interface TunedVersion {
  name: string;
  version: string;
  aliases: string[];
  found: { facts: AdapterFacts; adapter: Content } | { facts?: AdapterFacts; problem: string };
}

/** Registered models that are looked through, and versions of each: the newest. */
const mostModels = 1000;
const mostVersions = 20;
/** Contents of `finetuning.json` that are kept in memory. */
const mostKept = 500;

/** Reads which versions of registered models are adapters. What a version consists of does not change, so each `finetuning.json` is read once. */
export class TunedVersions {
  private readonly blobs: Pick<Blobs, 'read'>;
  private readonly read = new Map<string, AdapterFacts | string>();

  constructor(blobs: Pick<Blobs, 'read'>) {
    this.blobs = blobs;
  }

  /** Of all models, or of one; of each model the newest version first. What is archived is left out. */
  async list(reader: StoreReader, only?: string): Promise<TunedVersion[]> {
    const models =
      only === undefined
        ? (await reader.resources('models', undefined, 0, mostModels)).filter(({ properties }) => properties.isArchived !== true)
        : [{ name: only }];
    const found: TunedVersion[] = [];
    for (const { name } of models)
      for (const version of await reader.resources('models', name, 0, mostVersions)) {
        const tuned = version.properties.isArchived === true ? undefined : await this.of(reader, version);
        if (tuned) found.push(tuned);
      }
    return found;
  }

  /** By `NAME` the newest, by `NAME:VERSION` that one, by `NAME@ALIAS` the one with that alias. */
  async named(reader: StoreReader, id: string): Promise<TunedVersion | undefined> {
    if (id.length > 600 || /[/\\]/.test(id)) return undefined;
    const [, name, version] = /^([^:]+):([^:]+)$/.exec(id) ?? [];
    if (name !== undefined && version !== undefined) {
      const stored = await reader.resource('models', name, version);
      return stored && this.of(reader, stored);
    }
    const [, owner, alias] = /^(.+)@([\w-]+)$/.exec(id) ?? [];
    if (owner !== undefined && (await reader.resource('models', owner, ''))) {
      const hasAlias = ({ properties: { aliases } }: StoredResource) => Array.isArray(aliases) && aliases.includes(alias);
      const stored = (await reader.resources('models', owner, 0, 10_000)).find(hasAlias);
      return stored && this.of(reader, stored);
    }
    return (await reader.resource('models', id, '')) && (await this.list(reader, id))[0];
  }

  /** undefined: it is no adapter. */
  private async of(reader: StoreReader, { name, version, properties }: StoredResource): Promise<TunedVersion | undefined> {
    const { modelType, modelUri, aliases } = properties;
    if ((modelType !== undefined && modelType !== 'custom_model') || typeof modelUri !== 'string') return undefined;
    const folder = await this.folderOf(reader, modelUri);
    const file = folder && (await reader.blob(folder.container, `${folder.path}/${finetuningFile}`));
    if (!folder || !file) return undefined;
    const adapter = await reader.blob(folder.container, `${folder.path}/${adapterFile}`);
    const facts = await this.factsOf(file);
    return { name, version, aliases: Array.isArray(aliases) ? aliases.map(String) : [], found: foundOf(facts, adapter) };
  }

  /** Where its files are in the plane's store. Files elsewhere are not looked at: jobs may register whatever address they like. */
  private async folderOf(reader: StoreReader, uri: string): Promise<{ container: string; path: string } | undefined> {
    try {
      return blobAddress(await jobOutputUri(reader, uri));
    } catch (error) {
      // The job that it was an output of is gone.
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  private async factsOf({ sha256, size }: StoredBlob): Promise<AdapterFacts | string> {
    if (size > mostFinetuningBytes)
      return `Its ${finetuningFile} has ${formatBytes(size)}: more than ${formatBytes(mostFinetuningBytes)} are not read.`;
    const known = this.read.get(sha256);
    if (known !== undefined) return known;
    let content: string;
    try {
      content = await text(await this.blobs.read(sha256));
    } catch (error) {
      // The disk may give it another time.
      return `Its ${finetuningFile} can't be read: ${messageOf(error)}`;
    }
    const facts = factsIn(content);
    if (this.read.size >= mostKept) this.read.clear();
    this.read.set(sha256, facts);
    return facts;
  }
}

function factsIn(content: string): AdapterFacts | string {
  try {
    return readAdapterFacts(content);
  } catch (error) {
    return messageOf(error);
  }
}

function foundOf(facts: AdapterFacts | string, adapter: StoredBlob | undefined): TunedVersion['found'] {
  if (typeof facts === 'string') return { problem: facts };
  return adapter
    ? { facts, adapter: { sha256: adapter.sha256, bytes: adapter.size } }
    : { facts, problem: `Its folder has no ${adapterFile}.` };
}
