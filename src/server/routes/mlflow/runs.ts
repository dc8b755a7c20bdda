import { randomUUID } from 'node:crypto';
import { filterAsync } from '../../../base/filterAsync.ts';
import { UserError } from '../../../base/userError.ts';
import { claimantOf } from '../../../protocol/claims.ts';
import { isTerminal, type JobStatus } from '../../../protocol/job.ts';
import { type KeyValue, type MetricPoint, mlflowLimits, type Run, type RunStatus, runStatuses } from '../../../protocol/mlflow.ts';
import type { Point } from '../../../store/metrics/metricStore.ts';
import type { StoredJob, StoreReader, StoreWriter } from '../../../store/store.ts';
import { mustRunHere } from '../../copies/mustRunHere.ts';
import { fromRunStatus, runStatus } from '../../jobState.ts';
import type { PlaneServices, Services } from '../../services.ts';
import { writeShared } from '../../sharedFields/sharedFields.ts';
import { describeJob, noteTag } from '../note.ts';
import { artifactRoot, below } from './artifactAddress.ts';
import type { Endpoints } from './endpoint.ts';
import { activeExperiment } from './experiments.ts';
import { activeRun, ownRun, runById, runToLogTo } from './findRun.ts';
import { lineageOf, noSuchModel } from './lineage.ts';
import { checkLength, checkName, lengthLimits, someName } from './names.ts';
import { type Fields, invalid, invalidValue, missing, wholeOf } from './request.ts';

