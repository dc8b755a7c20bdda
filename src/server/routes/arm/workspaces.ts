import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { defaultWorkspace, type WorkspaceRef } from '../../../protocol/arm.ts';
import type { StoredResource } from '../../../store/store.ts';
import { safeName } from '../../paths.ts';
import type { Services } from '../../services.ts';
import { type ArmRequest, originOf, page, refuse } from './request.ts';
import { toResource } from './resource.ts';

const own = defaultWorkspace.workspace;

/**
 * The workspace as the store knows it, of one that a client names. An embedded plane has one workspace; further names for it can be made, so that a script which
 * says its cloud's workspace runs unchanged. Throws `NotFound` for any other name.
 */
export async function workspaceOf({ store }: Services, ref: WorkspaceRef): Promise<WorkspaceRef> {
  if (await store.resource('workspaces', ref.workspace, '')) return { ...ref, workspace: own };
  const name = ref.workspace.slice(0, 100);
  throw new UserError(
    'NotFound',
    `There is no workspace "${name}" here.`,
    `Use "${own}", or let that name stand for it: updraft env --azure --workspace ${name}`,
  );
}

/** Workspaces of a subscription or of one of its groups: this plane has the same one in every group. */
export function workspaceList(c: Context, subscription: string, resourceGroup: string, services: Services): Promise<Response> {
  return page(
    c,
    (offset, limit) => services.store.resources('workspaces', undefined, offset, limit),
    (each) => show(c, { subscription, resourceGroup, workspace: each.name }, each, services),
    (each) => each.name === own,
  );
}

/** `…/workspaces/{w}`: GET; PUT makes a further name of the plane's workspace, DELETE ends one. */
export async function workspaceRoute(request: ArmRequest): Promise<Response> {
  const { c, method, ref, services } = request;
  const name = ref.workspace;
  const stored = (await services.store.resource('workspaces', own, ''))!;
  if (method === 'PUT') {
    safeName(name, 'workspace');
    const isThere = (await services.store.resource('workspaces', name, '')) !== undefined;
    if (!isThere)
      await services.store.write((writer) =>
        writer.putResource({ kind: 'workspaces', name, version: '', properties: { properties: { nameOf: own } } }),
      );
    return c.json(show(c, ref, stored, services), isThere ? 200 : 201);
  }
  if (method === 'DELETE') {
    if (name === own)
      throw new UserError('InvalidRequest', `The workspace "${own}" belongs to the control plane.`, 'Its data folder is the workspace.');
    const isThere = (await services.store.resource('workspaces', name, '')) !== undefined;
    await services.store.write((writer) => writer.deleteResource('workspaces', name, ''));
    return c.body(null, isThere ? 200 : 204);
  }
  await workspaceOf(services, ref);
  if (method !== 'GET') refuse(request);
  return c.json(show(c, ref, stored, services));
}

/** Addresses change with the port, so they are never stored. */
function show(c: Context, ref: WorkspaceRef, stored: StoredResource, { user, url }: Services): Record<string, unknown> {
  const resource = toResource(ref, { ...stored, name: ref.workspace }, user);
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
