import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import type { Logger } from '../../base/logger.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import type { LocalModel } from '../../catalog/localModel.ts';
import { taskOf } from '../../catalog/taskOf.ts';
import { sha256Of } from '../../files/hash.ts';
import { measureSpeed } from '../../inference/measureSpeed.ts';
import type { Models } from '../../inference/models.ts';
import { type Principal, thePlane } from '../../protocol/principal.ts';
import type { WorkspaceStore } from '../../store/store.ts';

export interface ModelSpeedsOptions {
  /** Those that are loaded and asked. */
  models: () => Promise<Pick<Models, 'withFile' | 'engine'>>;
  /** What is in no workspace, as somebody reads and writes it. */
  rows: (principal: Principal) => WorkspaceStore;
  logger: Logger;
}

/** What was measured of a file of a model, on this machine. */
export interface MeasuredSpeed {
  at: string;
  speed?: { read: number; write?: number };
  loadMs?: number;
  problem?: string;
}

/** How fast models are on this machine, by short loads of them, one after the other. */
export class ModelSpeeds {
  private readonly options: ModelSpeedsOptions;
  private readonly names = new Set<string>();
  private last: Promise<void> = Promise.resolve();
  private readonly ending = new AbortController();

  constructor(options: ModelSpeedsOptions) {
    this.options = options;
  }

  get busy(): number {
    return this.names.size;
  }

  isMeasuring(name: string): boolean {
    return this.names.has(name);
  }

  /** What is known of these models, in their order. */
  async of(models: readonly LocalModel[]): Promise<(MeasuredSpeed | undefined)[]> {
    const rows = await this.options.rows(thePlane).entities.list('modelSpeed');
    if (rows.length === 0) return models.map(() => undefined);
    const here = await this.machine();
    const known = new Map(rows.filter(({ body }) => body.machine === here).map(({ id, body }) => [id, body.measured as MeasuredSpeed]));
    return Promise.all(models.map(async (model) => (known.size === 0 ? undefined : known.get(await keyOf(model)))));
  }

  /** Begins to measure a model, and settles when that is told; what comes of it is told later. */
  async start(model: LocalModel, principal: Principal): Promise<void> {
    if (this.names.has(model.name)) return;
    this.names.add(model.name);
    try {
      await this.options.rows(principal).write((writer) => writer.announce('localModel', model.name, 'put'));
    } catch (error) {
      this.names.delete(model.name);
      throw error;
    }
    this.last = this.last
      .then(() => this.measure(model, principal))
      .catch((error) => this.options.logger.error(`speed of ${model.name}`, error));
  }

  /** Nothing is known of a model any more. */
  async forget(model: LocalModel, principal: Principal): Promise<void> {
    await this.options.rows(principal).write(async (writer) => {
      await writer.entities.deleteAll('modelSpeed', model.name);
    });
  }

  /** What is being measured is given up, and nothing is told of it. */
  dispose(): void {
    this.ending.abort();
  }

  private async measure(model: LocalModel, principal: Principal): Promise<void> {
    const { signal } = this.ending;
    try {
      if (signal.aborted) return;
      const measured = await this.measured(model, signal);
      const machine = await this.machine();
      if (signal.aborted) return;
      // From here on it is no longer being measured: who is told of the result sees it.
      this.names.delete(model.name);
      await this.options.rows(principal).write(async (writer) =>
        writer.entities.put({
          kind: 'modelSpeed',
          id: await keyOf(model),
          scope: model.name,
          at: Date.now(),
          body: { machine, measured },
        }),
      );
    } finally {
      this.names.delete(model.name);
    }
  }

  /** What models are computed on: another processor or GPU has other speeds, and a data folder may have moved. */
  private async machine(): Promise<string> {
    const device = await this.options.models().then(
      async (models) => (await models.engine('gguf')).device,
      () => 'cpu',
    );
    return `${cpus()[0]?.model ?? ''} × ${availableParallelism()}, ${device}`;
  }

  private async measured(model: LocalModel, signal: AbortSignal): Promise<MeasuredSpeed> {
    const at = new Date().toISOString();
    try {
      const models = await this.options.models();
      return await models.withFile(model.files[0]!, [], async (worker) => {
        const isEncoder = model.facts !== undefined && taskOf(model.facts) === 'embeddings';
        const speed = await measureSpeed(worker, { isEncoder, mark: randomUUID(), now: () => performance.now(), signal });
        return { at, speed, loadMs: worker.loaded.loadMs };
      });
    } catch (error) {
      if (!(error instanceof UserError) && !signal.aborted) this.options.logger.error(`speed of ${model.name}`, error);
      return { at, problem: error instanceof UserError ? sentences(error.message, error.hint) : messageOf(error) };
    }
  }
}

/** What went wrong and what to do, on one line. What a program of others says may end without a full stop. */
const sentences = (message: string, hint = ''): string => `${message}${hint && !/[.!?]$/.test(message) ? '.' : ''} ${hint}`.trim();

/** Tells this content of a file from what it was before. */
async function keyOf({ files }: LocalModel): Promise<string> {
  const [file = ''] = files;
  const found = await stat(file).catch(() => undefined);
  return sha256Of(`${file}\n${found?.size ?? 0}\n${found?.mtimeMs ?? 0}`);
}
