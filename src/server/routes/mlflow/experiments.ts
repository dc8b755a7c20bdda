import path from 'node:path';
import { cwd } from 'node:process';
import { filterAsync } from '../../../base/filterAsync.ts';
import { UserError } from '../../../base/userError.ts';
import type { Experiment } from '../../../protocol/mlflow.ts';
import type { StoredExperiment, StoreReader, StoreWriter } from '../../../store/store.ts';
import { artifactRoot } from './artifactAddress.ts';
import type { Endpoints } from './endpoint.ts';
import { type Comparison, parseFilter, parseOrder, passes, sortBy } from './filter.ts';
import { checkLength, checkName, isLonger, lengthLimits } from './names.ts';
import { invalid, pageOf } from './request.ts';

/** MLflow's experiment endpoints. */
export function experimentEndpoints(): Endpoints {
  return {
    'POST experiments/create': async (fields, { store }) => {
      const name = fields.text('name');
      checkExperimentName(name);
      const location = fields.optionalText('artifact_location') || undefined;
      const tags = fields.pairs('tags');
      for (const [key, value] of Object.entries(tags)) checkTag(key, value);
      const made = await store.write(async (writer) => {
        if (await writer.experiment({ name })) throw new UserError('Conflict', `Experiment(name=${name}) already exists.`);
        return writer.createExperiment(name, tags, location && artifactPlace(location));
      });
      return { experiment_id: made.id };
    },
    'GET experiments/get': async (fields, { store }) => ({
      experiment: toExperiment(await experimentById(store, fields.text('experiment_id'))),
    }),
    'GET experiments/get-by-name': async (fields, { store }) => {
      const name = fields.text('experiment_name');
      const found = await store.experiment({ name });
      if (!found) throw new UserError('NotFound', `Could not find experiment with name '${name}'`);
      return { experiment: toExperiment(found) };
    },
    'GET|POST experiments/search': async (fields, { store }) => {
      const tests = parseFilter(fields.optionalText('filter')).map(testOf);
      const order = parseOrder(fields.texts('order_by')).map(({ scope, key, descending }) => ({
        read: attributeOf(scope, key),
        descending,
      }));
      const view = fields.optionalText('view_type') || 'ACTIVE_ONLY';
      const { items, next } = await pageOf(
        fields,
        async (offset, limit) => {
          const all = [
            ...(view === 'DELETED_ONLY' ? [] : await store.experiments(0, 1_000_000)),
            ...(view === 'ACTIVE_ONLY' ? [] : await store.experiments(0, 1_000_000, true)),
          ].filter((each) => tests.every((test) => test(each)));
          const shown = fields.all.with_jobs === true ? await filterAsync(all, ({ name }) => hasJobs(store, name)) : all;
          const newest = [
            { read: (each: StoredExperiment) => each.createdAt, descending: true },
            { read: (each: StoredExperiment) => Number(each.id), descending: order.length === 0 },
          ];
          return sortBy(shown, [...order, ...newest]).slice(offset, offset + limit);
        },
        1000,
        50_000,
      );
      return { experiments: items.map(toExperiment), ...next };
    },
    'POST experiments/update': async (fields, { store }) => {
      const name = fields.text('new_name');
      checkExperimentName(name);
      await store.write(async (writer) => {
        const experiment = await experimentById(writer, fields.text('experiment_id'));
        if (experiment.isDeleted) throw new UserError('InvalidTransition', 'Cannot rename a non-active experiment.');
        if (name !== experiment.name && (await writer.experiment({ name })))
          throw new UserError('Conflict', `Experiment(name=${name}) already exists.`);
        await writer.updateExperiment(experiment.id, { name });
      });
      return {};
    },
    'POST experiments/delete': (fields, { store }) => store.write((writer) => setDeleted(writer, fields.text('experiment_id'), true)),
    'POST experiments/restore': (fields, { store }) => store.write((writer) => setDeleted(writer, fields.text('experiment_id'), false)),
    'POST experiments/set-experiment-tag': async (fields, { store }) => {
      const [id, key, value] = [fields.text('experiment_id'), fields.text('key'), fields.optionalText('value') ?? ''];
      checkTag(key, value);
      await store.write(async (writer) => writer.updateExperiment((await activeExperiment(writer, id)).id, { tags: { [key]: value } }));
      return {};
    },
    'POST experiments/delete-experiment-tag': async (fields, { store }) => {
      const [id, key] = [fields.text('experiment_id'), fields.text('key')];
      await store.write(async (writer) => {
        if (!Object.hasOwn((await activeExperiment(writer, id)).tags, key))
          throw new UserError('NotFound', `No tag with name: ${key} in experiment with id ${id}`);
        await writer.updateExperiment(id, { tags: { [key]: null } });
      });
      return {};
    },
  };
}

