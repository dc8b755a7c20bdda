import { UserError } from '../../../../base/userError.ts';
import type { EntityReader, StoredEntity } from '../../../../store/entities.ts';
import type { Endpoints } from '../endpoint.ts';
import { checkFree, create, gatewayResources, resourceById, resourceIn, update } from './resources.ts';

/** Models of providers that endpoints of the gateway stand for. */
export function modelDefinitionEndpoints(): Endpoints {
  return {
    'POST gateway/model-definitions/create': (fields, { store }) => {
      const body = {
        name: fields.text('name'),
        secret_id: fields.text('secret_id'),
        provider: fields.text('provider'),
        model_name: fields.text('model_name'),
      };
      return store.write(async ({ entities }) => {
        await resourceById(entities, 'gatewaySecret', 'secret_id', body.secret_id);
        await checkFree(entities, 'gatewayModel', body.name);
        return { model_definition: await shownModel(entities, await create(entities, 'gatewayModel', fields, body)) };
      });
    },
    'GET gateway/model-definitions/get': async (fields, { store }) => ({
      model_definition: await shownModel(
        store.entities,
        await resourceIn(store.entities, 'gatewayModel', fields, 'model_definition_id', 'name'),
      ),
    }),
    'GET gateway/model-definitions/list': async (fields, { store }) => {
      const [provider, secret] = [fields.optionalText('provider'), fields.optionalText('secret_id')];
      const found = (await gatewayResources(store.entities, 'gatewayModel')).filter(
        ({ body }) => (!provider || body.provider === provider) && (!secret || body.secret_id === secret),
      );
      return { model_definitions: await Promise.all(found.map(async (each) => shownModel(store.entities, each))) };
    },
    'POST gateway/model-definitions/update': (fields, { store }) => {
      const id = fields.text('model_definition_id');
      const changes = Object.fromEntries(
        ['name', 'secret_id', 'model_name', 'provider'].map((name) => [name, fields.optionalText(name) || undefined]),
      );
      return store.write(async ({ entities }) => {
        const found = await resourceById(entities, 'gatewayModel', 'model_definition_id', id);
        if (changes.secret_id) await resourceById(entities, 'gatewaySecret', 'secret_id', changes.secret_id);
        if (changes.name) await checkFree(entities, 'gatewayModel', changes.name, id);
        return { model_definition: await shownModel(entities, await update(entities, found, fields, changes)) };
      });
    },
    'DELETE gateway/model-definitions/delete': (fields, { store }) => {
      const id = fields.text('model_definition_id');
      return store.write(async ({ entities }) => {
        await resourceById(entities, 'gatewayModel', 'model_definition_id', id);
        if ((await entities.list('gatewayEndpoint')).some(({ body }) => body.mappings.some((each: any) => each.model_definition_id === id)))
          throw new UserError(
            'InvalidTransition',
            'Cannot delete model definition that is currently in use by endpoints. Detach it from all endpoints first.',
          );
        await entities.delete('gatewayModel', id);
        return {};
      });
    },
  };
}

/** A model as clients see it; its secret may be gone. */
export async function shownModel(
  reader: EntityReader,
  { id, body: { secret_id, ...body } }: StoredEntity,
): Promise<Record<string, unknown>> {
  const secret = await reader.get('gatewaySecret', secret_id);
  return { model_definition_id: id, ...body, ...(secret ? { secret_id, secret_name: secret.body.name } : {}) };
}
