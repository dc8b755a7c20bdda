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
import { deletedWorkspaceNamed, deleteWorkspace, type KeptDeletedWorkspace, purgeSoon } from '../../workspaces/deletedWorkspaces.ts';
import { mayRecover } from '../../workspaces/mayRecover.ts';
import { mustBeQuiet } from '../../workspaces/workInWorkspace.ts';
import { operationHeaders } from './operations.ts';
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

/** `…/workspaces/{w}`: GET; PUT makes a workspace, on the plane of one person a further name of the only one; DELETE ends such a name, and deletes a workspace of a team. */
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
    if ((team ? name.toLowerCase() : name) === own.workspace)
      throw new UserError(
        'InvalidRequest',
        `The workspace "${own.workspace}" can't be deleted: it belongs to the control plane.`,
        team
          ? 'Delete what is in it, or give nobody a role there.'
          : 'To begin anew, start Updraft with another data folder (--data), or stop it and remove the folder.',
      );
    if (team) return deleteOfTeam(c, ref, services, store, team);
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
  const gone = await deletedWorkspaceNamed(store, ref.workspace);
  if (gone) throw nameOfDeleted(gone, mayRecover(team, services.principal, gone));
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

/**
 * Deletes a workspace of a team. It leaves all lists at once, and can be recovered for 14 days. With `forceToPurge=true` its content is removed for good as soon as its jobs and deployments have ended.
 * While some still run, the deletion is refused: nobody should end work by mistake. `cancelJobs=true` (an addition of ours) or `forceToPurge=true` ends them. Azure ends them in any case.
 */
async function deleteOfTeam(c: Context, ref: WorkspaceRef, services: Services, store: Store, team: Team): Promise<Response> {
  const [isForGood, endsJobs] = [isTrue(c, 'forceToPurge'), isTrue(c, 'cancelJobs')];
  const { principal, clock } = services;
  const name = team.workspaces.find((each) => each.toLowerCase() === ref.workspace.toLowerCase());
  if (name === undefined) {
    const gone = await deletedWorkspaceNamed(store, ref.workspace);
    if (!gone || !mayRecover(team, principal, gone) || (!isForGood && !gone.isPurging)) return c.body(null, 204);
    await purgeSoon(store, gone.name, principal);
    return c.body(null, 202, followed(c, gone.name, true));
  }
  // What is submitted between this and the deletion is canceled.
  if (!isForGood && !endsJobs) await mustBeQuiet(store.in(name, principal));
  await deleteWorkspace(store, name, principal, clock.now(), isForGood);
  await team.reload();
  return c.body(null, 202, followed(c, name, isForGood));
}

/** Where it is told when a deletion is done: when nothing goes on in the workspace any more, or when nothing is left of it. */
const followed = (c: Context, name: string, isForGood: boolean): Record<string, string> =>
  operationHeaders(c, {
    workspace: workspaceList,
    kind: isForGood ? 'purgedWorkspaces' : 'deletedWorkspaces',
    name,
    version: '',
    op: 'delete',
  });

function isTrue(c: Context, key: string): boolean {
  const text = (c.req.query(key) ?? 'false').toLowerCase();
  if (text !== 'true' && text !== 'false')
    throw new UserError('InvalidRequest', `${key} can't be "${text.slice(0, 50)}".`, 'It is true or false.');
  return text === 'true';
}

/** Its name is taken until it is purged, as at Azure. Who may not delete it is told no more than that. */
function nameOfDeleted({ name, deletedAt, purgeAt, isPurging }: KeptDeletedWorkspace, isTold: boolean): UserError {
  if (!isTold) return new UserError('Conflict', `The name "${name}" is taken on this control plane.`, 'Choose another name.');
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  if (isPurging || purgeAt <= deletedAt)
    return new UserError(
      'Conflict',
      `The name "${name}" is taken by a workspace that is being purged.`,
      'Try again when it is gone, or choose another name.',
    );
  return new UserError(
    'Conflict',
    `The name "${name}" is taken by a workspace that was deleted on ${day(deletedAt)} and can be recovered until ${day(purgeAt)}.`,
    `Recover it with "updraft workspace recover --name ${name}", or remove it for good with "updraft workspace delete --name ${name} --permanently-delete".`,
  );
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
