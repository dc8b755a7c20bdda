import { randomUUID } from 'node:crypto';
import { UserError } from '../../../base/userError.ts';
import type { StoredEntity } from '../../../store/entities.ts';
import type { ModelMetric } from '../../../store/lineage.ts';
import type { StoreReader, StoreWriter } from '../../../store/store.ts';
import { artifactRoot, below, listFolder, servedAddress } from './artifactAddress.ts';
import { safeMlflowPath } from './artifacts.ts';
import type { Endpoints } from './endpoint.ts';
import { activeExperiment, experimentsOf } from './experiments.ts';
import { type Comparison, parseFilter, passes, sortBy } from './filter.ts';
import { noSuchModel } from './lineage.ts';
import { checkPathLike, someName } from './names.ts';
import { Fields, invalid, invalidValue, missing, pageOf } from './request.ts';
import { wordOf } from './runs.ts';

/** MLflow's LoggedModelStatus by number, from its proto. */
const statuses = ['LOGGED_MODEL_STATUS_UNSPECIFIED', 'LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'] as const;

/** What is kept of a logged model. */
interface LoggedModel {
  model_id: string;
  experiment_id: string;
  name: string;
  artifact_location: string;
  creation_timestamp_ms: number;
  last_updated_timestamp_ms: number;
  status: (typeof statuses)[number];
  model_type?: string | undefined;
  source_run_id?: string | undefined;
  params: Record<string, string>;
  tags: Record<string, string>;
  deleted?: boolean;
}

