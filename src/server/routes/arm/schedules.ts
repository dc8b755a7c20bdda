import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { check } from '../../../protocol/check.ts';
import type { StoredResource } from '../../../store/store.ts';
import { mustFind, nameIn } from './named.ts';
import { type ArmRequest, jsonBody, page, refuse, withoutNulls } from './request.ts';
import { toResource } from './resource.ts';

const Body = Type.Object({
  properties: Type.Object({
    trigger: Type.Object({ triggerType: Type.Enum(['Cron', 'Recurrence']) }),
    action: Type.Object({ actionType: Type.String() }),
    isEnabled: Type.Optional(Type.Boolean()),
  }),
});

/** `…/schedules[/{name}]`. They are kept as resources; nothing is started by them yet, and each says so in its properties. */
export async function scheduleRoute(request: ArmRequest): Promise<Response> {
  const { c, method, ref, rest, services } = request;
  const { store, user } = services;
  const ws = ref.workspace;
  const show = (stored: StoredResource) => toResource(ref, stored, user);
  if (rest.length === 0) {
    if (method !== 'GET') refuse(request);
    const view = c.req.query('listViewType') ?? 'EnabledOnly';
    if (!['EnabledOnly', 'DisabledOnly', 'All'].includes(view))
      throw new UserError('InvalidRequest', `listViewType can't be "${view.slice(0, 50)}".`, 'It is EnabledOnly, DisabledOnly or All.');
    return page(
      c,
      (offset, limit) => store.resources(ws, 'schedules', undefined, offset, limit),
      show,
      ({ properties }) => view === 'All' || (properties.isEnabled === true) === (view === 'EnabledOnly'),
    );
  }
  const name = nameIn(request, 'schedules');
  if (rest.length > 1) {
    if (rest.length === 2 && rest[1]!.toLowerCase() === 'trigger' && method === 'POST')
      throw new UserError(
        'UnsupportedKind',
        'Schedules are kept here, but this version does not start anything by them.',
        'Submit the job itself.',
      );
    refuse(request);
  }
  if (method === 'GET') return c.json(show(mustFind(request, 'schedules', name)));
  if (method === 'PUT') {
    const { properties } = check(Body, withoutNulls(await jsonBody(c)), 'The schedule');
    const { stored, created } = await store.write((writer) => ({
      created: !writer.resource(ws, 'schedules', name, ''),
      stored: writer.putResource({
        workspace: ws,
        kind: 'schedules',
        name,
        version: '',
        properties: {
          isEnabled: true,
          ...properties,
          properties: {
            ...(properties as { properties?: object }).properties,
            'updraft.note': 'Kept, but not started by this version of the control plane.',
          },
          provisioningState: 'Succeeded',
        },
      }),
    }));
    return c.json(show(stored), created ? 201 : 200);
  }
  if (method === 'DELETE') {
    const isThere = store.resource(ws, 'schedules', name, '') !== undefined;
    await store.write((writer) => writer.deleteResource(ws, 'schedules', name, ''));
    return c.body(null, isThere ? 200 : 204);
  }
  return refuse(request);
}
