import { UserError } from '../../../base/userError.ts';
import type { KeyValue } from '../../../protocol/mlflow.ts';
import type { StoredResource, StoreReader, StoreWriter } from '../../../store/store.ts';
import type { Services } from '../../services.ts';
import { nextVersion, putVersion } from '../arm/assets.ts';
import { type Fields, pageOf } from './request.ts';

type Handler = (fields: Fields, workspace: string) => Promise<unknown> | unknown;

/** MLflow's model registry over ARM's models: a registered model is the container, a model version the version. */
export function registryHandlers({ store }: Services): Record<string, Handler> {
  const model = (fields: Fields, ws: string, reader: StoreReader = store): StoredResource => {
    const name = fields.text('name');
    const found = reader.resource(ws, 'models', name, '');
    if (!found) throw new UserError('NotFound', `Registered Model with name=${name} not found`);
    return found;
  };
  const version = (fields: Fields, ws: string, reader: StoreReader = store): StoredResource => {
    const [name, number] = [fields.text('name'), fields.text('version')];
    const found = reader.resource(ws, 'models', name, number);
    if (!found) throw new UserError('NotFound', `Model Version (name=${name}, version=${number}) not found`);
    return found;
  };
  const change = (
    ws: string,
    find: (writer: StoreWriter) => StoredResource,
    fields: (properties: Record<string, any>) => Record<string, unknown>,
  ) =>
    store.write((writer) => {
      const found = find(writer);
      return writer.putResource({ ...found, workspace: ws, properties: { ...found.properties, ...fields(found.properties) } });
    });
  const withTag = (key: string, value: string | undefined) => (properties: Record<string, any>) => {
    const tags = { ...properties.tags };
    if (value === undefined) delete tags[key];
    else tags[key] = value;
    return { tags };
  };

  return {
    'registered-models/create': async (fields, ws) => {
      const name = fields.text('name');
      const made = await store.write((writer) => {
        if (writer.resource(ws, 'models', name, '')) throw new UserError('Conflict', `Registered Model (name=${name}) already exists.`);
        return writer.putResource({
          workspace: ws,
          kind: 'models',
          name,
          version: '',
          properties: { description: fields.optionalText('description') ?? null, tags: tagsOf(fields) },
        });
      });
      return { registered_model: toModel(store, made) };
    },
    'registered-models/get': (fields, ws) => ({ registered_model: toModel(store, model(fields, ws)) }),
    'registered-models/update': async (fields, ws) => ({
      registered_model: toModel(
        store,
        await change(
          ws,
          (writer) => model(fields, ws, writer),
          () => ({ description: fields.optionalText('description') ?? null }),
        ),
      ),
    }),
    'registered-models/delete': async (fields, ws) => {
      await store.write((writer) => {
        const { name } = model(fields, ws, writer);
        for (const each of writer.resources(ws, 'models', name, 0, 100_000)) writer.deleteResource(ws, 'models', name, each.version);
        writer.deleteResource(ws, 'models', name, '');
      });
      return {};
    },
    'registered-models/search': (fields, ws) => {
      const match = /^\s*name\s*(=|I?LIKE)\s*'([^']*)'\s*$/i.exec(fields.optionalText('filter') ?? '');
      const keep = (name: string) =>
        !match || (match[1] === '=' ? name === match[2] : name.toLowerCase().includes(match[2]!.replaceAll('%', '').toLowerCase()));
      const { items, next } = pageOf(
        fields,
        (offset, limit) =>
          store
            .resources(ws, 'models', undefined, 0, 1_000_000)
            .filter((each) => keep(each.name))
            .slice(offset, offset + limit),
        100,
        1000,
      );
      return { registered_models: items.map((each) => toModel(store, each)), ...next };
    },
    'registered-models/set-tag': async (fields, ws) => {
      await change(ws, (writer) => model(fields, ws, writer), withTag(fields.text('key'), fields.optionalText('value') ?? ''));
      return {};
    },
    'registered-models/delete-tag': async (fields, ws) => {
      await change(ws, (writer) => model(fields, ws, writer), withTag(fields.text('key'), undefined));
      return {};
    },
    'registered-models/get-latest-versions': (fields, ws) => {
      const { name } = model(fields, ws);
      const latest = store.latestVersion(ws, 'models', name);
      return { model_versions: latest ? [toVersion(latest)] : [] };
    },
    'registered-models/alias': (fields, ws) => alias(fields, ws),
    'model-versions/create': async (fields, ws) => {
      const made = await store.write((writer) => {
        const { name } = model(fields, ws, writer);
        return putVersion(writer, ws, 'models', name, nextVersion(writer, ws, 'models', name), {
          modelUri: fields.text('source'),
          modelType: 'mlflow_model',
          jobName: fields.optionalText('run_id') || null,
          description: fields.optionalText('description') ?? null,
          tags: tagsOf(fields),
          flavors: {},
        }).stored;
      });
      return { model_version: toVersion(made) };
    },
    'model-versions/get': (fields, ws) => ({ model_version: toVersion(version(fields, ws)) }),
    'model-versions/get-download-uri': (fields, ws) => ({ artifact_uri: version(fields, ws).properties.modelUri }),
    'model-versions/update': async (fields, ws) => ({
      model_version: toVersion(
        await change(
          ws,
          (writer) => version(fields, ws, writer),
          () => ({ description: fields.optionalText('description') ?? null }),
        ),
      ),
    }),
    'model-versions/delete': async (fields, ws) => {
      await store.write((writer) => {
        const found = version(fields, ws, writer);
        writer.deleteResource(ws, 'models', found.name, found.version);
      });
      return {};
    },
    'model-versions/search': (fields, ws) => {
      const match = /name\s*=\s*'([^']*)'/i.exec(fields.optionalText('filter') ?? '');
      const names = match ? [match[1]!] : store.resources(ws, 'models', undefined, 0, 1_000_000).map((each) => each.name);
      const all = () => names.flatMap((name) => store.resources(ws, 'models', name, 0, 1_000_000));
      const { items, next } = pageOf(fields, (offset, limit) => all().slice(offset, offset + limit), 10_000, 200_000);
      return { model_versions: items.map(toVersion), ...next };
    },
    'model-versions/set-tag': async (fields, ws) => {
      await change(ws, (writer) => version(fields, ws, writer), withTag(fields.text('key'), fields.optionalText('value') ?? ''));
      return {};
    },
    'model-versions/delete-tag': async (fields, ws) => {
      await change(ws, (writer) => version(fields, ws, writer), withTag(fields.text('key'), undefined));
      return {};
    },
    'model-versions/transition-stage': async (fields, ws) => {
      const stage = fields.text('stage');
      if (!['None', 'Staging', 'Production', 'Archived'].includes(stage))
        throw new UserError(
          'InvalidRequest',
          `Invalid Model Version stage: ${stage}. Value must be one of None, Staging, Production, Archived.`,
        );
      return {
        model_version: toVersion(
          await change(
            ws,
            (writer) => version(fields, ws, writer),
            () => ({ stage }),
          ),
        ),
      };
    },
  };

  /** One path for three verbs: with a version it is set, `GET` reads, `DELETE` removes. `method` is put into the fields by the router. */
  async function alias(fields: Fields, ws: string): Promise<unknown> {
    const method = fields.all[' method'];
    const name = fields.text('alias');
    const holder = (reader: StoreReader) =>
      reader
        .resources(ws, 'models', model(fields, ws, reader).name, 0, 100_000)
        .find((each) => ((each.properties.aliases ?? []) as string[]).includes(name));
    if (method === 'GET') {
      const found = holder(store);
      if (!found) throw new UserError('InvalidRequest', `Registered model alias ${name} not found.`);
      return { model_version: toVersion(found) };
    }
    await store.write((writer) => {
      const old = holder(writer);
      if (old)
        writer.putResource({
          ...old,
          properties: { ...old.properties, aliases: (old.properties.aliases as string[]).filter((each) => each !== name) },
        });
      if (method === 'DELETE') return;
      const target = version(fields, ws, writer);
      writer.putResource({
        ...target,
        properties: { ...target.properties, aliases: [...((target.properties.aliases ?? []) as string[]), name] },
      });
    });
    return {};
  }
}

