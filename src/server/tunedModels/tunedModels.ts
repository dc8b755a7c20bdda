import { aside } from '../../base/aside.ts';
import type { Logger } from '../../base/logger.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { adapterFault } from '../../catalog/adapterFault.ts';
import { fitOf, type Machine } from '../../catalog/fit.ts';
import type { LocalModel } from '../../catalog/localModel.ts';
import { type AdapterFacts, adapterFile } from '../../protocol/adapterFacts.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { TunedModel } from '../../protocol/tunedModels.ts';
import type { Blobs } from '../../store/blobs.ts';
import type { Store, StoreReader } from '../../store/store.ts';
import { BaseModels, type BaseStatus, knownBase } from './baseModels.ts';
import { FileHashes } from './fileHashes.ts';
import { type Content, type TunedVersion, TunedVersions } from './tunedVersions.ts';

export interface TunedModelsOptions {
  store: Store;
  blobs: Blobs;
  /** The models in files of this machine, and whether one is called so. */
  own: { found(anew?: boolean): Promise<LocalModel[]>; isKnown(name: string): Promise<boolean> };
  machine(): Promise<Machine>;
  logger: Logger;
  ending: AbortSignal;
}

/** Registered model versions that are adapters, each with the model that it changes: language models like those in files. */
export class TunedModels {
  private readonly options: TunedModelsOptions;
  private readonly versions: TunedVersions;
  private readonly bases: BaseModels;
  /** Why an adapter can't be used with a model, by the contents of both; undefined where it can. */
  private readonly faults = new Map<string, string | undefined>();
  /** Why an adapter could not be read, which may be otherwise when somebody asks it something. */
  private readonly failures = new Map<string, string>();
  private readonly reading = new Set<string>();

  constructor(options: TunedModelsOptions) {
    const { store, blobs, own, logger, ending } = options;
    this.options = options;
    this.versions = new TunedVersions(blobs);
    const hashes = new FileHashes(store, ending);
    this.bases = new BaseModels(
      (anew) => own.found(anew),
      hashes,
      blobs,
      (name) => this.tell(name),
      logger,
    );
  }

  /** Those of a workspace, or the versions of one model. Nothing large is read for it: what has to be is read aside. */
  async list(reader: StoreReader, only?: string): Promise<TunedModel[]> {
    const versions = await this.versions.list(reader, only);
    if (versions.length === 0) return [];
    const machine = await this.options.machine();
    const statuses = new Map<string, Promise<BaseStatus>>();
    const look = (base: AdapterFacts['base']): Promise<BaseStatus> => {
      const status = statuses.get(base.sha256) ?? this.bases.look(base);
      statuses.set(base.sha256, status);
      return status;
    };
    const seen = new Set<string>();
    const models: TunedModel[] = [];
    for (const each of versions) {
      const isNewest = !seen.has(each.name);
      seen.add(each.name);
      // A file of this machine is called so already, and keeps its name.
      const isOurs = isNewest && !(await this.options.own.isKnown(each.name));
      const { name, version, aliases } = each;
      const pinned = `${name}:${version}`;
      const ids = [...(isOurs ? [name] : []), pinned, ...aliases.map((alias) => `${name}@${alias}`)];
      models.push({ name, version, ids, ...(await this.statusOf(each, machine, look)) });
    }
    return models;
  }

  /** The version that is asked for by this name; undefined where it is none of ours. */
  async find(reader: StoreReader, id: string): Promise<TunedVersion | undefined> {
    const found = await this.versions.named(reader, id);
    return found && found.name === id && (await this.options.own.isKnown(id)) ? undefined : found;
  }

  /** The files of base model and adapter. Throws a `UserError` where they can't be used. */
  async files({ name, version, found }: TunedVersion): Promise<{ base: string; adapter: string }> {
    const what = `${name}:${version}`;
    if ('problem' in found) throw new UserError('InvalidModelFile', `${what} can't be used. ${found.problem}`);
    const base = await this.bases.get(found.facts.base);
    const fault = await this.faultOf(found, base);
    if (fault) throw new UserError('InvalidModelFile', `${what} can't be used. ${fault}`);
    return { base: base.files[0]!, adapter: await this.options.blobs.file(found.adapter.sha256) };
  }

