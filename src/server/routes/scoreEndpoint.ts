import { chunksUpTo } from '../../base/chunksUpTo.ts';
import { onlineDeploymentOf } from '../../protocol/onlineDeployment.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { StoredResource } from '../../store/store.ts';
import type { PlaneServices } from '../services.ts';

/** Largest request, in bytes. */
export const mostBytes = 100 * 1024 * 1024;

/** A call of an endpoint by somebody who may. */
export interface EndpointCall {
  method: string;
  headers: Headers;
  /** undefined when it is too large. Not read where nobody could answer. */
  body(): Promise<Uint8Array | undefined>;
  signal: AbortSignal;
  /** The deployment that is asked for; undefined: the traffic decides. */
  deployment: string | undefined;
}

/** Has a deployment of an endpoint answer. `path` is what follows the endpoint's own, with its query: `/score`. */
export async function scoreEndpoint(
  { store, serving, tracer }: Pick<PlaneServices, 'store' | 'serving' | 'tracer'>,
  { workspace, name, properties: stored }: StoredResource,
  path: string,
  { method, headers, body: read, signal, deployment: named }: EndpointCall,
): Promise<Response> {
  const served = serving();
  if (!served) return endpointFailure(501, 'NotImplemented', 'This control plane runs nothing itself, so that it serves no deployments.');
  const { traffic = {}, mirrorTraffic = {} } = stored.properties as Record<string, Record<string, number> | undefined>;
  const turn = served.turn(`${workspace}/${name}`, named === undefined ? traffic : {}, named === undefined ? mirrorTraffic : {});
  const answers = named ?? turn.answers;
  if (answers === undefined)
    return endpointFailure(404, 'NotFound', `The endpoint ${name} has no deployment that gets traffic.`, {
      hint: 'Give one its share: updraft online-endpoint update --traffic "NAME=100".',
    });
  const rows = store.in(workspace, thePlane);
  const deployment = await rows.resource('onlineDeployments', name, answers);
  if (!deployment) return endpointFailure(404, 'NotFound', `The endpoint ${name} has no deployment "${answers.slice(0, 100)}".`);
  const body = await read();
  if (!body) return tooLarge();
  const call = { method, path, headers: new Headers(headers), body };
  // The deployment's server does it as a part of this request.
  for (const [name, value] of Object.entries(tracer?.headers() ?? {})) call.headers.set(name, value);
  if (!path.startsWith('/score')) return served.call(onlineDeploymentOf(deployment), { ...call, isPassedOn: true, signal });
  const copied =
    turn.copied === undefined || turn.copied === answers ? undefined : await rows.resource('onlineDeployments', name, turn.copied);
  if (copied) served.mirror(onlineDeploymentOf(copied), call);
  return served.call(onlineDeploymentOf(deployment), { ...call, signal });
}

/** The rest of the request is not read, so the connection ends. */
export const tooLarge = (): Response =>
  endpointFailure(413, 'RequestTooLarge', `A request may have at most ${mostBytes} bytes.`, { close: true });

/** The body of a request to an endpoint; undefined when it is too large: what it has beyond is not read. */
export async function endpointBody(request: Request): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) return undefined;
  const chunks = await chunksUpTo((request.body ?? []) as AsyncIterable<Uint8Array>, mostBytes);
  return chunks && Buffer.concat(chunks);
}

/** An answer of the plane itself, in ARM's words. */
export function endpointFailure(
  status: 404 | 413 | 501 | 502 | 503,
  code: string,
  message: string,
  { hint, close = false, headers = {} }: { hint?: string; close?: boolean; headers?: Record<string, string> } = {},
): Response {
  const additionalInfo = hint === undefined ? [] : [{ type: 'Hint', info: { hint } }];
  return Response.json(
    { error: { code, message, target: null, details: [], additionalInfo } },
    { status, headers: { ...headers, ...(close ? { connection: 'close' } : {}) } },
  );
}
