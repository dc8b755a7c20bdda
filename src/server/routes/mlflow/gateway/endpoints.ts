import { UserError } from '../../../../base/userError.ts';
import type { EntityReader, StoredEntity } from '../../../../store/entities.ts';
import type { StoreWriter } from '../../../../store/store.ts';
import type { Endpoints } from '../endpoint.ts';
import { Fields, invalid } from '../request.ts';
import { shownModel } from './modelDefinitions.ts';
import { checkFree, create, gatewayResources, newId, resourceById, resourceIn, update } from './resources.ts';

/** A model that an endpoint sends requests to. */
interface Mapping {
  mapping_id: string;
  model_definition_id: string;
  linkage_type: string;
  weight: number;
  fallback_order?: number;
  created_at: number;
  created_by?: string;
}

/** By name, or by the number that protobuf gives it. */
const linkages = ['PRIMARY', 'FALLBACK'];

/** The gateway's endpoints: which models they stand for. They are kept as resources; none is called. */
export function gatewayEndpointEndpoints(): Endpoints {
  return {
    'POST gateway/endpoints/create': (fields, { store }) => {
      const name = endpointName(fields.text('name'));
      if (fields.list('model_configs').length === 0) throw invalid('Endpoint must have at least one model configuration');
      return store.write(async (writer) => {
        const { entities } = writer;
        await checkFree(entities, 'gatewayEndpoint', name);
        const isTracked = fields.flag('usage_tracking') ?? true;
        const body = {
          name,
          mappings: await mappingsIn(entities, fields),
          tags: {},
          ...routingIn(fields),
          usage_tracking: isTracked,
          experiment_id: fields.optionalText('experiment_id') || (isTracked ? await usageExperiment(writer, name) : undefined),
        };
        return { endpoint: await shown(entities, await create(entities, 'gatewayEndpoint', fields, body)) };
      });
    },
    'GET gateway/endpoints/get': async (fields, { store }) => ({
      endpoint: await shown(store.entities, await resourceIn(store.entities, 'gatewayEndpoint', fields, 'endpoint_id', 'name')),
    }),
    'GET gateway/endpoints/list': async (fields, { store }) => {
      const [provider, secret] = [fields.optionalText('provider'), fields.optionalText('secret_id')];
      const isOf = (model: any) => (!provider || model?.provider === provider) && (!secret || model?.secret_id === secret);
      const all = await Promise.all(
        (await gatewayResources(store.entities, 'gatewayEndpoint')).map(async (each) => shown(store.entities, each)),
      );
      return { endpoints: all.filter((each) => each.model_mappings.some(({ model_definition }) => isOf(model_definition))) };
    },
    'POST gateway/endpoints/update': (fields, { store }) => {
      const id = fields.text('endpoint_id');
      const name = fields.has('name') ? endpointName(fields.text('name')) : undefined;
      return store.write(async (writer) => {
        const { entities } = writer;
        const found = await resourceById(entities, 'gatewayEndpoint', 'endpoint_id', id);
        if (name) await checkFree(entities, 'gatewayEndpoint', name, id);
        const isTracked = fields.flag('usage_tracking');
        const needsExperiment = isTracked && found.body.experiment_id === undefined;
        const changes = {
          name,
          mappings: fields.list('model_configs').length ? await mappingsIn(entities, fields) : undefined,
          ...routingIn(fields),
          usage_tracking: isTracked,
          experiment_id:
            fields.optionalText('experiment_id') || (needsExperiment ? await usageExperiment(writer, name ?? found.body.name) : undefined),
        };
        return { endpoint: await shown(entities, await update(entities, found, fields, changes)) };
      });
    },
    'DELETE gateway/endpoints/delete': (fields, { store }) => {
      const id = fields.text('endpoint_id');
      return store.write(async ({ entities }) => {
        await resourceById(entities, 'gatewayEndpoint', 'endpoint_id', id);
        await entities.deleteAll('gatewayBinding', id);
        await entities.delete('gatewayEndpoint', id);
        return {};
      });
    },
    'POST gateway/endpoints/models/attach': (fields, { store }) => {
      const id = fields.text('endpoint_id');
      const config = fields.object('model_config');
      if (!config) throw invalid("Missing value for required parameter 'model_config'.");
      return store.write(async ({ entities }) => {
        const found = await resourceById(entities, 'gatewayEndpoint', 'endpoint_id', id);
        const mapping = await mappingOf(entities, config, 'model_config', fields.optionalText('created_by'));
        const isSame = (each: Mapping) =>
          each.model_definition_id === mapping.model_definition_id && each.linkage_type === mapping.linkage_type;
        if (found.body.mappings.some(isSame))
          throw new UserError('Conflict', `Model definition '${mapping.model_definition_id}' is already attached to endpoint '${id}'`);
        await update(entities, found, fields, { mappings: [...found.body.mappings, mapping] });
        return { mapping: await shownMapping(entities, id, mapping) };
      });
    },
    'POST gateway/endpoints/models/detach': (fields, { store }) => {
      const [id, model] = [fields.text('endpoint_id'), fields.text('model_definition_id')];
      return store.write(async ({ entities }) => {
        const found = await resourceById(entities, 'gatewayEndpoint', 'endpoint_id', id);
        const mappings: Mapping[] = found.body.mappings;
        const at = mappings.findIndex((each) => each.model_definition_id === model);
        if (at < 0) throw new UserError('NotFound', `Model definition '${model}' is not attached to endpoint '${id}'`);
        await update(entities, found, fields, { mappings: mappings.toSpliced(at, 1) });
        return {};
      });
    },
    'POST gateway/endpoints/set-tag': (fields, { store }) => {
      const [id, key, value] = [fields.text('endpoint_id'), fields.text('key'), fields.optionalText('value') ?? ''];
      return store.write(async ({ entities }) => {
        const found = await resourceById(entities, 'gatewayEndpoint', 'endpoint_id', id);
        await update(entities, found, fields, { tags: { ...found.body.tags, [key]: value } });
        return {};
      });
    },
    'DELETE gateway/endpoints/delete-tag': (fields, { store }) => {
      const [id, key] = [fields.text('endpoint_id'), fields.text('key')];
      return store.write(async ({ entities }) => {
        const found = await resourceById(entities, 'gatewayEndpoint', 'endpoint_id', id);
        const { [key]: _gone, ...tags } = found.body.tags;
        await update(entities, found, fields, { tags });
        return {};
      });
    },
  };
}

