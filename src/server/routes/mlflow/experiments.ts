import { UserError } from '../../../base/userError.ts';
import type { Experiment, KeyValue } from '../../../protocol/mlflow.ts';
import type { StoredExperiment } from '../../../store/store.ts';
import type { Services } from '../../services.ts';
import { type Fields, pageOf } from './request.ts';

type Handler = (fields: Fields, workspace: string) => Promise<unknown> | unknown;

/** MLflow's experiment endpoints. */
export function experimentHandlers({ store }: Services): Record<string, Handler> {
  const byId = (fields: Fields, ws: string): StoredExperiment => {
    const id = fields.text('experiment_id');
    const found = /^\d+$/.test(id) ? store.experiment(ws, { id }) : undefined;
    if (!found) throw new UserError('NotFound', `No Experiment with id=${id} exists`);
    return found;
  };
  return {
    'experiments/create': async (fields, ws) => {
      const name = fields.text('name');
      const tags = Object.fromEntries(fields.list<KeyValue>('tags').map(({ key, value }) => [key, value]));
      const made = await store.write((writer) => {
        if (writer.experiment(ws, { name })) throw new UserError('Conflict', `Experiment(name=${name}) already exists.`);
        return writer.createExperiment(ws, name, tags);
      });
      return { experiment_id: made.id };
    },
    'experiments/get': (fields, ws) => ({ experiment: toExperiment(byId(fields, ws)) }),
    'experiments/get-by-name': (fields, ws) => {
      const name = fields.text('experiment_name');
      const found = store.experiment(ws, { name });
      if (!found) throw new UserError('NotFound', `Could not find experiment with name '${name}'`);
      return { experiment: toExperiment(found) };
    },
    'experiments/search': (fields, ws) => {
      const filter = /^\s*(?:attributes?\.)?name\s*(=|I?LIKE)\s*'((?:[^']|'')*)'\s*$/i.exec(fields.optionalText('filter') ?? '');
      if (fields.optionalText('filter') && !filter)
        throw new UserError(
          'InvalidRequest',
          `The experiment filter '${fields.optionalText('filter')}' is not supported yet; "name = '…'" and "name LIKE '…'" are.`,
        );
      const pattern =
        filter &&
        new RegExp(
          `^${filter[2]!.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(filter[1] === '=' ? '\0' : '%', '[^]*')}$`,
          /ilike/i.test(filter[1]!) ? 'i' : '',
        );
      const view = fields.optionalText('view_type') ?? 'ACTIVE_ONLY';
      const all = () => {
        const found = [
          ...(view === 'DELETED_ONLY' ? [] : store.experiments(ws, 0, 1_000_000)),
          ...(view === 'ACTIVE_ONLY' ? [] : store.experiments(ws, 0, 1_000_000, true)),
        ];
        return pattern ? found.filter((each) => pattern.test(each.name)) : found;
      };
      const { items, next } = pageOf(fields, (offset, limit) => all().slice(offset, offset + limit), 1000, 50_000);
      return { experiments: items.map(toExperiment), ...next };
    },
    'experiments/update': async (fields, ws) => {
      const { id } = byId(fields, ws);
      await store.write((writer) => writer.updateExperiment(ws, id, { name: fields.text('new_name') }));
      return {};
    },
    'experiments/delete': async (fields, ws) => {
      const { id } = byId(fields, ws);
      await store.write((writer) => writer.updateExperiment(ws, id, { isDeleted: true }));
      return {};
    },
    'experiments/restore': async (fields, ws) => {
      const { id } = byId(fields, ws);
      await store.write((writer) => writer.updateExperiment(ws, id, { isDeleted: false }));
      return {};
    },
    'experiments/set-experiment-tag': async (fields, ws) => {
      const { id } = byId(fields, ws);
      await store.write((writer) =>
        writer.updateExperiment(ws, id, { tags: { [fields.text('key')]: fields.optionalText('value') ?? '' } }),
      );
      return {};
    },
    'experiments/delete-experiment-tag': async (fields, ws) => {
      const { id } = byId(fields, ws);
      await store.write((writer) => writer.updateExperiment(ws, id, { tags: { [fields.text('key')]: null } }));
      return {};
    },
  };
}

function toExperiment(stored: StoredExperiment): Experiment {
  return {
    experiment_id: stored.id,
    name: stored.name,
    artifact_location: `mlflow-artifacts:/${stored.id}`,
    lifecycle_stage: stored.isDeleted ? 'deleted' : 'active',
    creation_time: stored.createdAt,
    last_update_time: stored.modifiedAt,
    tags: Object.entries(stored.tags).map(([key, value]) => ({ key, value })),
  };
}
