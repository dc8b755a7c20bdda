import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { deploymentHeader } from '../../protocol/endpointRequest.ts';
import { isMember, thePlane } from '../../protocol/principal.ts';
import type { StoredResource } from '../../store/store.ts';
import { opens } from '../endpointKeys.ts';
import type { PlaneServices } from '../services.ts';
import { mayAct } from '../team/mayAct.ts';
import { ownWorkspaces } from '../workspaceNames.ts';
import { describeEndpoint } from './describeEndpoint.ts';
import { endpointBody, endpointFailure, scoreEndpoint } from './scoreEndpoint.ts';

/** Below an endpoint of language models. */
const isOpenAi = /^\/v1\/(?:models|chat\/completions|completions|embeddings)$/;

const score = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action';

type Found = { kind: 'onlineEndpoints' | 'batchEndpoints'; endpoint: StoredResource };

/** Where endpoints are called, with one of their own keys. */
export function endpointRoutes(plane: PlaneServices): Hono {
  const { store, azure, owner, team } = plane;
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
      return endpointFailure(501, 'UnsupportedKind', 'This version of the control plane keeps batch endpoints, and does not run them yet.');
    const elsewhere = await plane.passOn(c);
    if (elsewhere) return elsewhere;
    const rest = c.req.path.slice(`/endpoints/${encodeURIComponent(name)}`.length);
    if (rest === '/swagger.json' && c.req.method === 'GET') {
      const version = c.req.query('version') === '3' ? 3 : 2;
      return describeEndpoint(plane, found.endpoint, `${plane.url()}/endpoints/${encodeURIComponent(name)}`, version, {
        deployment: c.req.header(deploymentHeader),
        signal: c.req.raw.signal,
      });
    }
    if (rest !== '/score' && !isOpenAi.test(rest))
      return endpointFailure(404, 'NotFound', `The endpoint ${name} has no ${rest.slice(0, 100)}. It is called at /score.`);
    return scoreEndpoint(plane, found.endpoint, `${rest}${new URL(c.req.url).search}`, {
      method: c.req.method,
      headers: c.req.raw.headers,
      body: () => endpointBody(c.req.raw),
      signal: c.req.raw.signal,
      deployment: c.req.header(deploymentHeader),
    });
  });

  /** The endpoint of that name which the key opens. */
  async function openedBy(name: string, key: string): Promise<Found | undefined> {
    for (const workspace of await ownWorkspaces(store))
      for (const kind of ['onlineEndpoints', 'batchEndpoints'] as const) {
        const endpoint = await store.in(workspace, thePlane).resource(kind, name, '');
        if (endpoint && (opens(key, azure.identitySecret, endpoint) || (takesEntra(endpoint) && (await mayScore(key, workspace)))))
          return { kind, endpoint };
      }
    return undefined;
  }

  async function mayScore(token: string, workspace: string): Promise<boolean> {
    const principal = await azure.principalOf(token, '/endpoints').catch(() => undefined);
    return principal === owner || (principal !== undefined && isMember(principal) && mayAct({ team, principal, workspace }, score));
  }
}

const takesEntra = ({ properties }: StoredResource): boolean =>
  /^aad/i.test(String((properties.properties as { authMode?: unknown }).authMode));
