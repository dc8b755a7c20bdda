import { createHash, randomUUID } from 'node:crypto';
import { filterAsync } from '../../../base/filterAsync.ts';
import { UserError } from '../../../base/userError.ts';
import type { StoredEntity } from '../../../store/entities.ts';
import type { StoreReader, StoreWriter, WorkspaceStore } from '../../../store/store.ts';
import type { Endpoints } from './endpoint.ts';
import { experimentById } from './experiments.ts';
import { type Comparison, parseFilter, parseOrder, passes, sortBy } from './filter.ts';
import { canonicalJson, objectIn, objectsIn } from './json.ts';
import { type Fields, invalid, pageOf } from './request.ts';

/** What is kept of an evaluation dataset. Times in ms since 1970. */
interface Dataset {
  dataset_id: string;
  name: string;
  digest: string;
  created_time: number;
  last_update_time: number;
  created_by?: string | undefined;
  last_updated_by?: string | undefined;
  tags: Record<string, unknown>;
  schema?: Schema;
  records: number;
  experiment_ids: string[];
}
interface Schema {
  inputs: Record<string, string>;
  outputs: Record<string, string>;
  expectations: Record<string, string>;
  version: '1.0';
}

const userTag = 'mlflow.user';

/** MLflow's evaluation datasets: records of inputs and expectations, shared by experiments. */
export function evaluationEndpoints(): Endpoints {
  const change = (
    store: WorkspaceStore,
    fields: Fields,
    work: (dataset: Dataset, writer: StoreWriter) => Partial<Dataset> | Promise<Partial<Dataset>>,
  ) =>
    store.write(async (writer) => {
      const dataset = await find(writer, fields.text('dataset_id'));
      return put(writer, { ...dataset, ...(await work(dataset, writer)) });
    });
  return {
    // Experiments are not looked for, as MLflow does not either: a copied dataset may come before them.
    'POST datasets/create': async (fields, { store }) => {
      const name = fields.text('name');
      const tags = objectIn(fields.optionalText('tags'), 'tags');
      const experiments = fields.texts('experiment_ids');
      const made = await store.write((writer) => {
        const now = Date.now();
        const user = tags[userTag] === undefined ? undefined : String(tags[userTag]);
        return put(writer, {
          dataset_id: `d-${randomUUID().replaceAll('-', '')}`,
          name,
          digest: digestOf(name, now),
          created_time: now,
          last_update_time: now,
          created_by: user,
          last_updated_by: user,
          tags,
          records: 0,
          experiment_ids: experiments,
        });
      });
      return { dataset: shown(made) };
    },
    'GET datasets/{dataset_id}': async (fields, { store }) => ({ dataset: shown(await find(store, fields.text('dataset_id'))) }),
    'DELETE datasets/{dataset_id}': async (fields, { store }) => {
      await store.write(async (writer) => {
        await writer.entities.deleteAll('datasetRecord', fields.text('dataset_id'));
        await writer.entities.delete('evaluationDataset', fields.text('dataset_id'));
      });
      return {};
    },
    'GET|POST datasets/search': async (fields, { store }) => {
      const experiments = fields.texts('experiment_ids');
      const tests = parseFilter(fields.optionalText('filter_string')).map(testOf);
      const asked = fields.texts('order_by');
      const order = parseOrder(asked.length ? asked : ['created_time DESC']).map(({ scope, key, descending }) => ({
        read: attributeOf(scope, key),
        descending,
      }));
      const { items, next } = await pageOf(
        fields,
        async (offset, limit) =>
          sortBy(
            (await store.entities.list('evaluationDataset'))
              .map(datasetOf)
              .filter(
                (dataset) =>
                  (experiments.length === 0 || dataset.experiment_ids.some((id) => experiments.includes(id))) &&
                  tests.every((test) => test(dataset)),
              ),
            [...order, { read: (dataset) => dataset.dataset_id, descending: false }],
          ).slice(offset, offset + limit),
        1000,
        50_000,
      );
      return { datasets: items.map(shown), ...next };
    },
    'PATCH datasets/{dataset_id}/tags': async (fields, { store }) => {
      const tags = objectIn(fields.text('tags'), 'tags');
      const changed = await change(store, fields, (dataset) => {
        const next = { ...dataset.tags, ...tags };
        for (const [key, value] of Object.entries(next)) if (value === null) delete next[key];
        return { tags: next, last_update_time: Date.now() };
      });
      return { dataset: shown(changed) };
    },
    'DELETE datasets/{dataset_id}/tags/{key}': async (fields, { store }) => {
      const changed = await change(store, fields, (dataset) => {
        const { [fields.text('key')]: _gone, ...tags } = dataset.tags;
        return { tags };
      });
      return { dataset: shown(changed) };
    },
    'GET datasets/{dataset_id}/experiment-ids': async (fields, { store }) => ({
      experiment_ids: (await find(store, fields.text('dataset_id'))).experiment_ids,
    }),
    'POST datasets/{dataset_id}/add-experiments': async (fields, { store }) => {
      const changed = await change(store, fields, async (dataset, writer) => {
        const ids = fields.texts('experiment_ids');
        for (const id of ids) await experimentById(writer, id);
        return { experiment_ids: [...new Set([...dataset.experiment_ids, ...ids])], last_update_time: Date.now() };
      });
      return { dataset: shown(changed) };
    },
    'POST datasets/{dataset_id}/remove-experiments': async (fields, { store }) => {
      const gone = fields.texts('experiment_ids');
      const changed = await change(store, fields, (dataset) => ({
        experiment_ids: dataset.experiment_ids.filter((id) => !gone.includes(id)),
        last_update_time: Date.now(),
      }));
      return { dataset: shown(changed) };
    },

    'POST datasets/{dataset_id}/records': async (fields, { store }) => {
      const records = objectsIn(fields.text('records'), 'records');
      return store.write(async (writer) => {
        const dataset = await find(writer, fields.text('dataset_id'));
        let inserted = 0;
        for (const [index, record] of records.entries()) if (await upsert(writer, dataset, record, Date.now() + index / 1e6)) inserted++;
        const now = Date.now();
        const by = records.map((record) => record.tags?.[userTag]).findLast((user) => user !== undefined);
        await put(writer, {
          ...dataset,
          digest: digestOf(dataset.name, now),
          last_update_time: now,
          last_updated_by: by,
          records: dataset.records + inserted,
          schema: schemaWith(dataset.schema, records),
        });
        return { inserted_count: inserted, updated_count: records.length - inserted };
      });
    },
    'GET datasets/{dataset_id}/records': async (fields, { store }) => {
      const { dataset_id } = await find(store, fields.text('dataset_id'));
      const { items, next } = await pageOf(
        fields,
        async (offset, limit) =>
          sortBy(await store.entities.list('datasetRecord', dataset_id), [
            { read: (entity) => entity.body.created_time, descending: false },
            { read: (entity) => entity.body.position, descending: false },
          ]).slice(offset, offset + limit),
        1000,
        50_000,
      );
      return { records: JSON.stringify(items.map(recordOf)), ...next };
    },
    'DELETE datasets/{dataset_id}/records': async (fields, { store }) => {
      const ids = fields.texts('dataset_record_ids');
      return store.write(async (writer) => {
        const dataset = await find(writer, fields.text('dataset_id'));
        const gone = await filterAsync(ids, async (id) => (await writer.entities.get('datasetRecord', id))?.scope === dataset.dataset_id);
        for (const id of gone) await writer.entities.delete('datasetRecord', id);
        await put(writer, { ...dataset, records: dataset.records - gone.length });
        return { deleted_count: gone.length };
      });
    },
  };
}

