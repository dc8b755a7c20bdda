import type { Logger } from '../../base/logger.ts';
import type { Timers } from '../../base/timers.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { accept, isAccepted, licenseKey } from '../../catalog/acceptedLicenses.ts';
import { getModel } from '../../catalog/getModel.ts';
import { isModelFile } from '../../catalog/headers/readHeader.ts';
import { removeModel } from '../../catalog/removeModel.ts';
import { Hub } from '../../catalog/sources/hub.ts';
import { type HubChoice, hubChoices } from '../../catalog/sources/hubChoices.ts';
import type { Around, FoundModel } from '../../catalog/sources/modelSource.ts';
import { sourceOf } from '../../catalog/sources/sourceOf.ts';
import type { GetModelRequest, ModelDownload } from '../../protocol/localModels.ts';
import { type Principal, thePlane } from '../../protocol/principal.ts';
import type { WorkspaceStore } from '../../store/store.ts';
import { PacedWrites } from './pacedWrites.ts';

export interface ModelDownloadsOptions {
  /** Folder of Updraft's own store of models. */
  folder: string;
  around: Around;
  /** What is in no workspace, as somebody reads and writes it. */
  rows: (principal: Principal) => WorkspaceStore;
  /** The models of the machine are others now. */
  onChanged: () => void;
  timers: Timers;
  logger: Logger;
}

interface Running {
  stop: AbortController;
  /** As it is now; once it has ended, how it ended. */
  download: ModelDownload;
  ended: Promise<void>;
}

/** Milliseconds between two notes of how far a download is. */
const noteEvery = 500;

/**
 * Downloads of models into the store that all workspaces share. Each is a row from its beginning until the model is whole, so that one which ended early is seen, also when the plane itself was
 * killed: its row then says that it runs, and nothing does. The token of a hub is in memory alone, for as long as its download runs.
 */
export class ModelDownloads {
  private readonly options: ModelDownloadsOptions;
  private readonly running = new Map<string, Running>();
  private isOver = false;

  constructor(options: ModelDownloadsOptions) {
    this.options = options;
  }

  get busy(): number {
    return this.running.size;
  }

  async list(): Promise<ModelDownload[]> {
    const rows = await this.options.rows(thePlane).entities.list('modelDownload');
    return rows.map(({ id, body }) => this.running.get(id)?.download ?? stopped(body as ModelDownload));
  }

  /** Looks a model up at its source. Nothing of it is downloaded. */
  async find(asked: string, hubToken: string | undefined, signal?: AbortSignal): Promise<FoundModel> {
    if (!/^(?:hf|pypi|npm|https?):/i.test(asked) && (/[\\/]/.test(asked) || isModelFile(asked)))
      throw new UserError(
        'InvalidArgument',
        `"${asked}" is no address of a model.`,
        'Write hf:ORG/REPO/FILE.gguf or an https address. Models in folders of this machine need not be got: name the folder in UPDRAFT_MODEL_FOLDERS.',
      );
    return this.asked(async () => {
      // No paths are taken, so that there is no folder to look from.
      const source = await sourceOf(asked, this.around(hubToken), { folder: this.options.folder });
      return source.find(signal);
    });
  }

  /** The models among which someone who asks for a whole repository has to choose; none where it is clear which one is meant. */
  async choices(asked: string, hubToken: string | undefined, signal?: AbortSignal): Promise<HubChoice[]> {
    if (!asked.startsWith('hf:')) return [];
    return this.asked(async () => hubChoices(asked, await Hub.of(this.around(hubToken)), signal));
  }

  async search(words: string, hubToken: string | undefined, signal?: AbortSignal) {
    return this.asked(async () => (await Hub.of(this.around(hubToken))).search(words, 20, signal));
  }

  /** Begins a download, or answers the one that is under way. Nothing is downloaded before the model's licence was accepted. */
  async start(
    { model: asked, acceptedLicense }: GetModelRequest,
    hubToken: string | undefined,
    principal: Principal,
  ): Promise<ModelDownload> {
    const found = await this.find(asked, hubToken);
    await this.acceptLicense(found, acceptedLicense);
    const before = this.running.get(found.name);
    if (before?.download.status === 'Running') return before.download;
    await before?.ended;
    return this.begin(found, asked, principal);
  }

  /** What has come is kept for the next try. */
  async cancel(name: string): Promise<void> {
    const running = this.running.get(name);
    running?.stop.abort();
    await running?.ended;
  }