/** MLflow's run endpoints. A run is a job: its status, tags and name are the same ones. */
export function runEndpoints({ metrics: series, planeId, clock }: PlaneServices): Endpoints {
  /** Does what a person has asked for of a run that may be on other planes, too. */
  const written = <T>(writer: StoreWriter, run: StoredJob, work: () => Promise<T>): Promise<T> =>
    writeShared(writer, run, { plane: planeId, now: clock.now() }, work);

  return {
    'POST runs/create': async (fields, { store, principal }) => {
      const tags = fields.pairs('tags');
      const asked = fields.optionalText('run_name') || undefined;
      const tagged = tags[runName];
      if (asked && tagged && asked !== tagged)
        throw invalid(
          `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${asked}', mlflow.runName='${tagged}').`,
        );
      const name = asked ?? (tagged || someName());
      const start = fields.optionalTime('start_time') ?? Date.now();
      const job = await store.write(async (writer) => {
        const experiment = await activeExperiment(writer, fields.optionalText('experiment_id') || '0');
        const parent = await parentFor(writer, tags['mlflow.parentRunId']);
        const id = randomUUID().replaceAll('-', '');
        await writer.putJob({
          name: id,
          experimentId: experiment.id,
          properties: {
            jobType: 'Command',
            command: '',
            ...(await codeAndEnvironment(writer)),
            displayName: name,
            ...(tags[noteTag] ? { description: tags[noteTag] } : {}),
          },
          status: 'Running',
          parent,
          claimedBy: null,
          startedAt: start,
          endedAt: null,
          user: fields.optionalText('user_id') || principal.name,
          isDeleted: false,
        });
        for (const [key, value] of Object.entries(tags)) await writer.setTag(id, key, value);
        if (!tagged) await writer.setTag(id, runName, name);
        return (await writer.job(id))!;
      });
      return { run: await mlflowRun({ store, metrics: series }, job) };
    },

    'GET runs/get': async (fields, { store }) => {
      const job = await mustFind(fields, store);
      return { run: { ...(await mlflowRun({ store, metrics: series }, job)), ...(await lineageOf(store, job.name)) } };
    },

    'POST runs/update': async (fields, { store }) => {
      const status = statusIn(fields);
      const name = fields.optionalText('run_name');
      const end = fields.optionalTime('end_time');
      const job = await store.write(async (writer) => {
        const found = await activeRun(writer, idIn(fields));
        if (status !== undefined && !isTerminal(found.status)) mustRunHere(found, 'End it');
        return written(writer, found, async () => {
          if (name) await writer.setTag(found.name, runName, name);
          const properties = name ? { ...found.properties, displayName: name } : found.properties;
          // Who runs a job says itself when it ends: a script's last word comes before its outputs are verified, or after another runner was given the job.
          const free = claimantOf(found.properties) === undefined;
          const next: JobStatus = status && free ? fromRunStatus(status) : found.status;
          return writer.updateJob(found, properties, { status: next, ...(free && end !== undefined ? { endedAt: end } : {}) });
        });
      });
      return { run_info: (await mlflowRun({ store, metrics: series }, job)).info };
    },

    'POST runs/delete': async (fields, { store }) => {
      await store.write(async (writer) => writer.updateJob(await ownRun(writer, idIn(fields)), undefined, { isDeleted: true }));
      return {};
    },
    'POST runs/restore': async (fields, { store }) => {
      await store.write(async (writer) => writer.updateJob(await ownRun(writer, idIn(fields)), undefined, { isDeleted: false }));
      return {};
    },

    'POST runs/log-batch': async (fields, asked) => {
      const { store } = asked;
      const run = idIn(fields);
      const metrics = fields.objects<Metric>('metrics').map((metric, index) => metricOf(metric, `metrics[${index}]`));
      const params = fields.objects<KeyValue>('params').map((param, index) => checkedParam(param, `params[${index}]`));
      const tags = fields.objects<KeyValue>('tags').map((tag, index) => checkedTag(tag, `tags[${index}]`));
      atMost('metrics', metrics.length, mlflowLimits.metricsPerBatch);
      atMost('params', params.length, mlflowLimits.paramsPerBatch);
      atMost('tags', tags.length, mlflowLimits.tagsPerBatch);
      atMost('metrics, params, and tags', metrics.length + params.length + tags.length, mlflowLimits.itemsPerBatch);
      const twice = params.map(({ key }) => key).filter((key, index, keys) => keys.indexOf(key) !== index);
      if (twice.length)
        throw invalid(
          `Duplicate parameter keys have been submitted: [${twice.map((key) => `'${key}'`).join(', ')}]. Please ensure the request contains only one param value per param key.`,
        );
      const ofModels = metrics.filter(({ model }) => model);
      await runToLogTo(store, run);
      if (params.length + tags.length + ofModels.length > 0)
        await store.write(async (writer) => {
          const found = await activeRun(writer, run);
          const { name } = found;
          await setParams(writer, name, params);
          if (tags.length > 0)
            await written(writer, found, async () => {
              for (const each of tags) await setTag(writer, name, each);
            });
          await noteForModels(writer, name, ofModels);
        });
      if (metrics.length)
        await series.append(
          asked,
          run,
          metrics.map(({ point }) => point),
        );
      return {};
    },
    'POST runs/log-metric': async (fields, asked) => {
      const { store } = asked;
      const run = idIn(fields);
      fields.text('key');
      if (!fields.has('value')) throw missing('value');
      if (!fields.has('timestamp')) throw missing('timestamp');
      for (const name of ['timestamp', 'step']) fields.optionalLong(name);
      const metric = metricOf(fields.all as Partial<Metric>, '');
      await runToLogTo(store, run);
      if (metric.model) await store.write(async (writer) => noteForModels(writer, (await activeRun(writer, run)).name, [metric]));
      await series.append(asked, run, [metric.point]);
      return {};
    },
    'POST runs/log-parameter': async (fields, { store }) => {
      const run = idIn(fields);
      const param = checkedParam({ key: fields.text('key'), value: fields.optionalText('value') ?? '' }, '');
      await store.write(async (writer) => setParam(writer, (await activeRun(writer, run)).name, param));
      return {};
    },
    'POST runs/set-tag': async (fields, { store }) => {
      const run = idIn(fields);
      const tag = checkedTag({ key: fields.text('key'), value: fields.optionalText('value') ?? '' }, '');
      await store.write(async (writer) => {
        const found = await activeRun(writer, run);
        await written(writer, found, () => setTag(writer, found.name, tag));
      });
      return {};
    },
    'POST runs/delete-tag': async (fields, { store }) => {
      const [run, key] = [idIn(fields), fields.text('key')];
      await store.write(async (writer) => {
        const found = await activeRun(writer, run);
        const { name } = found;
        if (!Object.hasOwn(await writer.tags(name), key))
          throw new UserError('NotFound', `No tag with name: ${key} in run with id ${name}`);
        await written(writer, found, async () => {
          await writer.setTag(name, key, null);
          if (key === noteTag) await describeJob(writer, (await writer.job(name))!, null);
        });
      });
      return {};
    },
    'POST runs/log-model': async (fields, { store }) => {
      const run = idIn(fields);
      const model = modelJson(fields.text('model_json'));
      await store.write(async (writer) => {
        const found = await activeRun(writer, run);
        const { name } = found;
        const before = JSON.parse((await writer.tags(name))[modelHistory] ?? '[]') as unknown[];
        const tag = checkedTag({ key: modelHistory, value: JSON.stringify([...before, model]) }, '');
        await written(writer, found, () => setTag(writer, name, tag));
      });
      return {};
    },
  };
}

