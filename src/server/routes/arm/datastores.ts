import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { artifactContainer } from '../../../protocol/asset.ts';
import { check } from '../../../protocol/check.ts';
import type { StoredResource } from '../../../store/store.ts';
import { secretsIn, withSecrets } from '../../secrets/resourceSecrets.ts';
import type { Services } from '../../services.ts';
import { mayAct, refusalIn } from '../../team/mayAct.ts';
import { locate } from '../storage/blobSource.ts';
import { mustFind, nameIn } from './named.ts';
import { type ArmRequest, jsonBody, page, refuseMethod, withoutNulls } from './request.ts';
import { toResource } from './resource.ts';

const Body = Type.Object({
  properties: Type.Object({
    datastoreType: Type.String(),
    credentials: Type.Optional(Type.Object({ credentialsType: Type.String(), secrets: Type.Optional(Type.Object({})) })),
  }),
});

/** The two that every workspace has; what the plane itself keeps is in them. */
const builtIn = ['workspaceblobstore', 'workspaceartifactstore'];
const hour = 3_600_000;
const listSecrets = 'Microsoft.MachineLearningServices/workspaces/datastores/listSecrets/action';

/** `…/datastores[/{name}[/listSecrets]]`. */
export async function datastoreRoute(request: ArmRequest): Promise<Response> {
  const { c, method, ref, rest, services } = request;
  const { store } = services;
  const show = (stored: StoredResource) => toResource(ref, { ...stored, properties: withoutSecrets(stored.properties) });
  if (rest.length === 0) {
    if (method !== 'GET') refuseMethod(request);
    const wantsDefault = c.req.query('isDefault');
    const names = c.req.queries('names')?.flatMap((each) => each.split(','));
    return page(
      c,
      (offset, limit) => store.resources('datastores', undefined, offset, limit),
      show,
      ({ name, properties }) =>
        (wantsDefault === undefined || (properties.isDefault === true) === (wantsDefault.toLowerCase() === 'true')) &&
        (names === undefined || names.includes(name)),
    );
  }
  const name = nameIn(request, 'datastores');
  if (rest.length === 2 && rest[1]!.toLowerCase() === 'listsecrets' && method === 'POST')
    return secrets(request, await mustFind(request, 'datastores', name));
  if (rest.length > 1) refuseMethod(request);
  if (method === 'GET') return c.json(show(await mustFind(request, 'datastores', name)));
  if (builtIn.includes(name) && (method === 'PUT' || method === 'DELETE'))
    throw new UserError(
      'Conflict',
      `The datastore ${name} belongs to the control plane and can't be changed or removed.`,
      'Choose another name.',
    );
  if (method === 'PUT') {
    const { properties } = check(Body, withoutNulls(await jsonBody(c)), 'The datastore');
    const { secrets: given, ...credentials } = properties.credentials ?? { credentialsType: 'None' };
    const shown = { kind: 'datastores', name, version: '', properties: { ...properties, credentials, isDefault: false } } as const;
    const resource = given ? { ...shown, properties: withSecrets(services.secrets, services.workspace, shown, given) } : shown;
    const { stored, created } = await store.write(async (writer) => {
      const found = await writer.resource('datastores', name, '');
      return {
        created: !found,
        stored: await writer.putResource(resource),
      };
    });
    return c.json(show(stored), created ? 201 : 200);
  }
  if (method === 'DELETE') {
    const isThere = (await store.resource('datastores', name, '')) !== undefined;
    await store.write((writer) => writer.deleteResource('datastores', name, ''));
    return c.body(null, isThere ? 200 : 204);
  }
  return refuseMethod(request);
}

/** A signed query for a container of this plane; for others what its owner left here. */
async function secrets({ c, services }: ArmRequest, stored: StoredResource): Promise<Response> {
  const { name, properties } = stored;
  const { expireAfterHours } = (await jsonBody(c)) as { expireAfterHours?: unknown };
  const hours = typeof expireAfterHours === 'number' && expireAfterHours > 0 ? Math.min(expireAfterHours, 7 * 24) : 1;
  const container = String(properties.containerName ?? '');
  if (builtIn.includes(name) && locate(container)) {
    const sasToken = services.sas.sign({
      container,
      permissions: granted(services, container),
      expiresAt: Date.now() + hours * hour,
      principal: services.principal,
      workspace: services.workspace,
    });
    return c.json({ secretsType: 'Sas', sasToken });
  }
  // These open what is elsewhere, to write, too.
  if (!mayAct(services, listSecrets)) throw refusalIn(services, listSecrets);
  const kept = secretsIn<Record<string, unknown>>(services.secrets, services.workspace, stored);
  if (!kept) throw new UserError('InvalidRequest', `The datastore ${name} has no secrets.`);
  return c.json(kept);
}

/**
 * What a signed URL allows. A member who may only read gets one for reading. A job gets one for reading and adding, but without `w`, which would let it replace what others have stored. It writes its own
 * artifacts through its run.
 */
function granted(services: Services, container: string): string {
  if (services.principal.kind === 'job') return container === artifactContainer ? 'rl' : 'racl';
  return mayAct(services, listSecrets) ? 'racwdl' : 'rl';
}

/** Secrets are told by `listSecrets` alone. */
function withoutSecrets(properties: Record<string, unknown>): Record<string, unknown> {
  const { secrets: _secrets, ...credentials } = (properties.credentials ?? { credentialsType: 'None' }) as Record<string, unknown>;
  return { ...properties, credentials };
}
