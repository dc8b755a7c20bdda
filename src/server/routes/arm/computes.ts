import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { check } from '../../../protocol/check.ts';
import { thisMachine } from '../../../protocol/infrastructure.ts';
import { thePlane } from '../../../protocol/principal.ts';
import type { NewResource, StoredResource } from '../../../store/store.ts';
import { nameIn } from './named.ts';
import { type ArmRequest, jsonBody, page, refuseMethod } from './request.ts';
import { toResource, trackedBody } from './resource.ts';

const Body = Type.Object({
  properties: Type.Object({ computeType: Type.String(), properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())) }),
});

/** `…/computes[/{name}[/{action}]]`. What a cloud's cluster is called in a job runs here: a compute that was never made is stood in for by this machine. */
export async function computeRoute(request: ArmRequest): Promise<Response> {
  const { c, method, ref, rest, services } = request;
  const { store } = services;
  const ws = ref.workspace;
  const show = (stored: StoredResource) => toResource(ref, stored);
  if (rest.length === 0) {
    if (method !== 'GET') refuseMethod(request);
    return page(
      c,
      (offset, limit) => store.resources('computes', undefined, offset, limit),
      show,
      (each) => !isGone(each),
    );
  }
  const name = nameIn(request, 'computes');
  const action = rest[1]?.toLowerCase();
  if (rest.length > 2) refuseMethod(request);
  const stored = await store.resource('computes', name, '');
  const present = stored && !isGone(stored) ? stored : undefined;
  if (action !== undefined) {
    if (method !== 'POST') refuseMethod(request);
    if (!present) throw missing(name, ws);
    if (action === 'start' || action === 'stop' || action === 'restart') {
      await store.write((writer) => writer.putResource(inState(present, action === 'stop' ? 'Stopped' : 'Running')));
      return c.body(null, 202);
    }
    if (action === 'listnodes') return c.json({ nodes: [] });
    if (action === 'listkeys') return c.json({ computeType: (present.properties.properties as { computeType: string }).computeType });
    return refuseMethod(request);
  }
  if (method === 'GET') {
    if (!present && stored) throw missing(name, ws);
    return c.json(present ? show(present) : show(standIn(name, ws)));
  }
  if (name === thisMachine)
    throw new UserError(
      'Conflict',
      `The compute ${thisMachine} is this machine itself and can't be changed or removed.`,
      'Choose another name.',
    );
  if (method === 'PUT' || method === 'PATCH') {
    if (name.toLowerCase() === 'local')
      throw new UserError(
        'InvalidRequest',
        'No compute may be called "local".',
        "Azure's SDK takes that name for a run without a service. Choose another one.",
      );
    const body = trackedBody(await jsonBody(c));
    if (method === 'PATCH' && !present) throw missing(name, ws);
    const properties = check(
      Body,
      method === 'PUT'
        ? body
        : {
            ...present!.properties,
            ...body,
            properties: { ...(present!.properties.properties as object), ...(body.properties as object) },
          },
      'The compute',
    ).properties;
    const put = await store.write((writer) =>
      writer.putResource(
        inState(
          {
            kind: 'computes',
            name,
            version: '',
            properties: { ...body, properties: { properties: {}, ...properties, provisioningState: 'Succeeded' } },
          },
          stateOf(present) ?? 'Running',
        ),
      ),
    );
    return c.json(show(put), present || method === 'PATCH' ? 200 : 201);
  }
  if (method === 'DELETE') {
    if (present) await store.write((writer) => writer.putResource({ ...present, properties: { isGone: true } }));
    return c.body(null, present ? 200 : 204);
  }
  return refuseMethod(request);
}

interface ComputeBody {
  computeType?: string;
  properties?: Record<string, unknown>;
}

/** A compute instance runs or is stopped; no other compute has a state. */
function inState<T extends NewResource>(compute: T, state: string): T {
  const body = compute.properties.properties as ComputeBody;
  if (body.computeType !== 'ComputeInstance') return compute;
  return { ...compute, properties: { ...compute.properties, properties: { ...body, properties: { ...body.properties, state } } } };
}

const stateOf = (compute: StoredResource | undefined): string | undefined =>
  (compute?.properties.properties as ComputeBody | undefined)?.properties?.state as string | undefined;

/** A compute that was removed stays known as such, so that nothing stands in for it. */
const isGone = (stored: StoredResource): boolean => stored.properties.isGone === true;

const missing = (name: string, ws: string): UserError => new UserError('NotFound', `There is no compute "${name}" in the workspace ${ws}.`);

/** The answer for a name that a job's author has in the cloud. It is in no list and nothing of it is stored. */
function standIn(name: string, workspace: string): StoredResource {
  return {
    workspace,
    kind: 'computes',
    name,
    version: '',
    createdAt: 0,
    modifiedAt: 0,
    createdBy: thePlane.name,
    modifiedBy: thePlane.name,
    properties: {
      properties: {
        computeType: 'AmlCompute',
        provisioningState: 'Succeeded',
        description: `Stands for ${thisMachine}: jobs for this compute run on this machine.`,
        properties: {
          vmSize: 'this-machine',
          vmPriority: 'Dedicated',
          osType: 'Linux',
          scaleSettings: { minNodeCount: 0, maxNodeCount: 1 },
        },
      },
    },
  };
}
