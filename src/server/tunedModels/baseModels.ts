import { stat } from 'node:fs/promises';
import path from 'node:path';
import { aside } from '../../base/aside.ts';
import type { Logger } from '../../base/logger.ts';
import { formatBytes } from '../../base/text.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { readModel } from '../../catalog/findModels.ts';
import { type KnownModel, knownModels } from '../../catalog/knownModels.ts';
import type { LocalModel } from '../../catalog/localModel.ts';
import type { AdapterFacts } from '../../protocol/adapterFacts.ts';
import type { Blobs } from '../../store/blobs.ts';
import type { FileHashes } from './fileHashes.ts';

type Base = AdapterFacts['base'];

/** Where a base model is, as far as that is known without reading whole files. */
export type BaseStatus = { is: 'here'; model: LocalModel } | { is: 'unread' } | { is: 'missing'; problem: BaseProblem };

/** Why a base model is not there, and what to do. */
export interface BaseProblem {
  message: string;
  hint: string;
  /** As `updraft model get` takes it. */
  toGet?: string;
}

/** The models that adapters were trained from, among the files of this machine and the contents of the plane's store: each by its SHA-256 alone, whatever it is called. */
export class BaseModels {
  private readonly find: (anew: boolean) => Promise<LocalModel[]>;
  private readonly hashes: FileHashes;
  private readonly blobs: Pick<Blobs, 'size' | 'file'>;
  private readonly logger: Logger;
  /** Where each was found last, by SHA-256. */
  private readonly found = new Map<string, LocalModel>();
  /** Those that are contents of the plane's store, by SHA-256. */
  private readonly contents = new Map<string, LocalModel>();
  /** Why files could not be read: no list tries it again, and again. */
  private readonly unreadable = new Map<string, string>();
  private readonly onUnreadable: (name: string) => Promise<void>;

  /** `find`: the models of this machine; `anew`: as they are this very moment. `onUnreadable`: tells those who wait that the file of a model can't be read. */
  constructor(
    find: (anew: boolean) => Promise<LocalModel[]>,
    hashes: FileHashes,
    blobs: Pick<Blobs, 'size' | 'file'>,
    onUnreadable: (name: string) => Promise<void>,
    logger: Logger,
  ) {
    this.find = find;
    this.hashes = hashes;
    this.blobs = blobs;
    this.onUnreadable = onUnreadable;
    this.logger = logger;
  }

  /** How it stands with a base model. What has to be read for that is read aside, and a change of kind `localModel` tells that it was. */
  async look(base: Base): Promise<BaseStatus> {
    const candidates = await this.candidates(base, false);
    let isUnread = false;
    for (const model of candidates) {
      const file = model.files[0]!;
      const sha256 = await this.hashes.peek(file);
      if (sha256 === base.sha256) return { is: 'here', model };
      if (sha256 !== undefined || this.unreadable.has(file)) continue;
      isUnread = true;
      const reading = this.read(model).then((read) => (read === undefined ? this.onUnreadable(model.name) : undefined));
      aside(`hash of ${file}`, reading, this.logger);
    }
    const stored = await this.stored(base);
    if (stored) return { is: 'here', model: stored };
    return isUnread ? { is: 'unread' } : { is: 'missing', problem: await this.problemOf(base, candidates) };
  }

  /** The base model in its file, which is read to the end if it never was. Throws where it is not on this machine. */
  async get(base: Base): Promise<LocalModel> {
    const last = this.found.get(base.sha256);
    if (last && (await this.hashes.peek(last.files[0]!)) === base.sha256) return last;
    const candidates = await this.candidates(base, false);
    const hashes = await Promise.all(candidates.map(({ files }) => this.hashes.peek(files[0]!)));
    const known = candidates[hashes.indexOf(base.sha256)];
    const model =
      known ??
      (await this.stored(base)) ??
      (await this.among(candidates, base)) ??
      (await this.among(await this.candidates(base, true), base));
    if (model) {
      if (model !== this.contents.get(base.sha256)) this.found.set(base.sha256, model);
      return model;
    }
    const { message, hint } = await this.problemOf(base, await this.candidates(base, false));
    throw new UserError('InputUnavailable', message, hint);
  }

  /** The base model as a content of the plane's store, as a job that trained from a file has left it. Those of the machine come first: others may have them in memory already. */
  private async stored(base: Base): Promise<LocalModel | undefined> {
    if ((await this.blobs.size(base.sha256)) !== base.bytes) return undefined;
    const last = this.contents.get(base.sha256);
    if (last) return last;
    const model = await readModel(await this.blobs.file(base.sha256));
    if (model.facts?.format !== 'gguf' || model.facts.isAdapter) return undefined;
    const named = { ...model, name: base.file };
    this.contents.set(base.sha256, named);
    return named;
  }

  private async among(candidates: readonly LocalModel[], base: Base): Promise<LocalModel | undefined> {
    for (const model of candidates) {
      if ((await this.read(model)) === base.sha256) return model;
    }
    return undefined;
  }

  /** The hash of a model's file; undefined where it can't be read, which is kept in mind. */
  private async read({ files, name }: LocalModel): Promise<string | undefined> {
    const file = files[0]!;
    try {
      const sha256 = await this.hashes.of(file, name);
      this.unreadable.delete(file);
      return sha256;
    } catch (error) {
      this.logger.warn(`${file} can't be read: ${messageOf(error)}`);
      this.unreadable.set(file, messageOf(error));
      return undefined;
    }
  }

  /** Whole GGUF models with as many bytes, of which there are one or two. */
  private async candidates({ bytes }: Base, anew: boolean): Promise<LocalModel[]> {
    const models = (await this.find(anew)).filter(({ facts, files }) => facts?.format === 'gguf' && !facts.isAdapter && files.length === 1);
    const sizes = await Promise.all(models.map(({ files }) => stat(files[0]!).catch(() => undefined)));
    return models.filter((_model, at) => sizes[at]?.size === bytes);
  }

  private async problemOf(base: Base, sameSize: readonly LocalModel[]): Promise<BaseProblem> {
    const unreadable = sameSize.find(({ files }) => this.unreadable.has(files[0]!));
    if (unreadable) {
      const message = `${unreadable.name} may be its base model, and can't be read: ${this.unreadable.get(unreadable.files[0]!)}`;
      return { message, hint: `Look at the file ${unreadable.files[0]}, then ask the model something.` };
    }
    const known = knownBase(base);
    const called = ({ name, files }: LocalModel) => name === known?.name || path.basename(files[0] ?? '') === base.file;
    const changed = sameSize.find(called) ?? (await this.find(false)).find(called);
    const message = changed
      ? `${changed.name} on this machine is not the file that the adapter was trained from: its SHA-256 is another one.`
      : `Its base model ${known ? known.name : base.file} is not on this machine.`;
    if (!known) {
      const file = `${base.file}, ${formatBytes(base.bytes)}, SHA-256 ${base.sha256}`;
      return { message, hint: `Bring that very file into a folder of UPDRAFT_MODEL_FOLDERS: ${file}.` };
    }
    const get = `"updraft model get ${known.name}" (${formatBytes(known.bytes)})`;
    return changed?.name === known.name
      ? { message, hint: `Get it anew: "updraft model remove ${known.name}", then ${get}.` }
      : { message, hint: `Get it: ${get}.`, toGet: known.name };
  }
}

/** The model of the list that every plane knows which has this file. */
export const knownBase = ({ sha256 }: Base): KnownModel | undefined =>
  knownModels.find(({ from }) => 'pypi' in from && from.pypi.some(({ pinned }) => pinned?.file === sha256));
