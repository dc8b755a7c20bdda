import { randomUUID } from 'node:crypto';
import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { check } from '../../../protocol/check.ts';
import { type DeploymentNotes, onlineDeploymentOf } from '../../../protocol/onlineDeployment.ts';
import type { Store, StoredResource, StoreWriter } from '../../../store/store.ts';
import { keysOf, newSalt, tokenOf } from '../../endpointKeys.ts';
import { originOf } from '../../origin.ts';
import { safeName } from '../../paths.ts';
import { UseOfRegistries } from '../../registries/useOfRegistries.ts';
import { mustFind, nameIn, nounOf } from './named.ts';
import { operationHeaders } from './operations.ts';
import { type ArmRequest, jsonBody, page, refuseMethod } from './request.ts';
import { toResource, trackedBody } from './resource.ts';

const Flexible = Type.Record(Type.String(), Type.Unknown());
const Traffic = Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 100 }));
const bodies = {
  onlineEndpoints: Type.Object({
    properties: Type.Object({
      authMode: Type.Enum(['Key', 'AMLToken', 'AADToken', 'key', 'aml_token', 'aad_token']),
      traffic: Type.Optional(Traffic),
      mirrorTraffic: Type.Optional(Traffic),
    }),
  }),
  batchEndpoints: Type.Object({ properties: Type.Object({ authMode: Type.String(), defaults: Type.Optional(Flexible) }) }),
  onlineDeployments: Type.Object({
    properties: Type.Object({
      endpointComputeType: Type.Enum(['Managed', 'Kubernetes', 'AzureMLCompute']),
      environmentVariables: Type.Optional(Flexible),
    }),
  }),
  batchDeployments: Type.Object({ properties: Flexible }),
};
type EndpointKind = keyof typeof bodies;

/** Azure's rule for the names of endpoints and deployments: they become part of an address. */
const namePattern = /^[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]$/;

const notServed = 'This version of the control plane keeps batch endpoints and their deployments, and does not run them yet.';
/** Where a control plane has no runner. */
const notHere = {
  code: 'NotImplemented',
  message: 'This control plane runs nothing itself: it has no runner, so that its online deployments are kept and not served.',
};

/** `…/{online|batch}Endpoints[/{name}[/{action}|/deployments[/{name}[/{action}]]]]`. */
export async function endpointRoute(request: ArmRequest, family: 'online' | 'batch', plane: Store): Promise<Response> {
  const { rest } = request;
  const endpoints = `${family}Endpoints` as const;
  if (rest[1]?.toLowerCase() !== 'deployments') return endpoint(request, endpoints, plane);
  await mustFind(request, endpoints, nameIn(request, endpoints));
  return deployment(request, endpoints, `${family}Deployments` as const, plane);
}

async function endpoint(request: ArmRequest, kind: 'onlineEndpoints' | 'batchEndpoints', plane: Store): Promise<Response> {
  const { c, method, ref, rest, services } = request;
  const ws = ref.workspace;
  const show = (stored: StoredResource) => withAddress(request, kind, toResource(ref, stored));
  if (rest.length === 0) {
    if (method !== 'GET') refuseMethod(request);
    return page(c, (offset, limit) => services.store.resources(kind, undefined, offset, limit), show);
  }
  const name = nameIn(request, kind);
  const action = rest[1]?.toLowerCase();
  if (rest.length > 2) refuseMethod(request);
  if (action !== undefined) {
    const stored = await mustFind(request, kind, name);
    if (action === 'jobs' && kind === 'batchEndpoints') {
      // No job was ever started by one.
      if (method === 'GET') return c.json({ value: [] });
      throw new UserError('NotImplemented', notServed);
    }
    if (method !== 'POST') refuseMethod(request);
    if (action === 'listkeys') return c.json(keysOf(services.azure.identitySecret, stored));
    if (action === 'token') return c.json(tokenOf(services.azure.identitySecret, stored));
    if (action === 'regeneratekeys') return regenerate(request, stored);
    return refuseMethod(request);
  }
  if (method === 'GET') return c.json(show(await mustFind(request, kind, name)));
  if (method === 'PUT' || method === 'PATCH') return put(request, kind, name, '', show, plane);
  if (method === 'DELETE') {
    const isThere = (await services.store.resource(kind, name, '')) !== undefined;
    if (!isThere) return c.body(null, 204);
    const deployments = kind === 'onlineEndpoints' ? 'onlineDeployments' : 'batchDeployments';
    const isServed = kind === 'onlineEndpoints' && services.servesDeployments;
    await services.store.write(async (writer) => {
      const found = await writer.resources(deployments, name, 0, 10_000);
      // Those that are served go when their servers have ended, and their endpoint with the last one.
      if (isServed) for (const each of found) await markDeleting(writer, each);
      else for (const each of found) await writer.deleteResource(deployments, name, each.version);
      if (isServed && found.length) await markDeleting(writer, (await writer.resource(kind, name, ''))!);
      else await writer.deleteResource(kind, name, '');
      if (kind === 'onlineEndpoints') await writer.entities.deleteAll('endpointRequest', name);
    });
    return c.body(null, 202, operationHeaders(c, { workspace: ws, kind, name, version: '', op: 'delete' }));
  }
  return refuseMethod(request);
}