/** Whether a list of the experiment's jobs would show one. Beside MLflow's own: our client asks for `with_jobs`. */
const hasJobs = async (reader: StoreReader, experiment: string): Promise<boolean> =>
  (await reader.jobs({ experiment, parent: undefined, archived: false, deleted: false }, 0, 1)).length > 0;

/** Those of the ids that are experiments of the workspace. */
export const experimentsOf = (reader: StoreReader, ids: string[]): Promise<string[]> =>
  filterAsync(ids, async (id) => /^\d{1,15}$/.test(id) && (await reader.experiment({ id })) !== undefined);

/** Throws `NotFound`, for another workspace's too. */
export async function experimentById(reader: StoreReader, id: string): Promise<StoredExperiment> {
  const found = /^\d{1,15}$/.test(id) ? await reader.experiment({ id }) : undefined;
  // Clients take 0 for the experiment that every workspace has; there is only one that has this id.
  const usual = found || id !== '0' ? found : await reader.experiment({ name: 'Default' });
  if (!usual) throw new UserError('NotFound', `No Experiment with id=${id} exists`);
  return usual;
}

/** As `experimentById`; throws when it is deleted, too. */
export async function activeExperiment(reader: StoreReader, id: string): Promise<StoredExperiment> {
  const found = await experimentById(reader, id);
  if (found.isDeleted) throw invalid(`The experiment ${id} must be in the 'active' state. Current state is deleted.`);
  return found;
}

/** Runs go and come back with their experiment. */
async function setDeleted(writer: StoreWriter, id: string, isDeleted: boolean): Promise<object> {
  const experiment = await experimentById(writer, id);
  if (experiment.isDeleted === isDeleted)
    throw new UserError('NotFound', `No ${isDeleted ? 'active' : 'deleted'} Experiment with id=${id} exists`);
  for (const job of await writer.jobs({ experiment: experiment.name, parent: null, deleted: !isDeleted }, 0, 1_000_000))
    await writer.updateJob(job, undefined, { isDeleted });
  await writer.updateExperiment(id, { isDeleted });
  return {};
}

function checkExperimentName(name: string): void {
  if (isLonger(name, lengthLimits.experimentName))
    throw invalid(`'name' exceeds the maximum length of ${lengthLimits.experimentName} characters`);
}

function checkTag(key: string, value: string): void {
  checkName(key, 'key');
  checkLength('key', lengthLimits.key, key);
  checkLength('value', lengthLimits.experimentTag, value);
}

/** Where artifacts go by the client's own choice: a uri as it is, a path made absolute as MLflow does. We never write there. */
function artifactPlace(location: string): string {
  if (location.startsWith('runs:')) throw invalid(`Artifact location cannot be a runs:/ URI. Given: '${location}'`);
  if (location.length > 2048) throw invalid('Invalid artifact path length. The length of the artifact path cannot be greater than 2048.');
  const uri = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(location);
  if (/[#;?]/.test(uri ? location.replace(/\?.*$/s, '') : location) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(decoded(location)))
    throw invalid(`Invalid artifact_location: '${location}'. It must be a path or URI without "..", "#" and ";".`);
  return uri ? location : path.resolve(cwd(), location);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const attributes: Record<string, (experiment: StoredExperiment) => string | number> = {
  name: (each) => each.name,
  experiment_id: (each) => Number(each.id),
  creation_time: (each) => each.createdAt,
  last_update_time: (each) => each.modifiedAt,
};
/** Beside MLflow's own: our client lists what is used. */
const lastUsed = (experiment: StoredExperiment): number => experiment.usedAt;

function attributeOf(scope: string, key: string): (experiment: StoredExperiment) => string | number {
  const read = ['', 'attribute', 'attributes', 'attr'].includes(scope)
    ? (attributes[key] ?? (key === 'last_used_time' ? lastUsed : undefined))
    : undefined;
  if (!read) throw invalid(`Invalid attribute key '${key}' specified. Valid keys are '${Object.keys(attributes).join("', '")}'`);
  return read;
}

function testOf(comparison: Comparison): (experiment: StoredExperiment) => boolean {
  const { scope, key } = comparison;
  if (scope === 'tag' || scope === 'tags') return (each) => passes(each.tags[key], comparison);
  const read = attributeOf(scope, key);
  return (each) => passes(read(each), comparison);
}

function toExperiment(stored: StoredExperiment): Experiment {
  return {
    experiment_id: stored.id,
    name: stored.name,
    artifact_location: artifactRoot(stored.id, stored.artifactLocation),
    lifecycle_stage: stored.isDeleted ? 'deleted' : 'active',
    creation_time: stored.createdAt,
    last_update_time: stored.modifiedAt,
    tags: Object.entries(stored.tags).map(([key, value]) => ({ key, value })),
  };
}
