import { homedir } from 'node:os';
import type { Logger } from '../../base/logger.ts';
import { formatBytes } from '../../base/text.ts';
import { systemTimers } from '../../base/timers.ts';
import { UserError } from '../../base/userError.ts';
import { isAccepted, licenseKey } from '../../catalog/acceptedLicenses.ts';
import { findModels } from '../../catalog/findModels.ts';
import { fitOf, type Machine, roughFit, roughFitOf } from '../../catalog/fit.ts';
import { type KnownModel, knownModels } from '../../catalog/knownModels.ts';
import type { LocalModel } from '../../catalog/localModel.ts';
import { ownStore, placesOf } from '../../catalog/places.ts';
import { removeModel } from '../../catalog/removeModel.ts';
import { type Sized, speedEstimate } from '../../catalog/speedEstimate.ts';
import { taskOf } from '../../catalog/taskOf.ts';
import { freeBytes } from '../../files/freeBytes.ts';
import type { Models } from '../../inference/models.ts';
import { cacheFolderOf } from '../../plane/cacheFolder.ts';
import type * as protocol from '../../protocol/localModels.ts';
import type { Principal } from '../../protocol/principal.ts';
import type { Store } from '../../store/store.ts';
import type { Config } from '../config.ts';
import { ModelDownloads } from './modelDownloads.ts';
import { type MeasuredSpeed, ModelSpeeds } from './modelSpeeds.ts';

/** Milliseconds for which what was found on the disk is taken for true: to look through large folders takes seconds, and a download is asked after twice a second. */
const freshMs = 30_000;

/** What loads models, and the memory that there is for them. */
interface Engine {
  own: Pick<Models, 'withFile' | 'release' | 'engine'>;
  machine(): Promise<Machine>;
}

/** The ML models in files of this machine, for those who look at them: what there is and what can be got, downloads, and how fast they are. All workspaces share them. */
export class LocalModels {
  readonly downloads: ModelDownloads;
  readonly speeds: ModelSpeeds;
  private readonly folder: string;
  private readonly find: () => Promise<LocalModel[]>;
  private readonly store: Store;
  private readonly engine: () => Promise<Engine>;
  private known: { at: number; models: Promise<LocalModel[]> } | undefined;

  constructor(
    { environment, modelFolders }: Pick<Config, 'environment' | 'modelFolders'>,
    store: Store,
    engine: () => Promise<Engine>,
    logger: Logger,
  ) {
    const cache = cacheFolderOf(environment);
    const rows = (principal: Principal) => store.in('', principal);
    this.store = store;
    this.engine = engine;
    this.folder = ownStore(cache).folder;
    this.find = () => findModels(placesOf(environment, homedir(), cache, modelFolders));
    const around = { web: { fetch }, env: environment, home: homedir() };
    this.downloads = new ModelDownloads({
      folder: this.folder,
      around,
      rows,
      onChanged: () => this.lookAgain(),
      timers: systemTimers,
      logger,
    });
    this.speeds = new ModelSpeeds({ models: async () => (await engine()).own, rows, logger });
  }

  get busy(): number {
    return this.downloads.busy + this.speeds.busy;
  }

  /** What is on the disk is found anew when it is asked for next. */
  lookAgain(): void {
    this.known = undefined;
  }

  async list(): Promise<protocol.LocalModels> {
    const [machine, models, downloads] = await Promise.all([this.machine(), this.models(), this.downloads.list()]);
    const measured = await this.speeds.of(models);
    const sized = models.flatMap((model, at) => {
      const size = sizeOf(model);
      const speed = measured[at]?.speed;
      return size && speed ? [{ ...size, speed }] : [];
    });
    const here = new Set(models.map(({ name }) => name));
    return {
      machine,
      models: models.map((model, at) => this.rowOf(model, machine, measured[at], sized)),
      toGet: knownModels.filter(({ name }) => !here.has(name)).map((known) => toGetOf(known, machine, sized)),
      downloads,
    };
  }

  /** A model at its source, with its licence, before anything of it is downloaded; or those of a repository that has several. */
  async look(asked: string, hubToken: string | undefined, signal: AbortSignal): Promise<protocol.FindModelAnswer> {
    const machine = await this.machine();
    const choices = await this.downloads.choices(asked, hubToken, signal);
    if (choices.length > 0)
      return {
        choices: choices.map(({ model, name, bytes }) => ({
          model,
          name,
          ...(bytes === undefined ? {} : { bytes, fit: defined(roughFitOf(bytes, machine)) }),
        })),
      };
    const { name, source, license, files } = await this.downloads.find(asked, hubToken, signal);
    const sum = (sizes: (number | undefined)[]) =>
      sizes.reduce((total: number | undefined, size) => (total === undefined || size === undefined ? undefined : total + size), 0);
    const weights = files.filter((file) => /\.gguf$/i.test(file.name));
    const memory = weights.length > 0 ? sum(weights.map(({ bytes }) => bytes)) : undefined;
    const bytes = sum(files.map(({ downloadBytes }) => downloadBytes));
    return {
      name,
      source,
      ...defined({
        bytes,
        diskProblem: await this.diskProblem(bytes),
        fit: memory === undefined ? undefined : roughFit(memory, machine),
        license: license && {
          ...defined({ name: license.name, text: license.text, url: license.url }),
          key: licenseKey(license),
          isAccepted: await isAccepted(this.folder, license),
        },
      }),
    };
  }

