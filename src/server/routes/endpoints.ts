import { type Context, Hono } from 'hono';
import { chunksUpTo } from '../../base/chunksUpTo.ts';
import { UserError } from '../../base/userError.ts';
import { onlineDeploymentOf } from '../../protocol/onlineDeployment.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { StoredResource } from '../../store/store.ts';
import { opens } from '../endpointKeys.ts';
import type { PlaneServices } from '../services.ts';
import { ownWorkspaces } from '../workspaceNames.ts';

/** Largest request, in bytes. */
const mostBytes = 100 * 1024 * 1024;

/** Below an endpoint of language models. */
const isOpenAi = /^\/v1\/(?:models|chat\/completions|completions|embeddings)$/;

type Found = { kind: 'onlineEndpoints' | 'batchEndpoints'; endpoint: StoredResource };

/** Where endpoints are called, with one of their own keys. */
export function endpointRoutes({ store, azure, serving, owner }: PlaneServices): Hono {
  return new Hono().all('/endpoints/:name/*', async (c) => {
    const name = c.req.param('name');
    const key = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    const found = await openedBy(name, key);
    if (!found)
      throw new UserError(
        'Unauthorized',
        'An endpoint is opened by one of its own keys.',
        'List them with "az ml online-endpoint get-credentials".',
      );
    if (found.kind === 'batchEndpoints')
      return failed(c, 501, 'UnsupportedKind', 'This version of the control plane keeps batch endpoints, and does not run them yet.');
    const rest = c.req.path.slice(`/endpoints/${encodeURIComponent(name)}`.length);
    if (rest !== '/score' && !isOpenAi.test(rest))
      return failed(c, 404, 'NotFound', `The endpoint ${name} has no ${rest.slice(0, 100)}. It is called at /score.`);
    return score(c, found.endpoint, rest);
  });

  async function score(c: Context, { workspace, name, properties: stored }: StoredResource, rest: string): Promise<Response> {
    const served = serving();
    if (!served) return failed(c, 501, 'NotImplemented', 'This control plane runs nothing itself, so that it serves no deployments.');
    const { traffic = {}, mirrorTraffic = {} } = stored.properties as Record<string, Record<string, number> | undefined>;
    const named = c.req.header('azureml-model-deployment');
    const turn = served.turn(`${workspace}/${name}`, named === undefined ? traffic : {}, named === undefined ? mirrorTraffic : {});
    const answers = named ?? turn.answers;
    if (answers === undefined)
      return failed(c, 404, 'NotFound', `The endpoint ${name} has no deployment that gets traffic.`, {
        hint: 'Give one its share: updraft online-endpoint update --traffic "NAME=100".',
      });
    const rows = store.in(workspace, thePlane);
    const deployment = await rows.resource('onlineDeployments', name, answers);
    if (!deployment) return failed(c, 404, 'NotFound', `The endpoint ${name} has no deployment "${answers.slice(0, 100)}".`);
    const body = await bodyOf(c.req.raw);
    if (!body) return failed(c, 413, 'RequestTooLarge', `A request may have at most ${mostBytes} bytes.`, { close: true });
    const { search } = new URL(c.req.url);
    const call = { method: c.req.method, path: `${rest}${search}`, headers: c.req.raw.headers, body };
    if (rest !== '/score') return served.call(onlineDeploymentOf(deployment), { ...call, isPassedOn: true, signal: c.req.raw.signal });
    const copied =
      turn.copied === undefined || turn.copied === answers ? undefined : await rows.resource('onlineDeployments', name, turn.copied);
    if (copied) served.mirror(onlineDeploymentOf(copied), call);
    return served.call(onlineDeploymentOf(deployment), { ...call, signal: c.req.raw.signal });
  }

  /** The endpoint of that name which the key opens. */
  async function openedBy(name: string, key: string): Promise<Found | undefined> {
    for (const workspace of await ownWorkspaces(store))
      for (const kind of ['onlineEndpoints', 'batchEndpoints'] as const) {
        const endpoint = await store.in(workspace, thePlane).resource(kind, name, '');
        if (endpoint && (opens(key, azure.identitySecret, endpoint) || (takesEntra(endpoint) && (await isOwners(key)))))
          return { kind, endpoint };
      }
    return undefined;
  }

  async function isOwners(token: string): Promise<boolean> {
    return (await azure.principalOf(token).catch(() => undefined)) === owner;
  }
}

const takesEntra = ({ properties }: StoredResource): boolean =>
  /^aad/i.test(String((properties.properties as { authMode?: unknown }).authMode));

/** The body; undefined when it is too large: what it has beyond is not read. */
async function bodyOf(request: Request): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) return undefined;
  const chunks = await chunksUpTo((request.body ?? []) as AsyncIterable<Uint8Array>, mostBytes);
  return chunks && Buffer.concat(chunks);
}

function failed(
  c: Context,
  status: 404 | 413 | 501,
  code: string,
  message: string,
  { hint, close = false }: { hint?: string; close?: boolean } = {},
): Response {
  if (close) c.header('connection', 'close');
  const additionalInfo = hint === undefined ? [] : [{ type: 'Hint', info: { hint } }];
  return c.json({ error: { code, message, target: null, details: [], additionalInfo } }, status);
}