const tagsOf = (fields: Fields): Record<string, string> =>
  Object.fromEntries(fields.list<KeyValue>('tags').map(({ key, value }) => [key, value]));
const pairs = (tags: unknown): KeyValue[] => Object.entries((tags ?? {}) as Record<string, string>).map(([key, value]) => ({ key, value }));

function toModel(reader: StoreReader, stored: StoredResource): Record<string, unknown> {
  const versions = reader.resources(stored.workspace, 'models', stored.name, 0, 100_000);
  return {
    name: stored.name,
    creation_timestamp: stored.createdAt,
    last_updated_timestamp: Math.max(stored.modifiedAt, versions[0]?.modifiedAt ?? 0),
    ...(stored.properties.description ? { description: stored.properties.description } : {}),
    tags: pairs(stored.properties.tags),
    latest_versions: versions.slice(0, 1).map(toVersion),
    aliases: versions.flatMap((each) => ((each.properties.aliases ?? []) as string[]).map((alias) => ({ alias, version: each.version }))),
  };
}

function toVersion(stored: StoredResource): Record<string, unknown> {
  const { properties } = stored;
  return {
    name: stored.name,
    version: stored.version,
    creation_timestamp: stored.createdAt,
    last_updated_timestamp: stored.modifiedAt,
    current_stage: properties.stage ?? 'None',
    ...(properties.description ? { description: properties.description } : {}),
    source: properties.modelUri,
    run_id: properties.jobName ?? '',
    status: 'READY',
    tags: pairs(properties.tags),
    aliases: properties.aliases ?? [],
  };
}
