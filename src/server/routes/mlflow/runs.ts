import { randomUUID } from 'node:crypto';
import { UserError } from '../../../base/userError.ts';
import { isTerminal, type JobStatus } from '../../../protocol/job.ts';
import { type KeyValue, type MetricPoint, mlflowLimits, type Run, type RunStatus, runStatuses } from '../../../protocol/mlflow.ts';
import type { Point, StoredJob, StoreReader, StoreWriter } from '../../../store/store.ts';
import { fromRunStatus, runStatus } from '../../jobState.ts';
import type { Services } from '../../services.ts';
import { type Fields, pageOf } from './request.ts';
import { parseRunFilter, sortRuns } from './runFilter.ts';

type Handler = (fields: Fields, workspace: string) => Promise<unknown> | unknown;

/** MLflow's run endpoints. A run is a job: its status, tags and name are the same ones. */
export function runHandlers({ store, user }: Services): Record<string, Handler> {
  return {
    'runs/create': async (fields, ws) => {
      const tags = fields.list<KeyValue>('tags');
      const name =
        fields.optionalText('run_name') ?? tags.find((tag) => tag.key === 'mlflow.runName')?.value ?? `run-${randomUUID().slice(0, 8)}`;
      const start = fields.whole('start_time', Date.now());
      const job = await store.write((writer) => {
        const experiment = writer.experiment(ws, { id: fields.optionalText('experiment_id') ?? '0' });
        if (!experiment) throw new UserError('NotFound', `No Experiment with id=${fields.optionalText('experiment_id')} exists`);
        const parent = tags.find((tag) => tag.key === 'mlflow.parentRunId')?.value ?? null;
        const made = writer.putJob({
          name: randomUUID().replaceAll('-', ''),
          workspace: ws,
          experimentId: experiment.id,
          properties: { jobType: 'Command', command: '', environmentId: '', displayName: name },
          status: 'Running',
          parent: parent !== null && writer.job(parent) ? parent : null,
          claimedBy: null,
          startedAt: start,
          endedAt: null,
          user: fields.optionalText('user_id') || user,
          isDeleted: false,
        });
        for (const { key, value } of tags) writer.setTag(made.name, key, value);
        writer.setTag(made.name, 'mlflow.runName', name);
        return made;
      });
      return { run: toRun(store, job) };
    },

    'runs/get': (fields) => ({ run: toRun(store, mustFind(fields, store)) }),

    'runs/update': async (fields) => {
      const status = fields.optionalText('status') as RunStatus | undefined;
      if (status !== undefined && !runStatuses.includes(status))
        throw new UserError('InvalidRequest', `Invalid value ${status} for parameter 'status' supplied.`);
      const name = fields.optionalText('run_name');
      const end = fields.all.end_time === undefined ? undefined : fields.whole('end_time', 0);
      const job = await store.write((writer) => {
        const found = mustFind(fields, writer);
        if (name) writer.setTag(found.name, 'mlflow.runName', name);
        const properties = name ? { ...found.properties, displayName: name } : found.properties;
        // A runner that has the job says itself when it ends: a script's last word comes before its outputs are verified.
        const next: JobStatus = status && found.claimedBy === null ? fromRunStatus(status) : found.status;
        const ended = found.claimedBy === null && isTerminal(next) ? { endedAt: end ?? Date.now() } : {};
        return writer.updateJob(found.name, properties, { status: next, ...ended });
      });
      return { run_info: toRun(store, job).info };
    },

    'runs/delete': async (fields) => {
      await store.write((writer) => writer.updateJob(mustFind(fields, writer).name, undefined, { isDeleted: true }));
      return {};
    },
    'runs/restore': async (fields) => {
      await store.write((writer) => writer.updateJob(mustFind(fields, writer).name, undefined, { isDeleted: false }));
      return {};
    },

    'runs/log-batch': async (fields) => {
      const metrics = fields.list<MetricPoint>('metrics');
      const params = fields.list<KeyValue>('params');
      const tags = fields.list<KeyValue>('tags');
      atMost('metrics', metrics.length, mlflowLimits.metricsPerBatch);
      atMost('params', params.length, mlflowLimits.paramsPerBatch);
      atMost('tags', tags.length, mlflowLimits.tagsPerBatch);
      atMost('items', metrics.length + params.length + tags.length, mlflowLimits.itemsPerBatch);
      const points = metrics.map(pointOf);
      await store.write((writer) => {
        const run = mustFind(fields, writer);
        writer.logPoints(run.name, points);
        for (const each of params) setParam(writer, run.name, each);
        for (const each of tags) setTag(writer, run.name, each);
      });
      return {};
    },
    'runs/log-metric': async (fields) => {
      const point = pointOf(fields.all as unknown as MetricPoint);
      await store.write((writer) => writer.logPoints(mustFind(fields, writer).name, [point]));
      return {};
    },
    'runs/log-parameter': async (fields) => {
      await store.write((writer) =>
        setParam(writer, mustFind(fields, writer).name, { key: fields.text('key'), value: fields.optionalText('value') ?? '' }),
      );
      return {};
    },
    'runs/set-tag': async (fields) => {
      await store.write((writer) =>
        setTag(writer, mustFind(fields, writer).name, { key: fields.text('key'), value: fields.optionalText('value') ?? '' }),
      );
      return {};
    },
    'runs/delete-tag': async (fields) => {
      await store.write((writer) => {
        const { name } = mustFind(fields, writer);
        const key = fields.text('key');
        if (!(key in writer.tags(name))) throw new UserError('NotFound', `No tag with name: ${key} in run with id ${name}`);
        writer.setTag(name, key, null);
      });
      return {};
    },

    'runs/search': (fields, ws) => {
      const ids = fields.list<string>('experiment_ids').map(String);
      const view = fields.optionalText('run_view_type') ?? 'ACTIVE_ONLY';
      const test = parseRunFilter(fields.optionalText('filter') ?? '');
      const deleted = view === 'ALL' ? undefined : view === 'DELETED_ONLY';
      const found = () =>
        sortRuns(
          ids
            .flatMap((id) => {
              const experiment = store.experiment(ws, { id });
              return experiment ? store.jobs(ws, { experiment: experiment.name, parent: null, deleted }, 0, 1_000_000) : [];
            })
            .map((job) => toRun(store, job))
            .filter(test),
          fields.list<string>('order_by'),
        );
      const { items, next } = pageOf(fields, (offset, limit) => found().slice(offset, offset + limit), 1000, 50_000);
      return { runs: items, ...next };
    },
  };
}