  /** Removes what came of a download that ended early; answers the bytes that this frees. */
  async forget(name: string, principal: Principal, signal: AbortSignal): Promise<number> {
    await this.cancel(name);
    const rows = this.options.rows(principal);
    if (!(await rows.entities.get('modelDownload', name))) throw new UserError('NotFound', `There is no download of "${name}".`);
    const bytes = await removeModel(this.options.folder, name, signal).catch((error) => {
      if (error instanceof UserError && error.code === 'NotFound') return 0;
      throw error;
    });
    await rows.write((writer) => writer.entities.delete('modelDownload', name));
    return bytes;
  }

  /** Stops all. Their rows stay as they are. */
  async dispose(): Promise<void> {
    this.isOver = true;
    for (const { stop } of this.running.values()) stop.abort();
    await Promise.all([...this.running.values()].map(({ ended }) => ended));
  }

  private around(hubToken: string | undefined): Around {
    const { around } = this.options;
    return hubToken ? { ...around, env: { ...around.env, HF_TOKEN: hubToken } } : around;
  }

  /** What a source refuses is no matter of the plane's own token. */
  private async asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof UserError && error.code === 'Unauthorized' ? new UserError('Forbidden', error.message, error.hint) : error;
    }
  }

  private async acceptLicense({ name, license }: FoundModel, acceptedKey: string | undefined): Promise<void> {
    const { folder } = this.options;
    if (!license || (await isAccepted(folder, license))) return;
    if (acceptedKey !== licenseKey(license))
      throw new UserError(
        'Forbidden',
        `The licence of ${name}, ${license.name}, was not accepted: nothing was downloaded.`,
        'Read it, and accept it.',
      );
    await accept(folder, license, name, new Date());
  }

  private async begin(found: FoundModel, asked: string, principal: Principal): Promise<ModelDownload> {
    if (this.isOver) throw new UserError('PlaneUnreachable', 'The control plane is ending.');
    const known = this.running.get(found.name);
    if (known) return known.download;
    const total = found.files.reduce((sum, { downloadBytes = 0 }) => sum + downloadBytes, 0);
    const running: Running = {
      stop: new AbortController(),
      download: { name: found.name, asked, status: 'Running', done: 0, total, isWaiting: false },
      ended: Promise.resolve(),
    };
    this.running.set(found.name, running);
    try {
      await this.note(running, principal);
    } catch (error) {
      this.running.delete(found.name);
      throw error;
    }
    running.ended = this.run(found, running, principal).catch((error) => this.options.logger.error(`download of ${found.name}`, error));
    return running.download;
  }

  private async run(found: FoundModel, running: Running, principal: Principal): Promise<void> {
    const { folder, timers, logger, onChanged, rows } = this.options;
    const notes = new PacedWrites(
      () => this.note(running, principal).catch((error) => logger.error('progress of a download', error)),
      noteEvery,
      timers,
    );
    const change = (more: Partial<ModelDownload>) => {
      running.download = { ...running.download, ...more };
      notes.ask();
    };
    try {
      const { model, isNew } = await getModel(found, {
        store: folder,
        signal: running.stop.signal,
        onProgress: (done, total) => change({ done, total, isWaiting: false }),
        onWait: () => change({ isWaiting: true }),
      });
      await notes.end();
      if (isNew) logger.info(`${model.name} was got from ${model.source}`);
      onChanged();
      await rows(principal).write((writer) => writer.entities.delete('modelDownload', found.name));
    } catch (error) {
      await notes.end();
      onChanged();
      if (this.isOver) return;
      running.download = { ...running.download, isWaiting: false, ...endOf(error, running.stop.signal) };
      if (!(error instanceof UserError) && !running.stop.signal.aborted) logger.error(`download of ${found.name}`, error);
      await this.note(running, principal);
    } finally {
      this.running.delete(found.name);
    }
  }

  private async note({ download }: Running, principal: Principal): Promise<void> {
    await this.options
      .rows(principal)
      .write((writer) =>
        writer.entities.put({ kind: 'modelDownload', id: download.name, scope: '', at: Date.now(), body: { ...download } }),
      );
  }
}

/** Of a row that nothing works on: what says that it runs has lost its plane. */
function stopped(download: ModelDownload): ModelDownload {
  return download.status === 'Running' ? { ...download, status: 'Interrupted', isWaiting: false } : download;
}

function endOf(error: unknown, signal: AbortSignal): Pick<ModelDownload, 'status' | 'error' | 'hint'> {
  if (signal.aborted) return { status: 'Canceled' };
  if (!(error instanceof UserError)) return { status: 'Failed', error: messageOf(error) };
  return { status: 'Failed', error: error.message, ...(error.hint ? { hint: error.hint } : {}) };
}
