import { randomUUID } from 'node:crypto';
import { UserError } from '../../../base/userError.ts';
import type { StoredEntity } from '../../../store/entities.ts';
import type { StoreReader, WorkspaceStore } from '../../../store/store.ts';
import type { Endpoints } from './endpoint.ts';
import { activeExperiment } from './experiments.ts';
import { objectIn } from './json.ts';
import { type Fields, invalid } from './request.ts';

/** A scorer of an experiment with all its versions. They are never run here: clients keep them to run them themselves. */
interface Scorer {
  scorer_id: string;
  name: string;
  versions: { version: number; serialized: string; created: number }[];
}

/** MLflow's registered scorers. */
export function scorerEndpoints(): Endpoints {
  const all = async (store: WorkspaceStore, experiment: string): Promise<StoredEntity[]> =>
    (await store.entities.list('scorer', experiment)).sort((a, b) => (a.body.name < b.body.name ? -1 : 1));
  return {
    'POST scorers/register': async (fields, { store }) => {
      const [name, serialized] = [fields.text('name'), fields.text('serialized_scorer')];
      if (name.trim() === '') throw invalid('Scorer name cannot be empty.');
      objectIn(serialized, 'serialized_scorer');
      return store.write(async (writer) => {
        const experiment = await activeExperiment(writer, fields.text('experiment_id'));
        const found = (await writer.entities.list('scorer', experiment.id)).find(({ body }) => body.name === name);
        const scorer: Scorer = (found?.body as Scorer | undefined) ?? { scorer_id: randomUUID(), name, versions: [] };
        const now = Date.now();
        const version = (scorer.versions.at(-1)?.version ?? 0) + 1;
        await writer.entities.put({
          kind: 'scorer',
          id: scorer.scorer_id,
          scope: experiment.id,
          at: found?.at ?? now,
          body: { ...scorer, versions: [...scorer.versions, { version, serialized, created: now }] },
        });
        return {
          version,
          scorer_id: scorer.scorer_id,
          experiment_id: experiment.id,
          name,
          serialized_scorer: serialized,
          creation_time: now,
        };
      });
    },
    'GET scorers/list': async (fields, { store }) => {
      const asked = fields.has('experiment_id') ? [fields.text('experiment_id')] : fields.texts('experiment_ids');
      for (const id of asked) await activeExperiment(store, id);
      const entities: StoredEntity[] = [];
      for (const id of asked) entities.push(...(await all(store, id)));
      return { scorers: entities.map((entity) => shown(entity, entity.body.versions.at(-1))) };
    },
    'GET scorers/versions': async (fields, { store }) => {
      const found = await find(store, fields);
      return { scorers: (found.body as Scorer).versions.map((version) => shown(found, version)) };
    },
    'GET scorers/get': async (fields, { store }) => {
      const found = await find(store, fields);
      return { scorer: shown(found, versionIn(found, fields.optionalWhole('version'))) };
    },
    'DELETE scorers/delete': async (fields, { store }) => {
      const version = fields.optionalWhole('version');
      await store.write(async (writer) => {
        const found = await find(writer, fields);
        const left = version === undefined ? [] : (found.body as Scorer).versions.filter((each) => each !== versionIn(found, version));
        if (left.length) await writer.entities.put({ ...found, body: { ...found.body, versions: left } });
        else await writer.entities.delete('scorer', found.id);
      });
      return {};
    },
    // Nothing is scored by the plane, so that nothing is configured.
    'GET scorers/online-configs': () => ({ configs: [] }),
  };
}

async function find(reader: StoreReader, fields: Fields): Promise<StoredEntity> {
  const [experiment, name] = [await activeExperiment(reader, fields.text('experiment_id')), fields.text('name')];
  const found = (await reader.entities.list('scorer', experiment.id)).find(({ body }) => body.name === name);
  if (!found) throw new UserError('NotFound', `Scorer with name '${name}' not found for experiment ${experiment.id}.`);
  return found;
}

function versionIn(entity: StoredEntity, version: number | undefined): Scorer['versions'][number] {
  const { name, versions } = entity.body as Scorer;
  const found = version === undefined ? versions.at(-1) : versions.find((each) => each.version === version);
  if (!found)
    throw new UserError('NotFound', `Scorer with name '${name}' and version ${version} not found for experiment ${entity.scope}.`);
  return found;
}

function shown(entity: StoredEntity, version: Scorer['versions'][number]): Record<string, unknown> {
  return {
    experiment_id: Number(entity.scope),
    scorer_name: entity.body.name,
    scorer_version: version.version,
    serialized_scorer: version.serialized,
    creation_time: version.created,
    scorer_id: entity.id,
  };
}
