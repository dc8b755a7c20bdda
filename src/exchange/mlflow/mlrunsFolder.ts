import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import { UserError } from '../../base/userError.ts';
import { type Experiment, type KeyValue, type MetricPoint, runStatuses } from '../../protocol/mlflow.ts';
import { plainFiles, streamOf } from '../plainFiles.ts';
import type { ArrivingFile, MlflowSource, SourceLoggedModel, SourceRegisteredModel, SourceRun, SourceVersion } from './source.ts';

const metaFile = 'meta.yaml';
/** Most bytes of a `meta.yaml`, a param or a tag. */
const mostText = 32 * 1024 * 1024;
/** Points that are handed on at a time. */
const pointsAtOnce = 25_000;

type Meta = Record<string, any>;

/**
 * The folder in which MLflow keeps runs and models as files (`mlruns`): nothing is written to it, and no link in it is followed. `onBroken` is told of each run or model that can't be read, and the others go
 * on.
 */
export class MlrunsFolder implements MlflowSource {
  readonly name: string;
  private readonly onBroken: (what: string, error: UserError) => void;

  constructor(folder: string, onBroken: (what: string, error: UserError) => void) {
    this.name = folder;
    this.onBroken = onBroken;
  }

  async *experiments(): AsyncIterable<Experiment> {
    for (const folder of await foldersIn(this.name)) {
      // `models` is the registry.
      if (folder === '.trash' || folder === 'models') continue;
      const experiment = await this.whole(`experiment in ${folder}`, async (): Promise<Experiment | undefined> => {
        const meta = await this.meta(folder);
        if (!meta || meta.lifecycle_stage === 'deleted') return undefined;
        const tags = await this.texts(`${folder}/tags`);
        return { experiment_id: folder, name: String(meta.name ?? folder), lifecycle_stage: 'active', tags };
      });
      if (experiment) yield experiment;
    }
  }

  async *runs({ experiment_id: experiment }: Experiment): AsyncIterable<SourceRun> {
    const started: { folder: string; at: number }[] = [];
    for (const name of await foldersIn(path.join(this.name, experiment))) {
      if (['tags', 'datasets', 'traces', 'models', '.trash'].includes(name)) continue;
      const meta = await this.whole(`run ${name}`, () => this.meta(`${experiment}/${name}`));
      if (meta && meta.lifecycle_stage !== 'deleted') started.push({ folder: name, at: Number(meta.start_time ?? 0) });
    }
    for (const { folder } of started.sort((a, b) => a.at - b.at)) {
      const run = await this.whole(`run ${folder}`, () => this.run(experiment, folder));
      if (run) yield run;
    }
  }

  async *points({ info }: SourceRun, key: string): AsyncIterable<MetricPoint[]> {
    const file = `${info.experiment_id}/${info.run_id}/metrics/${key}`;
    let points: MetricPoint[] = [];
    for await (const point of this.pointsIn(file, key)) {
      points.push(point);
      if (points.length < pointsAtOnce) continue;
      yield points;
      points = [];
    }
    yield points;
  }

  runFiles({ info }: SourceRun): AsyncIterable<ArrivingFile> {
    return this.files(`${info.experiment_id}/${info.run_id}/artifacts`);
  }

  async *loggedModels({ experiment_id: experiment }: Experiment): AsyncIterable<SourceLoggedModel> {
    for (const id of await foldersIn(path.join(this.name, experiment, 'models'))) {
      const model = await this.whole(`logged model ${id}`, () => this.loggedModel(experiment, id));
      if (model) yield model;
    }
  }

  modelFiles({ info }: SourceLoggedModel): AsyncIterable<ArrivingFile> {
    return this.files(path.relative(this.name, info.artifact_uri!).split(path.sep).join('/'));
  }

  async *registeredModels(): AsyncIterable<SourceRegisteredModel> {
    for (const folder of await foldersIn(path.join(this.name, 'models'))) {
      const model = await this.whole(`model "${folder}"`, async (): Promise<SourceRegisteredModel | undefined> => {
        const meta = await this.meta(`models/${folder}`);
        return (
          meta && {
            name: folder,
            ...(meta.description ? { description: String(meta.description) } : {}),
            tags: await this.texts(`models/${folder}/tags`),
            aliases: (await this.texts(`models/${folder}/aliases`)).map(({ key, value }) => ({ alias: key, version: value.trim() })),
          }
        );
      });
      if (model) yield model;
    }
  }