const datasetOf = (entity: StoredEntity): Dataset => entity.body as Dataset;

async function find(reader: StoreReader, id: string): Promise<Dataset> {
  const found = await reader.entities.get('evaluationDataset', id);
  if (!found) throw new UserError('NotFound', `Evaluation dataset with id '${id}' not found`);
  return datasetOf(found);
}

async function put(writer: StoreWriter, dataset: Dataset): Promise<Dataset> {
  await writer.entities.put({ kind: 'evaluationDataset', id: dataset.dataset_id, scope: '', at: dataset.created_time, body: dataset });
  return dataset;
}

const digestOf = (name: string, at: number): string => createHash('sha256').update(`${name}:${at}`).digest('hex').slice(0, 8);

function shown({ tags, schema, records, ...dataset }: Dataset): Record<string, unknown> {
  return {
    ...dataset,
    tags: JSON.stringify(tags),
    ...(schema ? { schema: JSON.stringify(schema) } : {}),
    ...(records ? { profile: JSON.stringify({ num_records: records }) } : {}),
  };
}

/** Records with the same inputs are one record. True when it is new. */
async function upsert(writer: StoreWriter, dataset: Dataset, given: Record<string, any>, position: number): Promise<boolean> {
  const hash = createHash('sha256')
    .update(canonicalJson(given.inputs ?? {}))
    .digest('hex');
  // The id says what it stands for, so that it is found without a search.
  const id = `dr-${createHash('sha256').update(`${dataset.dataset_id}/${hash}`).digest('hex').slice(0, 32)}`;
  const now = Date.now();
  const found = await writer.entities.get('datasetRecord', id);
  const user = given.tags?.[userTag];
  const body = found
    ? {
        ...found.body,
        ...('outputs' in given ? { outputs: given.outputs } : {}),
        ...(given.expectations ? { expectations: { ...found.body.expectations, ...given.expectations } } : {}),
        ...(given.tags ? { tags: { ...found.body.tags, ...given.tags } } : {}),
        ...(user === undefined ? {} : { last_updated_by: user }),
        last_update_time: now,
      }
    : {
        dataset_record_id: id,
        dataset_id: dataset.dataset_id,
        inputs: given.inputs ?? {},
        ...('outputs' in given ? { outputs: given.outputs } : {}),
        ...(given.expectations ? { expectations: given.expectations } : {}),
        ...(given.tags ? { tags: given.tags } : {}),
        ...(given.source ? sourceOf(given.source) : {}),
        created_time: now,
        last_update_time: now,
        ...(user === undefined ? {} : { created_by: user, last_updated_by: user }),
        position,
      };
  await writer.entities.put({ kind: 'datasetRecord', id, scope: dataset.dataset_id, at: found?.at ?? now, body });
  return !found;
}

