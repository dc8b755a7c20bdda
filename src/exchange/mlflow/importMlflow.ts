import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { check } from '../../protocol/check.ts';
import { artifactFolder } from '../../protocol/jobPlaces.ts';
import { Experiment } from '../../protocol/mlflow.ts';
import { mapOf } from '../mapOf.ts';
import { putExperiment } from '../putExperiment.ts';
import { putPoints } from '../putPoints.ts';
import { Result } from '../result.ts';
import { putFiles } from './putFiles.ts';
import { putLoggedModel, putRegisteredModel } from './putModels.ts';
import { parentTag, putRun } from './putRun.ts';
import { type MlflowSource, SourceRun } from './source.ts';

export interface ImportOptions {
  /** Of the experiments only the one of this name, and no registered models. */
  experiment?: string | undefined;
  /** Nothing is written; what would be refused is told as far as it can be seen. */
  dryRun?: boolean | undefined;
  /** Runs that have not ended are taken as killed; absent: they are refused. */
  unendedAs?: 'Canceled' | undefined;
  signal?: AbortSignal | undefined;
  /** Told of what could not be taken, and after each run or model. */
  result?: Result;
  onProgress?: (what: string) => void;
}

/**
 * Brings all of an MLflow server, or of its folder of files, into a workspace: experiments, runs under their own ids, logged models, registered models and versions under their own numbers. Only what is
 * missing here travels, so it goes on where it was cut off, and done twice it changes nothing. What can't be taken is in `refused`, and everything else goes on.
 */
export async function importMlflow(source: MlflowSource, to: PlaneClient, options: ImportOptions = {}): Promise<Result> {
  const result = options.result ?? new Result();
  const importing = new Importing(source, to, options, result);
  await importing.experiments();
  if (options.experiment === undefined) await importing.registeredModels();
  return result;
}

interface Waiting {
  run: SourceRun;
  experiment: Experiment;
}

class Importing {
  private readonly source: MlflowSource;
  private readonly to: PlaneClient;
  private readonly options: ImportOptions;
  private readonly result: Result;
  /** Runs that are here now, with the places of their artifacts there. */
  private readonly arrived = new Map<string, string | undefined>();

  constructor(source: MlflowSource, to: PlaneClient, options: ImportOptions, result: Result) {
    this.source = source;
    this.to = to;
    this.options = options;
    this.result = result;
  }

  async experiments(): Promise<void> {
    const { experiment: only, dryRun } = this.options;
    /** Those whose parent is not here yet. */
    const waiting: Waiting[] = [];
    const found: Experiment[] = [];
    for await (const each of this.source.experiments()) {
      if (only !== undefined && each.name !== only) continue;
      await this.result.attempt(`experiment "${each.name}"`, async () => {
        const experiment = check(Experiment, each, 'The experiment');
        if (!dryRun && (await putExperiment(this.to, experiment, this.options.signal))) this.result.counts.experiments++;
        found.push(experiment);
      });
    }
    if (only !== undefined && found.length === 0 && this.result.refused.length === 0)
      throw new UserError('NotFound', `${this.source.name} has no experiment "${only}".`, 'Names are told apart by upper and lower case.');
    for (const experiment of found) {
      for await (const run of this.source.runs(experiment)) {
        const parent = parentOf(run);
        if (parent === undefined || this.arrived.has(parent)) await this.run(run, experiment, parent);
        else waiting.push({ run, experiment });
      }
      await this.loggedModels(experiment);
    }
    await this.waitingRuns(waiting);
  }

  /** A run comes after its parent. One whose parent does not come at all stands by itself, and its tag still names the parent. */
  private async waitingRuns(waiting: Waiting[]): Promise<void> {
    for (let left = waiting; left.length > 0; ) {
      const ids = new Set(left.map(({ run }) => run.info.run_id));
      const ready = left.filter(({ run }) => !ids.has(parentOf(run)!));
      // Runs that are each other's parents.
      const now = ready.length > 0 ? ready : [left[0]!];
      for (const { run, experiment } of now) {
        const parent = parentOf(run)!;
        await this.run(run, experiment, this.arrived.has(parent) ? parent : undefined);
      }
      left = left.filter((each) => !now.includes(each));
    }
  }

  private async run(given: SourceRun, experiment: Experiment, parent: string | undefined): Promise<void> {
    const { to, source, result, options } = this;
    const { signal, unendedAs, dryRun } = options;
    const id = String(given?.info?.run_id);
    result.seen++;
    await result.attempt(`run ${id}`, async () => {
      const run = check(SourceRun, given, 'The run');
      if (dryRun) {
        if (run.info.status === 'RUNNING' || run.info.status === 'SCHEDULED')
          if (!unendedAs) throw new UserError('Conflict', 'It has not ended yet.', 'Import it when it has, or add --unended-as-killed.');
        this.arrived.set(id, run.info.artifact_uri);
        return;
      }
      if (await putRun(to, run, { experiment: experiment.name, parent, unendedAs, signal })) result.counts.jobs++;
      this.arrived.set(id, run.info.artifact_uri);
      for (const key of new Set((run.data.metrics ?? []).map((metric) => metric.key)))
        result.counts.points += await putPoints(to, id, key, source.points(run, key), signal);
      await this.files(`artifacts of run ${id}`, artifactFolder(id), () => source.runFiles(run));
    });
    options.onProgress?.(`run ${id}`);
  }

  private async loggedModels(experiment: Experiment): Promise<void> {
    for await (const model of this.source.loggedModels(experiment)) {
      const id = String(model?.info?.model_id);
      this.result.seen++;
      await this.result.attempt(`logged model ${id}`, async () => {
        if (this.options.dryRun) return;
        const { changed, folder } = await putLoggedModel(this.to, model, experiment.name, this.options.signal);
        if (changed) this.result.counts.loggedModels++;
        await this.files(`artifacts of logged model ${id}`, folder, () => this.source.modelFiles(model));
      });
      this.options.onProgress?.(`logged model ${id}`);
    }
  }

  async registeredModels(): Promise<void> {
    for await (const model of this.source.registeredModels()) {
      this.result.seen++;
      await this.result.attempt(`model "${String(model?.name)}"`, async () => {
        if (this.options.dryRun) return;
        await putRegisteredModel(
          { to: this.to, result: this.result, rootOf: (run) => this.arrived.get(run), signal: this.options.signal },
          model,
          this.source.versions(model),
        );
      });
      this.options.onProgress?.(`model "${String(model?.name)}"`);
    }
  }

  /** A server may not be able to reach what it only knows the address of: then all else of the run is here all the same, and this is told. */
  private async files(what: string, folder: string, list: () => ReturnType<MlflowSource['runFiles']>): Promise<void> {
    try {
      const sent = await putFiles(
        this.to,
        folder,
        list(),
        (path, error) => this.result.refuse(`"${path}" of the ${what}`, error),
        this.options.signal,
      );
      this.result.counts.files += sent.files;
      this.result.counts.bytes += sent.bytes;
    } catch (error) {
      if (!(error instanceof UserError) || !['RemoteError', 'InvalidRequest', 'InvalidValue', 'NotFound'].includes(error.code)) throw error;
      this.result.refuse(what, error);
    }
  }
}

const parentOf = ({ data }: SourceRun): string | undefined => mapOf(data?.tags)[parentTag] || undefined;