async function deployment(
  request: ArmRequest,
  endpoints: EndpointKind,
  kind: 'onlineDeployments' | 'batchDeployments',
  plane: Store,
): Promise<Response> {
  const { c, method, ref, rest, services } = request;
  const ws = ref.workspace;
  const [owner, , given, action] = rest;
  const show = (stored: StoredResource) => withoutNotes(toResource(ref, stored));
  if (given === undefined) {
    if (method !== 'GET') refuseMethod(request);
    return page(c, (offset, limit) => services.store.resources(kind, owner!, offset, limit), show);
  }
  const name = safeName(given, 'deployment');
  if (rest.length > 4) refuseMethod(request);
  if (action !== undefined) {
    await mustFind(request, kind, owner!, name);
    if (action.toLowerCase() === 'getlogs' && method === 'POST')
      return (
        (kind === 'onlineDeployments' ? await services.passOn(c) : undefined) ??
        c.json({ content: await logsOf(request, kind, owner!, name) })
      );
    if (action.toLowerCase() === 'skus' && method === 'GET') return c.json({ value: [] });
    return refuseMethod(request);
  }
  if (method === 'GET') return c.json(show(await mustFind(request, kind, owner!, name)));
  if (method === 'PUT' || method === 'PATCH') return put(request, kind, owner!, name, show, plane);
  if (method === 'DELETE') {
    const isThere = (await services.store.resource(kind, owner!, name)) !== undefined;
    if (!isThere) return c.body(null, 204);
    const traffic = ((await mustFind(request, endpoints, owner!)).properties.properties as { traffic?: Record<string, number> }).traffic?.[
      name
    ];
    if (traffic)
      throw new UserError(
        'Conflict',
        `The deployment ${name} gets ${traffic} % of the traffic of ${owner}.`,
        'Set its traffic to 0 first.',
      );
    const isServed = kind === 'onlineDeployments' && services.servesDeployments;
    await services.store.write(async (writer) => {
      const stored = await writer.resource(kind, owner!, name);
      if (stored && isServed) await markDeleting(writer, stored);
      else await writer.deleteResource(kind, owner!, name);
    });
    return c.body(null, 202, operationHeaders(c, { workspace: ws, kind, name: owner!, version: name, op: 'delete' }));
  }
  return refuseMethod(request);
}

/** Creates or changes an endpoint (`version` '') or a deployment. What Azure adds by itself is added. */
async function put(
  { c, method, ref, services }: ArmRequest,
  kind: EndpointKind,
  name: string,
  version: string,
  show: (stored: StoredResource) => unknown,
  plane: Store,
): Promise<Response> {
  const own = version || name;
  if (!namePattern.test(own))
    throw new UserError(
      'InvalidRequest',
      `"${own}" is no valid ${nounOf[kind]} name.`,
      'It starts with a letter, ends with a letter or digit, may have "-" in between, and has 3 to 32 characters.',
    );
  const given = trackedBody(await jsonBody(c));
  const isOnline = kind === 'onlineDeployments';
  const body = isOnline ? { ...given, properties: await new UseOfRegistries(plane, services).in(given.properties) } : given;
  const { stored, created } = await services.store.write(async (writer) => {
    const found = await writer.resource(kind, name, version);
    if (method === 'PATCH' && !found)
      throw new UserError('NotFound', `There is no ${nounOf[kind]} "${own}" in the workspace ${ref.workspace}.`);
    refuseWhenGoing(found, nounOf[kind]!);
    const before = method === 'PATCH' ? found!.properties : {};
    const merged = { ...before, ...body, properties: { ...(before.properties as object), ...(body.properties as object) } };
    check(bodies[kind], merged, `The ${nounOf[kind]}`);
    if (kind === 'onlineEndpoints') await refuseLostTraffic(writer, name, merged.properties);
    if (kind === 'onlineDeployments') refuseWhenGoing(await writer.resource('onlineEndpoints', name, ''), nounOf.onlineEndpoints!);
    const { error: _error, updraft: _notes, ...given } = merged.properties as Record<string, unknown>;
    const properties = {
      properties: {},
      ...(kind === 'onlineDeployments' ? { scaleSettings: { scaleType: 'Default' } } : {}),
      ...given,
      provisioningState: 'Succeeded',
      ...(kind === 'onlineDeployments' ? begun(found, services.servesDeployments) : {}),
      ...(kind === 'onlineEndpoints' || kind === 'batchEndpoints'
        ? { keySalt: (found?.properties.properties as { keySalt?: unknown } | undefined)?.keySalt ?? salts() }
        : {}),
    };
    const more = kind === 'onlineDeployments' ? { sku: { name: 'Default', capacity: 1 } } : {};
    return {
      created: !found,
      stored: await writer.putResource({ kind, name, version, properties: { ...more, ...merged, properties } }),
    };
  });
  const operation = operationHeaders(c, { workspace: ref.workspace, kind, name, version, op: 'put' });
  return c.json(show(stored), created ? 201 : 200, { 'azure-asyncoperation': operation['azure-asyncoperation']!, 'retry-after': '1' });
}

