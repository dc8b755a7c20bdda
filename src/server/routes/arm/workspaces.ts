import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { defaultWorkspace, type WorkspaceRef } from '../../../protocol/arm.ts';
import type { Store, StoredResource, WorkspaceStore } from '../../../store/store.ts';
import { originOf } from '../../origin.ts';
import { safeName } from '../../paths.ts';
import type { Services } from '../../services.ts';
import { workspaceList, workspaceNamed } from '../../workspaceNames.ts';
import { type ArmRequest, page, refuseMethod } from './request.ts';
import { toResource } from './resource.ts';

const own = defaultWorkspace.workspace;

/** Workspaces of a subscription or of one of its groups: this plane has the same ones in every group. A further name of a workspace is listed as one. */
export function listWorkspaces(
  c: Context,
  subscription: string,
  resourceGroup: string,
  services: Services,
  store: Store,
): Promise<Response> {
  return page(
    c,
    (offset, limit) => listOf(store, services).resources('workspaces', undefined, offset, limit),
    async (each) =>
      show(
        c,
        { subscription, resourceGroup, workspace: each.name },
        (await listOf(store, services).resource('workspaces', nameOf(each) ?? each.name, '')) ?? each,
        services,
      ),
  );
}

/** `…/workspaces/{w}`: GET; PUT makes a further name of the plane's workspace, DELETE ends one. */
export async function workspaceRoute({ c, method, ref, rest, services }: ArmRequest, store: Store): Promise<Response> {
  const list = listOf(store, services);
  const name = ref.workspace;
  const stored = (await list.resource('workspaces', own, ''))!;
  if (method === 'PUT') {
    safeName(name, 'workspace');
    const isThere = (await list.resource('workspaces', name, '')) !== undefined;
    if (!isThere)
      await list.write((writer) =>
        writer.putResource({ kind: 'workspaces', name, version: '', properties: { properties: { nameOf: own } } }),
      );
    return c.json(show(c, ref, stored, services), isThere ? 200 : 201);
  }
  if (method === 'DELETE') {
    if (name === own)
      throw new UserError('InvalidRequest', `The workspace "${own}" belongs to the control plane.`, 'Its data folder is the workspace.');
    const isThere = (await list.resource('workspaces', name, '')) !== undefined;
    await list.write((writer) => writer.deleteResource('workspaces', name, ''));
    return c.body(null, isThere ? 200 : 204);
  }
  await workspaceNamed(store, name);
  if (method !== 'GET') refuseMethod({ c, method, ref, rest, services });
  return c.json(show(c, ref, stored, services));
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