  async *versions({ name }: SourceRegisteredModel): AsyncIterable<SourceVersion> {
    for (const folder of await foldersIn(path.join(this.name, 'models', name))) {
      if (!folder.startsWith('version-')) continue;
      const at = `models/${name}/${folder}`;
      const version = await this.whole(`${folder} of model "${name}"`, () => this.version(at));
      if (version) yield version;
    }
  }

  private async version(at: string): Promise<SourceVersion | undefined> {
    const meta = await this.meta(at);
    // What is deleted stays as a stage of that name.
    if (!meta || meta.current_stage === 'Deleted_Internal') return undefined;
    const text = (key: string) => (meta[key] === undefined || meta[key] === null || meta[key] === '' ? {} : { [key]: String(meta[key]) });
    return {
      version: meta.version,
      creation_timestamp: meta.creation_timestamp,
      last_updated_timestamp: meta.last_updated_timestamp,
      ...text('description'),
      ...text('source'),
      ...text('run_id'),
      ...text('run_link'),
      ...text('model_id'),
      ...text('current_stage'),
      tags: await this.texts(`${at}/tags`),
    };
  }

  private async loggedModel(experiment: string, id: string): Promise<SourceLoggedModel | undefined> {
    const at = `${experiment}/models/${id}`;
    const meta = await this.meta(at);
    if (!meta || meta.lifecycle_stage === 'deleted') return undefined;
    const metrics: NonNullable<NonNullable<SourceLoggedModel['data']>['metrics']> = [];
    for await (const { path: key } of plainFiles(path.join(this.name, at, 'metrics')))
      for await (const point of this.pointsIn(`${at}/metrics/${key}`, key)) metrics.push(point);
    return {
      info: {
        model_id: id,
        name: String(meta.name ?? id),
        artifact_uri: path.join(this.name, at, 'artifacts'),
        creation_timestamp_ms: meta.creation_timestamp,
        last_updated_timestamp_ms: meta.last_updated_timestamp,
        status: meta.status,
        ...(meta.model_type ? { model_type: meta.model_type } : {}),
        ...(meta.source_run_id ? { source_run_id: meta.source_run_id } : {}),
        tags: await this.texts(`${at}/tags`),
      },
      data: { params: await this.texts(`${at}/params`), metrics },
    };
  }

  private async run(experiment: string, id: string): Promise<SourceRun> {
    const at = `${experiment}/${id}`;
    const meta = (await this.meta(at))!;
    const metrics: MetricPoint[] = [];
    // Of each metric only that there is one.
    for await (const { path: key } of plainFiles(path.join(this.name, at, 'metrics'))) metrics.push({ key, value: 0, timestamp: 0 });
    const time = (value: unknown) => (value === null || value === undefined ? undefined : Number(value));
    const [start, end] = [time(meta.start_time), time(meta.end_time)];
    const { dataset_inputs, model_inputs } = await this.inputs(experiment, id);
    const outputs: { model_id: string; step: number }[] = [];
    for (const each of await foldersIn(path.join(this.name, at, 'outputs'))) {
      const output = await this.meta(`${at}/outputs/${each}`);
      if (output?.destination_type === 'MODEL_OUTPUT' || output?.destination_type === 5)
        outputs.push({ model_id: String(output.destination_id), step: Number(output.step ?? 0) });
    }
    return {
      info: {
        run_id: id,
        experiment_id: experiment,
        ...(meta.run_name ? { run_name: String(meta.run_name) } : {}),
        ...(meta.user_id ? { user_id: String(meta.user_id) } : {}),
        // By its number; what does not say is running, as MLflow takes it.
        status: runStatuses[Number(meta.status ?? 1) - 1] ?? (meta.status as (typeof runStatuses)[number]),
        ...(start === undefined ? {} : { start_time: start }),
        ...(end === undefined ? {} : { end_time: end }),
        // As it was where the folder was made.
        ...(meta.artifact_uri ? { artifact_uri: String(meta.artifact_uri) } : {}),
        lifecycle_stage: 'active',
      },
      data: { metrics, params: await this.texts(`${at}/params`), tags: await this.texts(`${at}/tags`) },
      inputs: { dataset_inputs, model_inputs },
      outputs: { model_outputs: outputs },
    };
  }