  private async diskProblem(bytes = 0): Promise<string | undefined> {
    const free = await freeBytes(this.folder);
    return free === undefined || bytes < free ? undefined : `The disk has no room for it: ${formatBytes(free)} are free.`;
  }

  /** Measures how fast a model is, which proves that it can be loaded. */
  async measure(name: string, principal: Principal): Promise<void> {
    const model = await this.named(name);
    const fit = fitOf(model, await this.machine());
    if (fit.runs === false) throw new UserError('InvalidRequest', `${name} does not run here. ${fit.why}`);
    await this.speeds.start(model, principal);
  }

  /** Removes a model from Updraft's own store; answers the bytes that this frees. */
  async remove(name: string, principal: Principal, signal: AbortSignal): Promise<number> {
    const model = await this.named(name);
    if (model.place.kind !== 'updraft')
      throw new UserError('InvalidRequest', `${name} is not in Updraft's own store.`, `Remove it where it is: ${model.place.label}.`);
    if (this.speeds.isMeasuring(name)) throw new UserError('Conflict', `The speed of ${name} is being measured.`, 'Remove it afterwards.');
    for (const file of model.files) await (await this.engine()).own.release(file);
    const bytes = await removeModel(this.folder, name, signal);
    this.lookAgain();
    await this.speeds.forget(model, principal);
    await this.store.in('', principal).write((writer) => writer.announce('localModel', name, 'delete'));
    return bytes;
  }

  async dispose(): Promise<void> {
    this.speeds.dispose();
    await this.downloads.dispose();
  }

  private async named(name: string): Promise<LocalModel> {
    this.lookAgain();
    const model = (await this.models()).find((each) => each.name === name);
    if (!model) throw new UserError('NotFound', `There is no model "${name}" on this machine.`);
    return model;
  }

  private async machine(): Promise<Machine> {
    return (await this.engine()).machine();
  }

  private models(): Promise<LocalModel[]> {
    const now = performance.now();
    if (!this.known || now - this.known.at > freshMs) this.known = { at: now, models: this.find() };
    return this.known.models;
  }

  private rowOf(
    model: LocalModel,
    machine: Machine,
    measured: MeasuredSpeed | undefined,
    others: readonly (Sized & { speed: protocol.ModelSpeed })[],
  ): protocol.LocalModel {
    const { name, place, files, bytes, facts, sha256, source, license } = model;
    const size = sizeOf(model);
    const estimate = measured?.speed || !size ? undefined : estimateOf(size, others);
    return {
      name,
      place: place.label,
      files,
      bytes,
      ...defined({
        sha256,
        source,
        format: facts?.format,
        architecture: facts?.architecture,
        title: facts?.title,
        task: facts && taskOf(facts),
        parameters: facts?.parameters,
        quantization: facts?.quantization,
        contextLength: facts?.contextLength,
        languages: facts?.languages,
        license: license?.name ?? facts?.license,
        licenseUrl: license?.url,
        measured,
        estimate,
      }),
      fit: defined(fitOf(model, machine)),
      isOwn: place.kind === 'updraft',
      isMeasuring: this.speeds.isMeasuring(name),
    };
  }
}

/** Of a model that can be run; undefined for others. */
function sizeOf({ facts }: LocalModel): Sized | undefined {
  return facts?.format === 'gguf' && !facts.isAdapter ? { parameters: facts.parameters, weightBytes: facts.weightBytes } : undefined;
}

function toGetOf(
  { name, what, license, parameters, quantization, bytes }: KnownModel,
  machine: Machine,
  others: readonly (Sized & { speed: protocol.ModelSpeed })[],
): protocol.ModelToGet {
  const [count = '0', unit] = parameters.split(' ');
  const estimate = estimateOf({ parameters: Number(count) * (unit === 'B' ? 1e9 : 1e6), weightBytes: bytes }, others);
  const fit = defined(roughFitOf(bytes, machine));
  return { name, what, license, parameters, quantization, bytes, fit, ...(estimate ? { estimate } : {}) };
}

function estimateOf(size: Sized, others: readonly (Sized & { speed: protocol.ModelSpeed })[]): protocol.ModelSpeed | undefined {
  const estimate = speedEstimate(size, others);
  return estimate && { read: estimate.read, ...(estimate.write === undefined ? {} : { write: estimate.write }) };
}

/** Without what is undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