const runName = 'mlflow.runName';
/** MLflow's record of the models that a run logged, before there were logged models. */
const modelHistory = 'mlflow.log-model.history';

/** The run above a new one. What a job starts is below its own run, which is how its token opens it; throws `Forbidden` where it names another's. */
async function parentFor(writer: StoreWriter, asked: string | undefined): Promise<string | null> {
  const { principal } = writer;
  if (asked === undefined || !(await writer.job(asked))) return principal.kind === 'job' ? principal.job : null;
  return (await ownRun(writer, asked)).name;
}

/** What the script ran that begins a run: of a job that does, its code and its environment are known. */
async function codeAndEnvironment(writer: StoreWriter): Promise<{ environmentId: string; codeId?: string }> {
  const { principal } = writer;
  const job = principal.kind === 'job' ? await writer.job(principal.job) : undefined;
  if (job?.properties.jobType !== 'Command') return { environmentId: '' };
  const { environmentId, codeId } = job.properties;
  return { environmentId, ...(codeId ? { codeId } : {}) };
}

const idIn = (fields: Fields): string => fields.text('run_id', 'run_uuid');

function mustFind(fields: Fields, reader: Pick<StoreReader, 'job'>): Promise<StoredJob> {
  return runById(reader, idIn(fields));
}

/** By name, or by the number that protobuf gives it. */
function statusIn(fields: Fields): RunStatus | undefined {
  const given = fields.all.status;
  if (given === undefined || given === null) return undefined;
  const status = typeof given === 'number' ? runStatuses[given - 1] : runStatuses.find((each) => each === given);
  if (!status) throw invalidValue('status', given);
  return status;
}

function modelJson(text: string): Record<string, unknown> {
  let model: unknown;
  try {
    model = JSON.parse(text);
  } catch {
    throw invalid(`Malformed model info. \n ${text.slice(0, 500)} \n not JSON`);
  }
  const missed = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'].filter((key) => !Object.hasOwn(Object(model), key));
  if (missed.length) throw invalid(`Model json is missing mandatory fields: ${missed.join(', ')}`);
  return model as Record<string, unknown>;
}

async function setParam(writer: StoreWriter, job: string, { key, value }: KeyValue): Promise<void> {
  if (await writer.setParam(job, key, value)) return;
  const old = (await writer.params(job)).find((each) => each.key === key)?.value;
  throw invalid(
    `Changing param values is not allowed. Param with key='${key}' was already logged with value='${old}' for run ID='${job}'. Attempted logging new value '${value}'.`,
  );
}

async function setTag(writer: StoreWriter, job: string, { key, value }: KeyValue): Promise<void> {
  // A run always has a name.
  if (key === runName && value === '') return;
  if (key === noteTag) {
    await describeJob(writer, (await writer.job(job))!, value);
    // MLflow tells an empty tag from none.
    if (value === '') await writer.setTag(job, key, value);
    return;
  }
  await writer.setTag(job, key, value);
  if (key !== runName) return;
  const found = (await writer.job(job))!;
  await writer.updateJob(found, { ...found.properties, displayName: value }, {});
}

/** Of several params all that are in conflict are told at once, in the words of a single one's. */
async function setParams(writer: StoreWriter, job: string, params: KeyValue[]): Promise<void> {
  const refused = await filterAsync(params, async ({ key, value }) => !(await writer.setParam(job, key, value)));
  if (refused.length === 0) return;
  const old = new Map((await writer.params(job)).map(({ key, value }) => [key, value]));
  const told = refused.map(({ key, value }) => `{'key': '${key}', 'old_value': '${old.get(key)}', 'new_value': '${value}'}`);
  throw invalid(`Changing param values is not allowed. Params were already logged='[${told.join(', ')}]' for run ID='${job}'.`);
}

/** A name within what is at `at` of the request. */
const within = (at: string, name: string): string => (at ? `${at}.${name}` : name);

function checkedParam(param: Partial<KeyValue>, at: string): KeyValue {
  const { key, value } = checkedPair(param, at);
  checkLength('Param key', lengthLimits.key, key);
  checkLength('Param value', lengthLimits.param, value);
  return { key, value };
}

function checkedTag(tag: Partial<KeyValue>, at: string): KeyValue {
  const { key, value } = checkedPair(tag, at);
  checkLength(within(at, 'key'), lengthLimits.key, key);
  checkLength(within(at, 'value'), lengthLimits.tag, value);
  return { key, value };
}