  private async inputs(experiment: string, run: string): Promise<Required<NonNullable<SourceRun['inputs']>>> {
    const found: Required<NonNullable<SourceRun['inputs']>> = { dataset_inputs: [], model_inputs: [] };
    const at = `${experiment}/${run}/inputs`;
    for (const each of await foldersIn(path.join(this.name, at))) {
      const input = await this.meta(`${at}/${each}`);
      if (!input) continue;
      const id = String(input.source_id);
      if (input.source_type === 'MODEL') found.model_inputs.push({ model_id: id });
      if (input.source_type !== 'DATASET' || !isName(id)) continue;
      const dataset = await this.meta(`${experiment}/datasets/${id}`);
      if (!dataset) continue;
      const text = (key: string) => (dataset[key] === undefined || dataset[key] === null ? {} : { [key]: String(dataset[key]) });
      found.dataset_inputs.push({
        tags: Object.entries((input.tags ?? {}) as Meta).map(([key, value]) => ({ key, value: String(value) })),
        dataset: {
          name: String(dataset.name),
          digest: String(dataset.digest),
          source_type: String(dataset.source_type),
          source: String(dataset.source),
          ...text('schema'),
          ...text('profile'),
        },
      });
    }
    return found;
  }

  private async whole<T>(what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.onBroken(what, error);
      return undefined;
    }
  }

  private async *files(folder: string): AsyncIterable<ArrivingFile> {
    const root = path.join(this.name, folder);
    for await (const file of plainFiles(root)) yield { path: file.path, size: file.size, open: async () => streamOf(root, file) };
  }

  /** Lines of `timestamp value [step]`; of a logged model a run follows, and maybe a dataset with its digest. */
  private async *pointsIn(
    file: string,
    key: string,
  ): AsyncIterable<MetricPoint & { dataset_name?: string; dataset_digest?: string; run_id?: string }> {
    const name = path.join(this.name, file);
    if (!(await lstat(name)).isFile()) throw new UserError('InvalidValue', `${name} is a link, which is not followed.`);
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(name), crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() === '') continue;
      const [time, value, step = '0', ...more] = text.trim().split(' ');
      const point = { key, timestamp: Number(time), value: numberOf(value), step: Number(step) };
      if (!Number.isInteger(point.timestamp) || point.value === undefined || !Number.isInteger(point.step))
        throw new UserError('InvalidValue', `Line ${line} of ${name} is no point of a metric: "${text.slice(0, 100)}".`);
      const [run, dataset, digest] = more;
      yield {
        ...point,
        value: point.value,
        ...(run ? { run_id: run } : {}),
        ...(dataset && digest ? { dataset_name: dataset, dataset_digest: digest } : {}),
      };
    }
  }

  /** What a `meta.yaml` says; undefined where there is none. */
  private async meta(folder: string): Promise<Meta | undefined> {
    const text = await this.text(`${folder}/${metaFile}`);
    if (text === undefined) return undefined;
    let value: unknown;
    try {
      value = parse(text, { maxAliasCount: 0 });
    } catch {
      value = undefined;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new UserError(
        'InvalidValue',
        `${path.join(this.name, folder, metaFile)} is no YAML with keys.`,
        'Restore it, or take its folder away.',
      );
    return value as Meta;
  }

  /** Files of one value each, by their names, which may have `/`. */
  private async texts(folder: string): Promise<KeyValue[]> {
    const found: KeyValue[] = [];
    for await (const { path: key } of plainFiles(path.join(this.name, folder)))
      found.push({ key, value: (await this.text(`${folder}/${key}`)) ?? '' });
    return found;
  }

  private async text(file: string): Promise<string | undefined> {
    const name = path.join(this.name, file);
    const found = await lstat(name).catch(() => undefined);
    if (!found) return undefined;
    if (!found.isFile()) throw new UserError('InvalidValue', `${name} is a link, which is not followed.`);
    if (found.size > mostText) throw new UserError('InvalidValue', `${name} has ${found.size} bytes, which is no single value.`);
    return readFile(name, 'utf8');
  }
}

/** Names of the folders in a folder, in order; none where there is no folder. */
async function foldersIn(folder: string): Promise<string[]> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found?.isDirectory()) return [];
  return (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

const isName = (text: string): boolean => text !== '' && !/[/\\\0]/.test(text) && text !== '.' && text !== '..';

/** A number as Python writes it; what is not finite as MLflow's JSON has it. */
function numberOf(text: string | undefined): number | string | undefined {
  if (text === undefined) return undefined;
  if (/^[+-]?nan$/i.test(text)) return 'NaN';
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? '-Infinity' : 'Infinity';
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}
