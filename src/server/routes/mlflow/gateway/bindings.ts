import { UserError } from '../../../../base/userError.ts';
import type { StoredEntity } from '../../../../store/entities.ts';
import type { Endpoints } from '../endpoint.ts';
import { invalid } from '../request.ts';
import { create, gatewayResources, resourceById } from './resources.ts';

/** Which resources of MLflow use an endpoint of the gateway. */
export function bindingEndpoints(): Endpoints {
  return {
    'POST gateway/endpoints/bindings/create': (fields, { store }) => {
      const [endpoint, type, resource] = [fields.text('endpoint_id'), fields.text('resource_type'), fields.text('resource_id')];
      if (type !== 'scorer') throw invalid(`'${type.slice(0, 100)}' is not a valid GatewayResourceType`);
      return store.write(async ({ entities }) => {
        await resourceById(entities, 'gatewayEndpoint', 'endpoint_id', endpoint);
        if (
          (await gatewayResources(entities, 'gatewayBinding', endpoint)).some(
            ({ body }) => body.resource_type === type && body.resource_id === resource,
          )
        )
          throw new UserError('Conflict', `The endpoint '${endpoint}' is already bound to ${type} '${resource}'`);
        const body = { resource_type: type, resource_id: resource };
        return { binding: shown(await create(entities, 'gatewayBinding', fields, body, endpoint)) };
      });
    },
    'GET gateway/endpoints/bindings/list': async (fields, { store }) => {
      const endpoint = fields.optionalText('endpoint_id') || undefined;
      const [type, resource] = [fields.optionalText('resource_type'), fields.optionalText('resource_id')];
      const found = (await gatewayResources(store.entities, 'gatewayBinding', endpoint)).filter(
        ({ body }) => (!type || body.resource_type === type) && (!resource || body.resource_id === resource),
      );
      return { bindings: found.map(shown) };
    },
    'DELETE gateway/endpoints/bindings/delete': (fields, { store }) => {
      const [endpoint, type, resource] = [fields.text('endpoint_id'), fields.text('resource_type'), fields.text('resource_id')];
      return store.write(async ({ entities }) => {
        const found = (await gatewayResources(entities, 'gatewayBinding', endpoint)).find(
          ({ body }) => body.resource_type === type && body.resource_id === resource,
        );
        if (!found)
          throw new UserError(
            'NotFound',
            `GatewayEndpointBinding not found (endpoint_id='${endpoint}', resource_type='${type}', resource_id='${resource}')`,
          );
        await entities.delete('gatewayBinding', found.id);
        return {};
      });
    },
  };
}

const shown = ({ scope, body }: StoredEntity) => ({ endpoint_id: scope, ...body });