const sourceTypes = ['UNSPECIFIED', 'TRACE', 'HUMAN', 'DOCUMENT', 'CODE'];

function sourceOf(given: unknown): Record<string, unknown> {
  const { source_type, source_data = {} } = Object(given) as { source_type?: unknown; source_data?: Record<string, unknown> };
  const type = String(source_type ?? 'UNSPECIFIED').toUpperCase();
  if (!sourceTypes.includes(type))
    throw invalid(`Invalid dataset record source type: ${type}. Valid source types: ['${sourceTypes.join("', '")}']`);
  const trace = type === 'TRACE' ? source_data?.trace_id : undefined;
  return { source: { source_type: type, source_data }, source_type: type, ...(trace ? { source_id: trace } : {}) };
}

function recordOf({ body }: StoredEntity): Record<string, unknown> {
  const { position: _position, ...record } = body;
  return record;
}

function schemaWith(schema: Schema | undefined, records: Record<string, any>[]): Schema {
  const next: Schema = {
    inputs: { ...schema?.inputs },
    outputs: { ...schema?.outputs },
    expectations: { ...schema?.expectations },
    version: '1.0',
  };
  for (const record of records)
    for (const part of ['inputs', 'outputs', 'expectations'] as const)
      if (typeof record[part] === 'object' && record[part] !== null && !Array.isArray(record[part]))
        for (const [key, value] of Object.entries(record[part])) next[part][key] ??= typeOf(value);
  return next;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  return typeof value;
}

const attributes: Record<string, (dataset: Dataset) => string | number | undefined> = {
  name: (each) => each.name,
  dataset_id: (each) => each.dataset_id,
  created_time: (each) => each.created_time,
  last_update_time: (each) => each.last_update_time,
  created_by: (each) => each.created_by,
  last_updated_by: (each) => each.last_updated_by,
};

function attributeOf(scope: string, key: string): (dataset: Dataset) => string | number | undefined {
  const read = ['', 'attribute', 'attributes'].includes(scope) && Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  if (!read) throw invalid(`Invalid attribute key '${key}' specified. Valid keys are '${Object.keys(attributes).join("', '")}'`);
  return read;
}

function testOf(comparison: Comparison): (dataset: Dataset) => boolean {
  const { scope, key } = comparison;
  if (scope === 'tag' || scope === 'tags')
    return (each) => passes(each.tags[key] === undefined ? undefined : String(each.tags[key]), comparison);
  const read = attributeOf(scope, key);
  return (each) => passes(read(each), comparison);
}
