import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import type { StoredResource } from '../../../store/store.ts';
import type { Services } from '../../services.ts';
import { mustHaveWorkspace } from './arm.ts';
import { type ArmRequest, originOf, page } from './request.ts';
import { toResource } from './resource.ts';

/** Workspaces of a subscription or of one of its groups: this plane has the same ones in every group. */
export function workspaceList(c: Context, subscription: string, resourceGroup: string, services: Services): Response {
  return page(
    c,
    (offset, limit) => services.store.resources('', 'workspaces', undefined, offset, limit),
    (each) => show(c, { subscription, resourceGroup, workspace: each.name }, each, services),
  );
}

/** `…/workspaces/{w}`. */
export function workspaceRoute({ c, method, ref, services }: ArmRequest): Response {
  mustHaveWorkspace(services, ref);
  if (method !== 'GET')
    throw new UserError(
      'InvalidRequest',
      'The workspace of an embedded control plane can be read, not changed or removed.',
      'Another data folder (UPDRAFT_HOME) is another workspace.',
    );
  return c.json(show(c, ref, services.store.resource('', 'workspaces', ref.workspace, '')!, services));
}

/** Addresses change with the port, so they are never stored. */
function show(c: Context, ref: ArmRequest['ref'], stored: StoredResource, { user, url }: Services): Record<string, unknown> {
  const resource = toResource(ref, stored, user);
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