function checkedPair({ key, value }: { key?: unknown; value?: unknown }, at: string): KeyValue {
  checkName(key, within(at, 'key'));
  const text = value ?? '';
  if (typeof text !== 'string') throw invalidValue(within(at, 'value'), value, 'It must be a string.');
  return { key, value: text };
}

function atMost(what: string, count: number, most: number): void {
  if (count > most)
    throw invalid(
      `A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
    );
}

/** A metric as it comes. With `model_id` it is one of that logged model, too. */
type Metric = MetricPoint & { model_id?: string; dataset_name?: string; dataset_digest?: string };

interface Measured {
  point: Point;
  model?: { id: string; datasetName: string | undefined; datasetDigest: string | undefined };
}

/** JSON has no NaN: the clients send words. */
const words: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function metricOf(metric: Partial<Metric>, at: string): Measured {
  const { key } = metric;
  checkName(key, within(at, 'name'));
  if (metric.value === undefined || metric.value === null) throw missing(within(at, 'value'));
  const given = metric.value as unknown;
  const value =
    typeof given === 'string' ? (Object.hasOwn(words, given) ? words[given]! : given.trim() === '' ? undefined : Number(given)) : given;
  if (typeof value !== 'number' || (Number.isNaN(value) && given !== 'NaN'))
    throw invalidValue(
      within(at, 'value'),
      given,
      `(timestamp=${metric.timestamp}). Please specify value as a valid double (64-bit floating point)`,
    );
  if (metric.timestamp === undefined || metric.timestamp === null) throw missing(within(at, 'timestamp'));
  const time = wholeOf(metric.timestamp);
  if (time === undefined || time < 0)
    throw invalidValue(
      within(at, 'timestamp'),
      metric.timestamp,
      `metric '${key}' (value=${value}). Timestamp must be a nonnegative long (64-bit integer) `,
    );
  const step = metric.step === undefined || metric.step === null ? 0 : wholeOf(metric.step);
  if (step === undefined)
    throw invalidValue(within(at, 'step'), metric.step, `metric '${key}' (value=${value}). Step must be a valid long (64-bit integer).`);
  checkLength('Metric name', lengthLimits.key, key);
  return {
    point: { key, value, at: time, step },
    ...(metric.model_id
      ? { model: { id: metric.model_id, datasetName: metric.dataset_name || undefined, datasetDigest: metric.dataset_digest || undefined } }
      : {}),
  };
}

/** Metrics that are told with a logged model are kept with it, too. */
async function noteForModels(writer: StoreWriter, job: string, metrics: Measured[]): Promise<void> {
  for (const { point, model } of metrics) {
    if (!model) continue;
    const { id, ...dataset } = model;
    if (!(await writer.entities.get('loggedModel', id))) throw noSuchModel(id);
    await writer.lineage.logModelMetric(id, { ...point, run: job, ...dataset });
  }
}

/** A value as JSON has it: what is not finite as a word. */
export const wordOf = (value: number): number | string =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
const toMetric = (point: Point): MetricPoint => ({ key: point.key, value: wordOf(point.value), timestamp: point.at, step: point.step });

/** Where a run's artifacts are. */
export const artifactUri = (job: StoredJob): string => below(artifactRoot(job.experimentId, job.artifactLocation), job.name, 'artifacts');

/** A job as MLflow shows it, less what it was made from (`lineageOf`). */
export async function mlflowRun({ store, metrics }: Pick<Services, 'store' | 'metrics'>, job: StoredJob): Promise<Run> {
  const tags = {
    // A run that a client opened has it as a tag of its own, which may be deleted.
    ...(claimantOf(job.properties) === undefined ? {} : { [runName]: job.properties.displayName ?? job.name }),
    ...(job.parent ? { 'mlflow.parentRunId': job.parent } : {}),
    ...(await store.tags(job.name)),
  };
  return {
    info: {
      run_id: job.name,
      run_uuid: job.name,
      run_name: job.properties.displayName ?? job.name,
      experiment_id: job.experimentId,
      user_id: job.user,
      status: runStatus(job.status),
      start_time: job.startedAt ?? job.createdAt,
      ...(job.endedAt === null ? {} : { end_time: job.endedAt }),
      artifact_uri: artifactUri(job),
      lifecycle_stage: job.isDeleted ? 'deleted' : 'active',
    },
    data: {
      metrics: (await metrics.latest(job.name)).map(toMetric),
      params: await store.params(job.name),
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    },
  };
}