/** MLflow 3's logged models: what a run trained, before anybody registers it. */
export function loggedModelEndpoints(): Endpoints {
  return {
    'POST logged-models': async (fields, { store }) => {
      const name = fields.optionalText('name') || someName();
      checkModelName(name);
      const [params, tags] = [fields.pairs('params'), fields.pairs('tags')];
      const made = await store.write(async (writer) => {
        const experiment = await activeExperiment(writer, fields.text('experiment_id'));
        const id = `m-${randomUUID().replaceAll('-', '')}`;
        const now = Date.now();
        return put(writer, {
          model_id: id,
          experiment_id: experiment.id,
          name,
          artifact_location: below(artifactRoot(experiment.id, experiment.artifactLocation), 'models', id, 'artifacts'),
          creation_timestamp_ms: now,
          last_updated_timestamp_ms: now,
          status: 'LOGGED_MODEL_PENDING',
          model_type: fields.optionalText('model_type') || undefined,
          source_run_id: fields.optionalText('source_run_id') || undefined,
          params,
          tags,
        });
      });
      return { model: await shown(store, made) };
    },
    'GET logged-models/{model_id}': async (fields, { store }) => ({
      model: await shown(store, await find(store, fields.text('model_id'))),
    }),
    'PATCH logged-models/{model_id}': async (fields, { store }) => {
      const status = statusIn(fields);
      const changed = await store.write(async (writer) => {
        const model = await find(writer, fields.text('model_id'));
        return put(writer, { ...model, status, last_updated_timestamp_ms: Date.now() });
      });
      return { model: await shown(store, changed) };
    },
    'DELETE logged-models/{model_id}': async (fields, { store }) => {
      await store.write(async (writer) =>
        put(writer, { ...(await find(writer, fields.text('model_id'))), deleted: true, last_updated_timestamp_ms: Date.now() }),
      );
      return {};
    },
    'POST logged-models/{model_id}/params': async (fields, { store }) => {
      const params = fields.pairs('params');
      await store.write(async (writer) => {
        const model = await find(writer, fields.text('model_id'));
        await put(writer, { ...model, params: { ...model.params, ...params } });
      });
      return {};
    },
    'PATCH logged-models/{model_id}/tags': async (fields, { store }) => {
      const tags = fields.pairs('tags');
      const changed = await store.write(async (writer) => {
        const model = await find(writer, fields.text('model_id'));
        return put(writer, { ...model, tags: { ...model.tags, ...tags } });
      });
      return { model: await shown(store, changed) };
    },
    'DELETE logged-models/{model_id}/tags/{tag_key}': async (fields, { store }) => {
      const key = fields.text('tag_key');
      await store.write(async (writer) => {
        const model = await find(writer, fields.text('model_id'));
        const { [key]: old, ...tags } = model.tags;
        if (old === undefined) throw new UserError('NotFound', `No tag with key '${key}' found for model with ID '${model.model_id}'.`);
        await put(writer, { ...model, tags });
      });
      return {};
    },
    'GET logged-models/{model_id}/artifacts/directories': async (fields, { store }) => {
      const model = await find(store, fields.text('model_id'));
      const path = safeMlflowPath(fields.optionalText('artifact_directory_path') ?? '');
      const address = servedAddress(model.artifact_location);
      if (!address)
        throw invalid(`The artifacts of this model are at ${model.artifact_location}, which this control plane does not serve.`);
      const files = await listFolder(store, { ...address, path: path ? `${address.path}/${path}` : address.path });
      return {
        root_uri: model.artifact_location,
        files: files.map((each) => ({ ...each, path: path ? `${path}/${each.path}` : each.path })),
      };
    },
    'POST logged-models/search': async (fields, { store }) => {
      const ids = fields.texts('experiment_ids');
      if (ids.length === 0) throw missing('experiment_ids');
      const datasets = fields.objects<{ dataset_name: string; dataset_digest: string }>('datasets');
      if (datasets.some((each) => !each.dataset_name)) throw invalid('`dataset_name` in the `datasets` clause must be specified.');
      const fits = (metric: ModelMetric) =>
        datasets.length === 0 ||
        datasets.some(
          (each) => metric.datasetName === each.dataset_name && (!each.dataset_digest || metric.datasetDigest === each.dataset_digest),
        );
      const metrics = new Map<string, ModelMetric[]>();
      const metricsOf: MetricsOf = ({ model_id }) => metrics.get(model_id) ?? [];
      const comparisons = parseFilter(fields.optionalText('filter'));
      const tests = comparisons.map((comparison) => testOf(metricsOf, comparison, fits));
      const byMetric = comparisons.some(({ scope }) => scope === 'metrics');
      if (datasets.length && !byMetric) tests.push((model) => metricsOf(model).some(fits));
      const order = fields.objects('order_by').map((each) => orderOf(metricsOf, new Fields(each as Record<string, unknown>)));
      const { items, next } = await pageOf(
        fields,
        async (offset, limit) => {
          const all: LoggedModel[] = [];
          for (const id of await experimentsOf(store, ids)) all.push(...(await store.entities.list('loggedModel', id)).map(modelOf));
          if (datasets.length || byMetric || order.some(({ isOfMetric }) => isOfMetric))
            for (const { model_id } of all) metrics.set(model_id, await store.lineage.modelMetrics(model_id));
          const models = all.filter((model) => !model.deleted && tests.every((test) => test(model)));
          return sortBy(models, [
            ...order,
            { read: (model) => model.creation_timestamp_ms, descending: true },
            { read: (model) => model.model_id, descending: false },
          ]).slice(offset, offset + limit);
        },
        100,
        1000,
      );
      return { models: await Promise.all(items.map(async (model) => shown(store, model))), ...next };
    },
  };
}

const modelOf = (entity: StoredEntity): LoggedModel => entity.body as LoggedModel;

async function find(reader: StoreReader, id: string): Promise<LoggedModel> {
  const found = await reader.entities.get('loggedModel', id);
  if (!found || found.body.deleted) throw noSuchModel(id);
  return modelOf(found);
}

async function put(writer: StoreWriter, model: LoggedModel): Promise<LoggedModel> {
  await writer.entities.put({
    kind: 'loggedModel',
    id: model.model_id,
    scope: model.experiment_id,
    at: model.creation_timestamp_ms,
    body: model,
  });
  return model;
}

