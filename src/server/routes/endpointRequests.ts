import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { aside } from '../../base/aside.ts';
import { chunksUpTo } from '../../base/chunksUpTo.ts';
import { UserError } from '../../base/userError.ts';
import { deploymentHeader, type EndpointRequest, mostRequestsKept, mostRequestText } from '../../protocol/endpointRequest.ts';
import type { StoredResource } from '../../store/store.ts';
import { safeName } from '../paths.ts';
import type { PlaneServices } from '../services.ts';
import { endpointBody, endpointFailure, scoreEndpoint } from './scoreEndpoint.ts';

/** Largest answer that is shown to a person, in bytes. */
const mostAnswer = 20 * 1024 * 1024;
const address = '/updraft/endpoints/:name/requests';

/** Requests that people send to endpoints from a page: without a key, which no page gets to see, and kept to be looked at and sent again. */
export function endpointRequestRoutes(plane: PlaneServices): Hono {
  const { logger } = plane;
  return new Hono()
    .post(address, async (c) => {
      const endpoint = await endpointOf(c);
      const elsewhere = await plane.passOn(c);
      if (elsewhere) return elsewhere;
      const headers = new Headers({
        'content-type': c.req.header('content-type') ?? 'application/json',
        accept: c.req.header('accept') ?? '*/*',
      });
      const deployment = c.req.query('deployment') || undefined;
      let body: Uint8Array | undefined;
      const started = performance.now();
      const at = new Date().toISOString();
      const answered = await scoreEndpoint(plane, endpoint, '/score', {
        method: 'POST',
        headers,
        body: async () => (body = await endpointBody(c.req.raw)),
        signal: c.req.raw.signal,
        deployment,
      });
      const chunks = await chunksUpTo((answered.body ?? []) as AsyncIterable<Uint8Array>, mostAnswer);
      const answer = chunks
        ? new Response(Buffer.concat(chunks), answered)
        : endpointFailure(
            413,
            'AnswerTooLarge',
            `The answer has more than ${mostAnswer} bytes, which no page shows. Call the endpoint with one of its keys.`,
          );
      const ms = performance.now() - started;
      const { status } = answer;
      const answeredBy = answer.headers.get(deploymentHeader);
      const written = await answer.clone().text();
      const sent = body && textOf(body);
      const keeping = keep(c, endpoint.name, {
        id: randomUUID(),
        at,
        ...(deployment === undefined ? {} : { deployment }),
        ...(answeredBy ? { answeredBy } : {}),
        ...(sent === undefined ? {} : { request: sent }),
        status,
        ms: Math.round(ms * 10) / 10,
        answer: written.length > mostRequestText ? `${written.slice(0, mostRequestText)}…` : written,
      });
      // Whether it could be kept is no part of the answer.
      aside('a request to an endpoint was not kept', keeping, logger);
      return answer;
    })
    .get(address, async (c) => {
      const { name } = await endpointOf(c);
      const found = await c.get('asked').store.entities.list('endpointRequest', name, 0, mostRequestsKept);
      return c.json({ value: found.map(({ body }) => body as EndpointRequest) });
    })
    .delete(address, async (c) => {
      const { name } = await endpointOf(c);
      await c.get('asked').store.write((writer) => writer.entities.deleteAll('endpointRequest', name));
      return c.body(null, 204);
    });
}

async function endpointOf(c: Context): Promise<StoredResource> {
  const name = safeName(c.req.param('name') ?? '', 'endpoint');
  const found = await c.get('asked').store.resource('onlineEndpoints', name, '');
  if (!found) throw new UserError('NotFound', `There is no online endpoint "${name}".`);
  return found;
}

/** A text that may be kept; undefined for a longer one, and for what is none. */
function textOf(body: Uint8Array): string | undefined {
  if (body.byteLength > mostRequestText) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** Keeps a request, and forgets the oldest. */
async function keep(c: Context, endpoint: string, body: EndpointRequest): Promise<void> {
  await c.get('asked').store.write(async (writer) => {
    // Deleted in the meantime, it takes no more.
    if (!(await writer.resource('onlineEndpoints', endpoint, ''))) return;
    await writer.entities.put({ kind: 'endpointRequest', id: body.id, scope: endpoint, at: Date.parse(body.at), body });
    for (const { id } of await writer.entities.list('endpointRequest', endpoint, mostRequestsKept, mostRequestsKept))
      await writer.entities.delete('endpointRequest', id);
  });
}