export function mustFind(fields: Fields, reader: Pick<StoreReader, 'job'>): StoredJob {
  const id = fields.text('run_id', 'run_uuid');
  const job = reader.job(id);
  if (!job) throw new UserError('NotFound', `Run with id=${id} not found`);
  return job;
}

function setParam(writer: StoreWriter, job: string, { key, value }: KeyValue): void {
  checkKey('param', key);
  const text = String(value);
  if (text.length > mlflowLimits.paramLength)
    throw new UserError(
      'InvalidRequest',
      `Param value '${text.slice(0, 30)}…' had length ${text.length}, which exceeded length limit of ${mlflowLimits.paramLength}`,
    );
  if (!writer.setParam(job, key, text))
    throw new UserError(
      'InvalidRequest',
      `Changing param values is not allowed. Param with key='${key}' was already logged with another value for run ID='${job}'.`,
    );
}

function setTag(writer: StoreWriter, job: string, { key, value }: KeyValue): void {
  checkKey('tag', key);
  const text = String(value);
  if (text.length > mlflowLimits.tagLength)
    throw new UserError('InvalidRequest', `Tag value had length ${text.length}, which exceeded length limit of ${mlflowLimits.tagLength}`);
  writer.setTag(job, key, text);
  if (key === 'mlflow.runName') writer.updateJob(job, { ...writer.job(job)!.properties, displayName: text }, {});
}

function checkKey(what: string, key: unknown): asserts key is string {
  if (typeof key !== 'string' || key === '') throw new UserError('InvalidRequest', `Missing value for required parameter '${what}.key'.`);
  if (key.length > mlflowLimits.keyLength)
    throw new UserError('InvalidRequest', `The key of a ${what} may have at most ${mlflowLimits.keyLength} characters.`);
}

function atMost(what: string, count: number, most: number): void {
  if (count > most)
    throw new UserError(
      'InvalidRequest',
      `A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
    );
}

export function pointOf(metric: MetricPoint): Point {
  checkKey('metric', metric?.key);
  const whole = (name: 'timestamp' | 'step', fallback?: number) => {
    const number = metric[name] === undefined ? fallback : Number(metric[name]);
    if (number === undefined || !Number.isInteger(number))
      throw new UserError(
        'InvalidRequest',
        `Got invalid value ${metric[name]} for metric '${metric.key}' (${name}). Please specify ${name} as a whole number.`,
      );
    return number;
  };
  // JSON has no NaN: the client sends words.
  const words: Record<string, number> = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY };
  const value =
    typeof metric.value === 'string'
      ? (words[metric.value] ?? (metric.value.trim() === '' ? undefined : Number(metric.value)))
      : metric.value;
  if (typeof value !== 'number' || (Number.isNaN(value) && metric.value !== 'NaN')) {
    throw new UserError(
      'InvalidRequest',
      `Got invalid value ${JSON.stringify(metric.value)} for metric '${metric.key}'. Please specify value as a valid double (64-bit floating point)`,
    );
  }
  return { key: metric.key, value, at: whole('timestamp'), step: whole('step', 0) };
}

export const wordOf = (value: number): number | string =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
const toMetric = (point: Point): MetricPoint => ({ key: point.key, value: wordOf(point.value), timestamp: point.at, step: point.step });

/** A job as MLflow shows it. */
export function toRun(reader: StoreReader, job: StoredJob): Run {
  const tags = {
    'mlflow.runName': job.properties.displayName ?? job.name,
    ...(job.parent ? { 'mlflow.parentRunId': job.parent } : {}),
    ...reader.tags(job.name),
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
      artifact_uri: `mlflow-artifacts:/${job.experimentId}/${job.name}/artifacts`,
      lifecycle_stage: job.isDeleted ? 'deleted' : 'active',
    },
    data: {
      metrics: reader.latestMetrics(job.name).map(toMetric),
      params: reader.params(job.name),
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    },
  };
}