function checkModelName(name: string): void {
  if (/[/:.%"']/.test(name))
    throw invalid(
      `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    );
  checkPathLike(name, 'name');
}

function statusIn(fields: Fields): LoggedModel['status'] {
  const given = fields.all.status;
  if (given === undefined || given === null) throw missing('status');
  const status = typeof given === 'number' ? statuses[given] : statuses.find((each) => each === given);
  if (!status) throw invalidValue('status', given);
  return status;
}

type Value = string | number | undefined;

const attributes: Record<string, (model: LoggedModel) => Value> = {
  name: (model) => model.name,
  model_id: (model) => model.model_id,
  model_type: (model) => model.model_type,
  status: (model) => model.status.replace(/^LOGGED_MODEL_/, ''),
  source_run_id: (model) => model.source_run_id,
  experiment_id: (model) => model.experiment_id,
  creation_time: (model) => model.creation_timestamp_ms,
  creation_timestamp: (model) => model.creation_timestamp_ms,
  last_updated_timestamp: (model) => model.last_updated_timestamp_ms,
};

function attributeOf(key: string, what: string): (model: LoggedModel) => Value {
  if (!Object.hasOwn(attributes, key)) throw invalid(`Invalid ${what}: ${key}`);
  return attributes[key]!;
}

/** The metrics of a model, read before. */
type MetricsOf = (model: LoggedModel) => ModelMetric[];

function testOf(metricsOf: MetricsOf, comparison: Comparison, fits: (metric: ModelMetric) => boolean): (model: LoggedModel) => boolean {
  const { scope, key } = comparison;
  if (scope === 'metrics') {
    if (typeof comparison.value !== 'number')
      throw invalid(`Expected numeric value type for metric. Found ${JSON.stringify(comparison.value)}`);
    return (model) => metricsOf(model).some((metric) => metric.key === key && fits(metric) && passes(metric.value, comparison));
  }
  if (scope === 'params') return (model) => passes(model.params[key], comparison);
  if (scope === 'tags') return (model) => passes(model.tags[key], comparison);
  if (!['', 'attribute', 'attributes'].includes(scope)) throw invalid(`Invalid filter: unknown entity type '${scope}'.`);
  const read = attributeOf(key, 'attribute in filter');
  return (model) => passes(read(model), comparison);
}

function orderOf(metricsOf: MetricsOf, by: Fields): { read: (model: LoggedModel) => Value; descending: boolean; isOfMetric: boolean } {
  const field = by.text('field_name');
  const descending = by.flag('ascending') === false;
  if (!field.includes('.')) return { read: attributeOf(field, 'order by field name'), descending, isOfMetric: false };
  const metric = /^metrics\.(.+)$/s.exec(field)?.[1];
  if (!metric) throw invalid(`Invalid order by field name: ${field}. Only metrics are supported.`);
  const [name, digest] = [by.optionalText('dataset_name') || undefined, by.optionalText('dataset_digest') || undefined];
  return {
    descending,
    isOfMetric: true,
    read: (model) => {
      const measured = metricsOf(model).filter(
        (each) => each.key === metric && (!name || each.datasetName === name) && (!digest || each.datasetDigest === digest),
      );
      return measured.sort((a, b) => b.at - a.at || b.step - a.step)[0]?.value;
    },
  };
}

/** The newest of each metric, per run and dataset, as MLflow shows them. */
async function shown(reader: StoreReader, model: LoggedModel): Promise<Record<string, unknown>> {
  const { artifact_location, params, tags, deleted: _deleted, ...info } = model;
  const pairs = (map: Record<string, string>) => Object.entries(map).map(([key, value]) => ({ key, value }));
  const metrics = await reader.lineage.modelMetrics(model.model_id);
  return {
    info: { ...info, artifact_uri: artifact_location, tags: pairs(tags) },
    data: {
      params: pairs(params),
      metrics: metrics.map(({ key, value, at, step, run, datasetName, datasetDigest }) => ({
        key,
        value: wordOf(value),
        timestamp: at,
        step,
        model_id: model.model_id,
        run_id: run,
        ...(datasetName ? { dataset_name: datasetName } : {}),
        ...(datasetDigest ? { dataset_digest: datasetDigest } : {}),
      })),
    },
  };
}
