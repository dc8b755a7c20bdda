import * as Type from 'typebox';
import { check } from '../../../protocol/check.ts';
import type { StoredResource } from '../../../store/store.ts';
import { secretsIn, withSecrets } from '../../secrets/resourceSecrets.ts';
import { mustFind, nameIn } from './named.ts';
import { type ArmRequest, jsonBody, page, refuseMethod, withoutNulls } from './request.ts';
import { toResource } from './resource.ts';

const Body = Type.Object({
  properties: Type.Object({
    category: Type.String(),
    authType: Type.Optional(Type.String()),
    target: Type.Optional(Type.String()),
    credentials: Type.Optional(Type.Object({})),
  }),
});

/** `…/connections[/{name}[/listsecrets]]`. A PUT answers 200 alone: the SDK takes no other. */
export async function connectionRoute(request: ArmRequest): Promise<Response> {
  const { c, method, ref, rest, services } = request;
  const { store, secrets, workspace } = services;
  const whole = (stored: StoredResource) => {
    const credentials = secretsIn(secrets, workspace, stored);
    const { credentials: _sealed, ...properties } = stored.properties;
    return toResource(ref, { ...stored, properties: { ...properties, ...(credentials ? { credentials } : {}) } });
  };
  const show = (stored: StoredResource) => {
    const { credentials: _credentials, ...properties } = stored.properties;
    return toResource(ref, { ...stored, properties });
  };
  if (rest.length === 0) {
    if (method !== 'GET') refuseMethod(request);
    const [target, category] = [c.req.query('target'), c.req.query('category')?.toLowerCase()];
    return page(
      c,
      (offset, limit) => store.resources('connections', undefined, offset, limit),
      show,
      ({ properties }) =>
        (target === undefined || properties.target === target) &&
        (category === undefined || String(properties.category).toLowerCase() === category),
    );
  }
  const name = nameIn(request, 'connections');
  if (rest.length === 2 && rest[1]!.toLowerCase() === 'listsecrets' && method === 'POST')
    return c.json(whole(await mustFind(request, 'connections', name)));
  if (rest.length > 1) refuseMethod(request);
  if (method === 'GET') return c.json(show(await mustFind(request, 'connections', name)));
  if (method === 'PUT' || method === 'PATCH') {
    const body = withoutNulls(await jsonBody(c)) as { properties?: Record<string, unknown> };
    const { credentials: sealed, ...before } =
      method === 'PATCH' ? (await mustFind(request, 'connections', name)).properties : ({} as Record<string, unknown>);
    const { properties } = check(Body, { properties: { ...before, ...body.properties } }, 'The connection');
    const { credentials, ...shown } = properties;
    const stored = {
      kind: 'connections',
      name,
      version: '',
      properties: { ...shown, ...(sealed ? { credentials: sealed } : {}) },
    } as const;
    const resource = credentials ? { ...stored, properties: withSecrets(secrets, workspace, stored, credentials) } : stored;
    return c.json(show(await store.write((writer) => writer.putResource(resource))));
  }
  if (method === 'DELETE') {
    const isThere = (await store.resource('connections', name, '')) !== undefined;
    await store.write((writer) => writer.deleteResource('connections', name, ''));
    return c.body(null, isThere ? 200 : 204);
  }
  return refuseMethod(request);
}