  /** The file of the model that an adapter was trained from. Throws where it is not on this machine. */
  async baseFile(base: AdapterFacts['base']): Promise<string> {
    return (await this.bases.get(base)).files[0]!;
  }

  private async statusOf(
    { found }: TunedVersion,
    machine: Machine,
    look: (base: AdapterFacts['base']) => Promise<BaseStatus>,
  ): Promise<Omit<TunedModel, 'name' | 'version' | 'ids'>> {
    const { facts } = found;
    if (!facts) return { isChecking: false, problem: { message: 'problem' in found ? found.problem : '' } };
    const status = await look(facts.base);
    const told = { facts, base: baseOf(facts.base, status) };
    if ('problem' in found) return { ...told, isChecking: false, problem: { message: found.problem } };
    if (status.is === 'missing') return { ...told, isChecking: false, problem: status.problem };
    if (status.is === 'unread') return { ...told, isChecking: true };
    const key = pairOf(found);
    const failure = this.failures.get(key);
    if (failure) return { ...told, isChecking: false, problem: { message: failure } };
    if (!this.faults.has(key)) {
      this.readAside(found, status.model);
      return { ...told, isChecking: true };
    }
    const fit = fitOf(status.model, machine);
    const message = this.faults.get(key) ?? (fit.runs === false ? fit.why : undefined);
    return { ...told, isChecking: false, ...(message ? { problem: { message } } : {}) };
  }

  /** Why an adapter can't be used with its base model, which has been found. */
  private async faultOf(found: Usable, base: LocalModel): Promise<string | undefined> {
    const key = pairOf(found);
    if (!this.faults.has(key)) {
      const names = { adapter: adapterFile, base: base.name };
      this.faults.set(key, await adapterFault(await this.options.blobs.file(found.adapter.sha256), base.files[0]!, names));
      this.failures.delete(key);
    }
    return this.faults.get(key);
  }

  /** Reads an adapter for the first time, and tells when that is done. */
  private readAside(found: Usable, base: LocalModel): void {
    const key = pairOf(found);
    if (this.reading.has(key)) return;
    this.reading.add(key);
    const reading = this.faultOf(found, base)
      .catch((error) => {
        this.failures.set(key, `Its ${adapterFile} can't be read: ${messageOf(error)}`);
        this.options.logger.warn(`an adapter of ${base.name}: ${messageOf(error)}`);
      })
      .then(() => this.tell(base.name));
    aside(`an adapter of ${base.name}`, reading, this.options.logger);
  }

  private tell(name: string): Promise<void> {
    return this.options.store.in('', thePlane).write((writer) => writer.announce('localModel', name, 'put'));
  }
}

/** A version that has what it takes. */
type Usable = Extract<TunedVersion['found'], { adapter: Content }>;

const pairOf = ({ adapter, facts }: Usable): string => `${adapter.sha256} ${facts.base.sha256}`;

function baseOf(base: AdapterFacts['base'], status: BaseStatus): NonNullable<TunedModel['base']> {
  const known = knownBase(base);
  const model = status.is === 'here' ? status.model : undefined;
  const license = model?.license?.name ?? known?.license ?? model?.facts?.license;
  const licenseUrl = model?.license?.url ?? (known && 'license' in known.from ? known.from.license.url : undefined);
  const { title, parameters, quantization = known?.quantization, contextLength, hasChatTemplate } = model?.facts ?? {};
  return {
    name: known?.name ?? model?.name ?? base.file,
    isHere: model !== undefined,
    ...(license ? { license } : {}),
    ...(licenseUrl ? { licenseUrl } : {}),
    ...(title ? { title } : {}),
    ...(parameters === undefined ? {} : { parameters }),
    ...(quantization ? { quantization } : {}),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(hasChatTemplate === undefined ? {} : { hasChatTemplate }),
  };
}
