import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { defaultWorkspace, type WorkspaceRef } from '../../../protocol/arm.ts';
import { memberOf } from '../../../protocol/principal.ts';
import type { Store, StoredResource, WorkspaceStore } from '../../../store/store.ts';
import { originOf } from '../../origin.ts';
import { safeName } from '../../paths.ts';
import { makeWorkspace } from '../../seed.ts';
import { type PlaneServices, type Services, servicesOf } from '../../services.ts';
import type { Team } from '../../team/team.ts';
import { workspaceList, workspaceNamed } from '../../workspaceNames.ts';
import { type ArmRequest, page, refuseMethod } from './request.ts';
import { toResource } from './resource.ts';

const own = defaultWorkspace;

/**
 * Lists the workspaces of a subscription, or of one of its resource groups. On the plane of one person every group has the same workspaces, and each further name of a workspace is listed like a workspace. On
 * the plane of a team a workspace belongs to one group, and a member is shown the workspaces in which the member has a role.
 */
export function listWorkspaces(
  c: Context,
  subscription: string,
  resourceGroup: string | undefined,
  plane: PlaneServices,
): Promise<Response> {
  const { store, team } = plane;
  const services = servicesOf(plane, c.get('asked'));
  const member = memberOf(services.principal);
  const list = listOf(store, services);
  const isListed = ({ name }: StoredResource): boolean => {
    if (!team) return true;
    if (member && !team.sees(member, name)) return false;
    return resourceGroup === undefined || team.groupOf(name)?.toLowerCase() === resourceGroup.toLowerCase();
  };
  return page(
    c,
    (offset, limit) => list.resources('workspaces', undefined, offset, limit),
    async (each) =>
      show(
        c,
        { subscription, resourceGroup: team?.groupOf(each.name) ?? resourceGroup ?? own.resourceGroup, workspace: each.name },
        (await list.resource('workspaces', nameOf(each) ?? each.name, '')) ?? each,
        services,
      ),
    isListed,
  );
}

/** `…/workspaces/{w}`: GET; PUT makes a workspace, on the plane of one person a further name of the only one; DELETE ends such a name. */
export async function workspaceRoute({ c, method, ref, rest, services }: ArmRequest, store: Store): Promise<Response> {
  const { team } = services;
  const list = listOf(store, services);
  const name = ref.workspace;
  if (method === 'PUT') {
    safeName(name, 'workspace');
    if (team) return putOfTeam(c, ref, services, store, team);
    const isThere = (await list.resource('workspaces', name, '')) !== undefined;
    if (!isThere)
      await list.write((writer) =>
        writer.putResource({ kind: 'workspaces', name, version: '', properties: { properties: { nameOf: own.workspace } } }),
      );
    return c.json(show(c, ref, (await list.resource('workspaces', own.workspace, ''))!, services), isThere ? 200 : 201);
  }
  if (method === 'DELETE') {
    if (name === own.workspace)
      throw new UserError(
        'InvalidRequest',
        `The workspace "${own.workspace}" belongs to the control plane.`,
        'Its data folder is the workspace.',
      );
    if (team) throw new UserError('NotImplemented', 'The workspaces of a team are not deleted yet, since they may hold anything.');
    const isThere = (await list.resource('workspaces', name, '')) !== undefined;
    await list.write((writer) => writer.deleteResource('workspaces', name, ''));
    return c.body(null, isThere ? 200 : 204);
  }
  const workspace = await workspaceNamed(store, name);
  if (method !== 'GET') refuseMethod({ c, method, ref, rest, services });
  const resourceGroup = team?.groupOf(workspace) ?? ref.resourceGroup;
  return c.json(show(c, { ...ref, resourceGroup }, (await list.resource('workspaces', workspace, ''))!, services));
}

/** A workspace of a team, which is one for itself. It stays in the group that it was made in. */
async function putOfTeam(c: Context, ref: WorkspaceRef, services: Services, store: Store, team: Team): Promise<Response> {
  const list = listOf(store, services);
  const there = team.workspaces.find((each) => each.toLowerCase() === ref.workspace.toLowerCase());
  if (there !== undefined) {
    const resourceGroup = team.groupOf(there)!;
    const member = memberOf(services.principal);
    if (resourceGroup.toLowerCase() !== ref.resourceGroup.toLowerCase() || (member && !team.sees(member, there)))
      throw new UserError('Conflict', `The name "${ref.workspace}" is taken on this control plane.`, 'Choose another name.');
    return c.json(show(c, { ...ref, resourceGroup, workspace: there }, (await list.resource('workspaces', there, ''))!, services));
  }
  await makeWorkspace(store, { name: ref.workspace, resourceGroup: ref.resourceGroup }, services.principal);
  await team.reload();
  return c.json(show(c, ref, (await list.resource('workspaces', ref.workspace, ''))!, services), 201);
}

const listOf = (store: Store, { principal }: Services): WorkspaceStore => store.in(workspaceList, principal);

/** The workspace that this is a further name of. */
const nameOf = ({ properties }: StoredResource): string | undefined => (properties.properties as { nameOf?: string } | undefined)?.nameOf;

/** Addresses change with the port, so they are never stored. */
function show(c: Context, ref: WorkspaceRef, stored: StoredResource, { url }: Services): Record<string, unknown> {
  const resource = toResource(ref, { ...stored, name: ref.workspace });
  return {
    ...resource,
    properties: {
      ...(resource.properties as object),
      mlFlowTrackingUri: url(),
      discoveryUrl: `${originOf(c)}/discovery`,
      provisioningState: 'Succeeded',
    },
  };
}
