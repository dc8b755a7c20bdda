import { Hono } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { type AssetKind, assetKinds, type WorkspaceRef } from '../../../protocol/arm.ts';
import type { StoredResource } from '../../../store/store.ts';
import type { Services } from '../../services.ts';
import { assetRoute } from './assets.ts';
import { jobRoute } from './jobs.ts';
import { jsonBody, page } from './request.ts';
import { toResource } from './resource.ts';

const workspacePattern =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/]+)((?:\/[^/]+)*)\/?$/i;
const listPattern =
  /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?\/providers\/Microsoft\.MachineLearningServices\/workspaces\/?$/i;

/** Azure ML's ARM routes of one workspace. Paths are case-insensitive, any api-version is taken, unknown properties are kept. */
export function armRoutes(services: Services): Hono {
  const { store, user } = services;
  const app = new Hono();

  app.all('/subscriptions/*', async (c) => {
    const path = new URL(c.req.url).pathname;
    const listed = listPattern.exec(path);
    if (listed) {
      const [subscription, group] = [part(listed[1]!), part(listed[2] ?? 'local')];
      return page(c, services.url(), (offset, limit) =>
        store
          .resources('', 'workspaces', undefined, offset, limit)
          .map((each) => withUrl(toResource({ subscription, resourceGroup: group, workspace: each.name }, each, user))),
      );
    }
    const match = workspacePattern.exec(path);
    if (!match) throw new UserError('NotFound', `The control plane has no ${path}.`);
    const ref: WorkspaceRef = { subscription: part(match[1]!), resourceGroup: part(match[2]!), workspace: part(match[3]!) };
    const [collection, ...rest] = match[4]!.split('/').filter(Boolean).map(part);
    if (collection === undefined) return workspace(c.req.method, ref, path);
    if (!store.resource('', 'workspaces', ref.workspace, ''))
      throw new UserError(
        'NotFound',
        `There is no workspace "${ref.workspace}" here.`,
        'The embedded control plane has the workspace "local".',
      );
    const kind = collection.toLowerCase();
    if (kind === 'jobs') return jobRoute(c, ref, rest, services);
    if ((assetKinds as readonly string[]).includes(kind)) return assetRoute(c, ref, kind as AssetKind, rest, services);
    if (kind === 'datastores' || kind === 'computes') return single(ref, kind, rest[0]);
    throw new UserError(
      'NotFound',
      `"${collection}" is not served by this control plane yet.`,
      'The support table in the README lists what is.',
    );

    function workspace(method: string, at: WorkspaceRef, where: string): Response {
      if (method !== 'GET') throw new UserError('InvalidRequest', `${method} ${where} is not supported on the embedded control plane.`);
      const found = store.resource('', 'workspaces', at.workspace, '');
      if (!found)
        throw new UserError(
          'NotFound',
          `There is no workspace "${at.workspace}" here.`,
          'The embedded control plane has the workspace "local".',
        );
      return c.json(withUrl(toResource(at, found, user)));
    }

    async function single(at: WorkspaceRef, each: 'datastores' | 'computes', name: string | undefined): Promise<Response> {
      const show = (stored: StoredResource) => toResource(at, stored, user);
      if (name === undefined && c.req.method === 'GET')
        return page(c, services.url(), (offset, limit) => store.resources(at.workspace, each, undefined, offset, limit).map(show));
      if (name === undefined) throw new UserError('InvalidRequest', `${c.req.method} is not supported on ${each}.`);
      if (c.req.method === 'PUT') {
        const { properties = {} } = (await jsonBody(c)) as { properties?: Record<string, unknown> };
        return c.json(
          show(await store.write((writer) => writer.putResource({ workspace: at.workspace, kind: each, name, version: '', properties }))),
          201,
        );
      }
      const found = store.resource(at.workspace, each, name, '');
      if (c.req.method === 'DELETE') {
        await store.write((writer) => writer.deleteResource(at.workspace, each, name, ''));
        return c.body(null, found ? 200 : 204);
      }
      if (!found) throw new UserError('NotFound', `There is no ${each.replace(/s$/, '')} "${name}" in the workspace ${at.workspace}.`);
      return c.json(show(found));
    }
  });

  return app;

  /** Addresses change with the port, so they are never stored. */
  function withUrl(resource: Record<string, unknown>): Record<string, unknown> {
    const properties = {
      ...(resource.properties as object),
      mlFlowTrackingUri: services.url(),
      discoveryUrl: `${services.url()}/discovery`,
      provisioningState: 'Succeeded',
    };
    return { ...resource, properties };
  }
}

function part(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UserError('InvalidRequest', 'The path is not validly encoded.');
  }
}