type Stored = StoredResource | undefined;

const propertiesOf = (stored: Stored) => (stored?.properties.properties ?? {}) as Record<string, unknown>;

/** How it stands with a deployment that was just created or changed: what serves it says when it is there. */
function begun(found: Stored, isServed: boolean): Record<string, unknown> {
  const { served } = (propertiesOf(found).updraft ?? {}) as Partial<DeploymentNotes>;
  const updraft: DeploymentNotes = { asked: randomUUID(), ...(served === undefined ? {} : { served }) };
  if (!isServed) return { provisioningState: 'Failed', error: notHere, updraft };
  return { provisioningState: found ? 'Updating' : 'Creating', updraft };
}

function refuseWhenGoing(found: Stored, noun: string): void {
  if (propertiesOf(found).provisioningState === 'Deleting')
    throw new UserError('Conflict', `The ${noun} ${found!.version || found!.name} is being deleted.`, 'Try again when it is gone.');
}

async function markDeleting(writer: StoreWriter, stored: StoredResource): Promise<void> {
  const properties = { ...propertiesOf(stored), provisioningState: 'Deleting' };
  await writer.putResource({ ...stored, properties: { ...stored.properties, properties } });
}

/** What the plane itself keeps of a deployment is shown to nobody. */
function withoutNotes(resource: Record<string, unknown>): Record<string, unknown> {
  const { updraft: _updraft, ...properties } = resource.properties as Record<string, unknown>;
  return { ...resource, properties };
}

/** Most lines of a log in one answer. */
const mostLines = 5000;

async function logsOf({ c, services }: ArmRequest, kind: EndpointKind, endpoint: string, name: string): Promise<string> {
  const body = Type.Object({
    tail: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    containerType: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  });
  const { tail, containerType } = check(body, await jsonBody(c), 'The request');
  const serving = services.serving();
  if (kind !== 'onlineDeployments') return `${notServed}\n`;
  if (!serving) return `${notHere.message}\n`;
  const lines = Math.min(mostLines, Math.max(1, tail ?? 50));
  const container = containerType?.toLowerCase();
  const what = container === 'storageinitializer' ? 'preparation' : container === 'inferenceserver' ? 'servers' : 'all';
  return serving.logOf(onlineDeploymentOf((await services.store.resource(kind, endpoint, name))!).id, what, lines);
}

/** Refuses traffic to a deployment that the endpoint does not have. */
async function refuseLostTraffic(writer: StoreWriter, endpoint: string, properties: Record<string, unknown>): Promise<void> {
  const present = (await writer.resources('onlineDeployments', endpoint, 0, 1000)).map(({ version }) => version);
  for (const key of ['traffic', 'mirrorTraffic'])
    for (const [deployment, share] of Object.entries((properties[key] ?? {}) as Record<string, number>))
      if (share > 0 && !present.includes(deployment))
        throw new UserError(
          'InvalidRequest',
          `The endpoint ${endpoint} has no deployment "${deployment}", to which ${share} % of the ${key === 'traffic' ? 'traffic' : 'mirrored traffic'} should go.`,
          present.length ? `It has ${present.join(', ')}.` : 'Create the deployment first.',
        );
}

/** Adds where the endpoint would be called, which changes with the port and is never stored, and takes away what keys are made of. */
function withAddress({ c }: ArmRequest, kind: EndpointKind, resource: Record<string, unknown>): Record<string, unknown> {
  const { keySalt: _keySalt, ...properties } = resource.properties as Record<string, unknown>;
  const origin = originOf(c);
  const address =
    kind === 'onlineEndpoints'
      ? { scoringUri: `${origin}/endpoints/${resource.name}/score`, swaggerUri: `${origin}/endpoints/${resource.name}/swagger.json` }
      : { scoringUri: `${origin}/endpoints/${resource.name}/jobs` };
  return { ...resource, properties: { ...properties, ...address } };
}

const salts = () => ({ primary: newSalt(), secondary: newSalt() });

async function regenerate(request: ArmRequest, stored: StoredResource): Promise<Response> {
  const { keyType } = check(Type.Object({ keyType: Type.Enum(['Primary', 'Secondary']) }), await jsonBody(request.c), 'The request');
  const properties = stored.properties.properties as { keySalt: Record<string, string> };
  const keySalt = { ...properties.keySalt, [keyType.toLowerCase()]: newSalt() };
  await request.services.store.write((writer) =>
    writer.putResource({ ...stored, properties: { ...stored.properties, properties: { ...properties, keySalt } } }),
  );
  return request.c.body(null, 200);
}
