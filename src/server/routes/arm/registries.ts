import type { Context } from 'hono';
import { registryScope } from '../../../access/scopes.ts';
import { UserError } from '../../../base/userError.ts';
import { defaultWorkspace } from '../../../protocol/arm.ts';
import { blobContainer } from '../../../protocol/asset.ts';
import { isAzuresRegistry, type RegistryRef } from '../../../protocol/registry.ts';
import type { Store, StoredResource, StoreWriter, WorkspaceStore } from '../../../store/store.ts';
import { originOf, secureOrigin } from '../../origin.ts';
import { safeName } from '../../paths.ts';
import { findRegistry, groupOfRegistry, noRegistry, seesRegistry, storeOfRegistry } from '../../registries/registryNames.ts';
import { type PlaneServices, type Services, servicesOf } from '../../services.ts';
import { readAssignments } from '../../team/records.ts';
import { workspaceList } from '../../workspaceNames.ts';
import { jsonBody, methodOf, page } from './request.ts';
import { toResource, trackedBody } from './resource.ts';

/** Lists the registries of the subscription, or of one of its resource groups, that who asks may see. */
export function listRegistries(c: Context, resourceGroup: string | undefined, plane: PlaneServices): Promise<Response> {
  const { store, team } = plane;
  const services = servicesOf(plane, c.get('asked'));
  return page(
    c,
    (offset, limit) => listOf(store, services).resources('registries', undefined, offset, limit),
    (each) => show(c, each, services),
    (each) =>
      seesRegistry(team, services.principal, each.name) &&
      (resourceGroup === undefined || groupOfRegistry(each).toLowerCase() === resourceGroup.toLowerCase()),
  );
}

/** `…/registries/{r}`: GET, PUT, PATCH and DELETE of the registry itself. */
export async function registryRoute(c: Context, ref: RegistryRef, plane: PlaneServices): Promise<Response> {
  const services = servicesOf(plane, c.get('asked'));
  const { store, team } = plane;
  const list = listOf(store, services);
  const method = methodOf(c);
  const found = await findRegistry(store, ref.registry);
  if (method === 'GET') {
    if (!found) throw noRegistry(ref.registry);
    return c.json(show(c, found, services));
  }
  if (method === 'PUT') {
    const name = found?.name ?? newName(ref.registry);
    const body = trackedBody(await jsonBody(c));
    // On the plane of one person any group will do.
    if (found && team && groupOfRegistry(found).toLowerCase() !== ref.resourceGroup.toLowerCase()) throw taken(name);
    // To a member who has nothing there, it is only known that the name is taken.
    if (found && !seesRegistry(team, services.principal, name)) throw taken(name);
    const properties = {
      ...body,
      properties: { ...(body.properties as object | undefined), resourceGroup: found ? groupOfRegistry(found) : ref.resourceGroup },
    };
    const stored = await list.write(async (writer) => {
      if (!found) await mustBeNew(writer, name);
      return writer.putResource({ kind: 'registries', name, version: '', properties });
    });
    await team?.reload();
    return c.json(show(c, stored, services), found ? 200 : 201);
  }
  if (method === 'PATCH') {
    if (!found) throw noRegistry(ref.registry);
    const { tags, properties } = trackedBody(await jsonBody(c)) as { tags?: object; properties?: object };
    const stored = await list.write(async (writer) => {
      const now = (await writer.resource('registries', found.name, '')) ?? found;
      const facts = { ...(now.properties.properties as object), ...properties, resourceGroup: groupOfRegistry(now) };
      return writer.putResource({ ...now, properties: { ...now.properties, ...(tags ? { tags } : {}), properties: facts } });
    });
    return c.json(show(c, stored, services));
  }
  if (method === 'DELETE') {
    if (!found) return c.body(null, 204);
    await removeContents(store.in(storeOfRegistry(found.name), services.principal));
    const scope = registryScope({ resourceGroup: groupOfRegistry(found), registry: found.name });
    await list.write(async (writer) => {
      await writer.deleteResource('registries', found.name, '');
      // Another registry of this name is another one: nobody has a role on it.
      for (const each of await readAssignments(writer))
        if (each.scope === scope) await writer.deleteResource('roleAssignments', each.id, '');
    });
    await team?.reload();
    return c.body(null, 200);
  }
  throw new UserError('InvalidRequest', `${method} is not supported on a registry.`);
}

