import type { StoredEntity } from '../../../../store/entities.ts';
import type { Endpoints } from '../endpoint.ts';
import { missing } from '../request.ts';
import { checkFree, create, gatewayResources, resourceById, resourceIn, textMap, update } from './resources.ts';

/**
 * Secrets of the gateway. Nothing here ever needs their values, so they are not kept: of each, only what a person knows it by. A client never gets them back from MLflow
 * either.
 */
export function secretEndpoints(): Endpoints {
  return {
    'POST gateway/secrets/create': (fields, { store }) => {
      const name = fields.text('secret_name');
      const values = textMap(fields, 'secret_value');
      if (!values) throw missing('secret_value');
      const body = {
        name,
        provider: fields.optionalText('provider') || undefined,
        auth_config: textMap(fields, 'auth_config') ?? {},
        masked_values: masked(values),
      };
      return store.write(async ({ entities }) => {
        await checkFree(entities, 'gatewaySecret', name);
        return { secret: shown(await create(entities, 'gatewaySecret', fields, body)) };
      });
    },
    'GET gateway/secrets/get': async (fields, { store }) => ({
      secret: shown(await resourceIn(store.entities, 'gatewaySecret', fields, 'secret_id', 'secret_name')),
    }),
    'POST gateway/secrets/update': (fields, { store }) => {
      const id = fields.text('secret_id');
      const values = textMap(fields, 'secret_value');
      const changes = {
        masked_values: values && Object.keys(values).length ? masked(values) : undefined,
        auth_config: textMap(fields, 'auth_config'),
      };
      return store.write(async ({ entities }) => ({
        secret: shown(await update(entities, await resourceById(entities, 'gatewaySecret', 'secret_id', id), fields, changes)),
      }));
    },
    'DELETE gateway/secrets/delete': (fields, { store }) => {
      const id = fields.text('secret_id');
      return store.write(async ({ entities }) => {
        await resourceById(entities, 'gatewaySecret', 'secret_id', id);
        await entities.delete('gatewaySecret', id);
        return {};
      });
    },
    // Nothing is encrypted with a passphrase, so none is the default one.
    'GET gateway/secrets/config': () => ({ secrets_available: true, using_default_passphrase: false }),
    'GET gateway/secrets/list': async (fields, { store }) => {
      const provider = fields.optionalText('provider');
      return {
        secrets: (await gatewayResources(store.entities, 'gatewaySecret'))
          .filter(({ body }) => !provider || body.provider === provider)
          .map(shown),
      };
    },
  };
}

/** The first three and the last four characters of each value, when it is long enough to stay secret. */
const masked = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, value.length < 8 ? '***' : `${value.slice(0, 3)}...${value.slice(-4)}`]),
  );

const shown = ({ id, body: { name, ...body } }: StoredEntity) => ({ secret_id: id, secret_name: name, ...body });