function endpointName(name: string): string {
  if (!/^[\w.-]+$/.test(name))
    throw invalid(`Invalid endpoint name '${name}'. Name can only contain letters, numbers, underscores, hyphens, and dots.`);
  return name;
}

const routingIn = (fields: Fields) => ({
  routing_strategy: fields.all.routing_strategy ?? undefined,
  fallback_config: fields.object('fallback_config')?.all,
});

const mappingsIn = async (reader: EntityReader, fields: Fields): Promise<Mapping[]> =>
  await Promise.all(
    fields.objects('model_configs').map(async (config, index) => {
      const by = fields.optionalText('created_by', 'updated_by');
      return mappingOf(reader, new Fields(config as Record<string, unknown>), `model_configs[${index}]`, by);
    }),
  );

async function mappingOf(reader: EntityReader, config: Fields, at: string, by: string | undefined): Promise<Mapping> {
  const model = config.text('model_definition_id');
  if (!(await reader.get('gatewayModel', model))) throw new UserError('NotFound', `Model definitions not found: ${model}`);
  const given = config.all.linkage_type;
  const linkage = typeof given === 'number' ? linkages[given - 1] : linkages.find((each) => each === given);
  if (!linkage)
    throw invalid(`Invalid or missing value for required parameter 'linkage_type' in ${at}. Must be one of: ${linkages.join(', ')}.`);
  const weight = config.all.weight ?? 1;
  if (typeof weight !== 'number') throw invalid(`Invalid value for parameter 'weight' in ${at}. It must be a number.`);
  const order = config.optionalWhole('fallback_order');
  return {
    mapping_id: newId('m'),
    model_definition_id: model,
    linkage_type: linkage,
    weight,
    ...(order === undefined ? {} : { fallback_order: order }),
    created_at: Date.now(),
    ...(by ? { created_by: by } : {}),
  };
}

/** The experiment for the traces of an endpoint, as MLflow makes one. */
async function usageExperiment(writer: StoreWriter, endpoint: string): Promise<string> {
  const name = `gateway/${endpoint}`;
  const tags = { 'mlflow.experiment.sourceType': 'GATEWAY', 'mlflow.experiment.isGateway': 'true' };
  return ((await writer.experiment({ name })) ?? (await writer.createExperiment(name, tags))).id;
}

async function shownMapping(reader: EntityReader, endpoint: string, mapping: Mapping) {
  const model = await reader.get('gatewayModel', mapping.model_definition_id);
  return { ...mapping, endpoint_id: endpoint, model_definition: model && (await shownModel(reader, model)) };
}

const shown = async (reader: EntityReader, { id, body: { mappings, tags, ...body } }: StoredEntity) => ({
  endpoint_id: id,
  ...body,
  model_mappings: await Promise.all((mappings as Mapping[]).map(async (each) => shownMapping(reader, id, each))),
  tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
});