const listOf = (store: Store, { principal }: Services): WorkspaceStore => store.in(workspaceList, principal);

function newName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{1,32}$/.test(name))
    throw new UserError(
      'InvalidRequest',
      `"${name.slice(0, 100)}" is no valid registry name.`,
      'Use 2 to 33 letters, digits, "-" and "_", a letter or digit first.',
    );
  if (isAzuresRegistry(name))
    throw new UserError(
      'InvalidRequest',
      `The registry "${name}" is Azure's own, and this control plane does not have it.`,
      'Choose a name that does not begin with "azureml".',
    );
  return safeName(name, 'registry');
}

const taken = (name: string): UserError =>
  new UserError('Conflict', `The name "${name}" is taken on this control plane.`, 'Choose another name.');

/** Two servers may be asked for one name in two cases. */
async function mustBeNew(writer: StoreWriter, name: string): Promise<void> {
  const all = await writer.resources('registries', undefined, 0, 100_000);
  if (all.some((each) => each.name !== name && each.name.toLowerCase() === name.toLowerCase())) throw taken(name);
}

/** All assets of a registry and the names of their files. What was begun can be repeated: the registry itself goes last. */
async function removeContents(store: WorkspaceStore): Promise<void> {
  for (const kind of ['components', 'codes', 'data', 'environments', 'models'] as const)
    for (;;) {
      const names = await store.resources(kind, undefined, 0, 100);
      if (names.length === 0) break;
      for (const { name } of names)
        for (;;) {
          const versions = await store.resources(kind, name, 0, 500);
          await store.write(async (writer) => {
            for (const { version } of versions) await writer.deleteResource(kind, name, version);
            if (versions.length < 500) await writer.deleteResource(kind, name, '');
          });
          if (versions.length < 500) break;
        }
    }
  await store.write((writer) => writer.deleteBlobs(blobContainer, ''));
}

/** As Azure shows one. Addresses change with the port, so they are never stored. */
function show(c: Context, stored: StoredResource, { url }: Services): Record<string, unknown> {
  const { resourceGroup: _group, ...given } = (stored.properties.properties ?? {}) as Record<string, unknown>;
  const ref = {
    ...defaultWorkspace,
    resourceGroup: groupOfRegistry(stored),
    workspace: storeOfRegistry(stored.name),
    registry: stored.name,
  };
  const location = String(stored.properties.location ?? 'local');
  return {
    ...toResource(ref, stored),
    location,
    properties: {
      regionDetails: [{ location }],
      publicNetworkAccess: 'Enabled',
      ...given,
      discoveryUrl: `${originOf(c)}/registrymanagement/v1.0/registries/${stored.name}/discovery`,
      mlFlowRegistryUri: `${url()}/registries/${stored.name}`,
      provisioningState: 'Succeeded',
    },
  };
}

/** What Azure's clients ask first when they are told the name of a registry alone. */
export async function discovery(c: Context, plane: PlaneServices): Promise<Response> {
  const name = c.req.param('registry') ?? '';
  const { principal } = c.get('asked');
  const found = await findRegistry(plane.store, name);
  if (!found || !seesRegistry(plane.team, principal, found.name))
    // Who may not know whether it is there is told the same as where there is none.
    return c.json(
      {
        error: {
          code: 'UserError',
          message: `There is no registry "${name.slice(0, 100)}" here, or you have no role on it.`,
          innererror: { code: 'UnAuthorizedRegistryAccess' },
        },
      },
      403,
    );
  return c.json({
    registryName: found.name,
    tenantId: defaultWorkspace.subscription,
    primaryRegion: 'local',
    regions: ['local'],
    subscriptionId: defaultWorkspace.subscription,
    resourceGroup: groupOfRegistry(found),
    primaryRegionResourceProviderUri: `${await secureOrigin(c, plane)}/`,
  });
}
