import { type Context, Hono } from 'hono';
import { armFrontend, withoutFrontend } from '../../../access/actions.ts';
import { UserError } from '../../../base/userError.ts';
import { type AssetKind, assetKinds, defaultWorkspace, type WorkspaceRef } from '../../../protocol/arm.ts';
import type { Store } from '../../../store/store.ts';
import { type PlaneServices, servicesOf } from '../../services.ts';
import { assetRoute } from './assets.ts';
import { authorizationRoute, ofAuthorization } from './authorization.ts';
import { computeRoute } from './computes.ts';
import { connectionRoute } from './connections.ts';
import { datastoreRoute } from './datastores.ts';
import { endpointRoute } from './endpoints.ts';
import { jobRoute } from './jobs.ts';
import { locationRoute, ofLocation } from './locations.ts';
import { operationRoute } from './operations.ts';
import { quotaRoute } from './quotas.ts';
import { discovery, listRegistries, registryRoute } from './registries.ts';
import { inRegistry } from './registryAssets.ts';
import { type ArmRequest, methodOf } from './request.ts';
import { scheduleRoute } from './schedules.ts';
import { listWorkspaces, workspaceRoute } from './workspaces.ts';

const provider = String.raw`\/providers\/Microsoft\.MachineLearningServices`;
const workspacePattern = new RegExp(
  String.raw`^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)${provider}\/workspaces\/([^/]+)((?:\/[^/]+)*)\/?$`,
  'i',
);
const listPattern = new RegExp(String.raw`^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?${provider}\/workspaces\/?$`, 'i');
const registryPattern = new RegExp(
  String.raw`^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)${provider}\/registries\/([^/]+)((?:\/[^/]+)*)\/?$`,
  'i',
);
const registryListPattern = new RegExp(String.raw`^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?${provider}\/registries\/?$`, 'i');
const operationPattern = new RegExp(
  String.raw`^\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?${provider}(?:\/workspaces\/[^/]+)?\/locations\/[^/]+\/mfeOperations(Status|Results)\/([^/]+)$`,
  'i',
);

const routes: Record<string, (request: ArmRequest, plane: Store) => Response | Promise<Response>> = {
  jobs: jobRoute,
  datastores: datastoreRoute,
  computes: computeRoute,
  connections: connectionRoute,
  schedules: scheduleRoute,
  quotas: quotaRoute,
  onlineendpoints: (request, plane) => endpointRoute(request, 'online', plane),
  batchendpoints: (request, plane) => endpointRoute(request, 'batch', plane),
  ...Object.fromEntries(
    assetKinds.map((kind: AssetKind) => [kind, (request: ArmRequest, plane: Store) => assetRoute(request, kind, plane)]),
  ),
};

/** The only subscription, which clients list when they sign in. */
const { subscription } = defaultWorkspace;
const theSubscription = {
  id: `/subscriptions/${subscription}`,
  subscriptionId: subscription,
  displayName: 'Updraft',
  state: 'Enabled',
  tenantId: subscription,
  managedByTenants: [],
};

/** Azure ML's ARM routes. Paths are case-insensitive, any api-version is taken, unknown properties are kept. */
export function armRoutes(plane: PlaneServices): Hono {
  const app = new Hono();

  const answer = async (c: Context): Promise<Response> => {
    const path = withoutFrontend(new URL(c.req.url).pathname);
    const asked = c.get('asked');
    const services = servicesOf(plane, asked);
    if (ofAuthorization.test(path)) return authorizationRoute(c, path, plane);
    if (/^\/subscriptions\/?$/i.test(path) && methodOf(c) === 'GET') return c.json({ value: [theSubscription] });
    const listed = listPattern.exec(path);
    if (listed) return listWorkspaces(c, part(listed[1]!), listed[2] === undefined ? undefined : part(listed[2]), plane);
    const registries = registryListPattern.exec(path);
    if (registries) {
      if (methodOf(c) !== 'GET') throw new UserError('InvalidRequest', `${c.req.method} is not supported on registries.`);
      return listRegistries(c, registries[2] === undefined ? undefined : part(registries[2]), plane);
    }
    const registry = registryPattern.exec(path);
    if (registry) {
      const ref = { subscription: part(registry[1]!), resourceGroup: part(registry[2]!), registry: part(registry[3]!) };
      const [within, ...below] = registry[4]!.split('/').filter(Boolean).map(part);
      return within === undefined ? registryRoute(c, ref, plane) : inRegistry(c, ref, within, below, plane);
    }
    if (ofLocation.test(path)) return locationRoute(c, path, plane);
    const operation = operationPattern.exec(path);
    if (operation) return operationRoute(c, part(operation[2]!), operation[1]!.toLowerCase() === 'results', plane, asked.principal);
    const match = workspacePattern.exec(path);
    if (!match)
      throw new UserError(
        'NotFound',
        `The control plane has no ${path.slice(0, 300)}.`,
        'It serves the workspaces and registries of Microsoft.MachineLearningServices.',
      );
    const ref: WorkspaceRef = { subscription: part(match[1]!), resourceGroup: part(match[2]!), workspace: part(match[3]!) };
    const [collection, ...rest] = match[4]!.split('/').filter(Boolean).map(part);
    if (collection === undefined) return workspaceRoute({ c, method: methodOf(c), ref, rest: [], services }, plane.store);
    const request: ArmRequest = {
      c,
      method: methodOf(c),
      ref: { ...ref, workspace: asked.workspace, calledAs: ref.workspace },
      rest,
      services,
    };
    const route = routes[collection.toLowerCase()];
    if (route) return route(request, plane.store);
    return refuseCollection(c, collection);
  };
  app.get('/registrymanagement/v1.0/registries/:registry/discovery', (c) => discovery(c, plane));
  app.all('/subscriptions/*', answer);
  app.all(`${armFrontend}/subscriptions/*`, answer);

  return app;
}

function refuseCollection(c: Context, collection: string): never {
  throw new UserError(
    c.req.method === 'GET' ? 'NotFound' : 'InvalidRequest',
    `"${collection.slice(0, 100)}" is not served by this control plane.`,
    'docs/azure.md lists what is.',
  );
}

function part(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw new UserError('InvalidRequest', 'The path is not validly encoded.');
  }
  // A name never holds these, and path tricks do.
  if (/[\0\\/]/.test(decoded) || decoded === '..' || decoded === '.')
    throw new UserError('InvalidRequest', 'The path holds a name that is not allowed.');
  return decoded;
}
