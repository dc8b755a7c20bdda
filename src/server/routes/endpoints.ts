import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { thePlane } from '../../protocol/principal.ts';
import { opens } from '../endpointKeys.ts';
import type { PlaneServices } from '../services.ts';
import { ownWorkspaces } from '../workspaceNames.ts';

/** Where endpoints are called, with one of their own keys. They are kept but not served yet: a caller is told so, and no client retries a 501. */
export function endpointRoutes({ store, azure }: PlaneServices): Hono {
  return new Hono().all('/endpoints/:name/*', async (c) => {
    const key = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    if (!(await isOpen(c.req.param('name'), key)))
      throw new UserError(
        'Unauthorized',
        'An endpoint is opened by one of its own keys.',
        'List them with "az ml online-endpoint get-credentials".',
      );
    const message = 'This version of the control plane keeps endpoints and deployments, and does not serve them yet.';
    return c.json({ error: { code: 'UnsupportedKind', message } }, 501);
  });

  /** Whether there is an endpoint of that name which the key opens. */
  async function isOpen(name: string, key: string): Promise<boolean> {
    for (const workspace of await ownWorkspaces(store))
      for (const kind of ['onlineEndpoints', 'batchEndpoints'] as const) {
        const endpoint = await store.in(workspace, thePlane).resource(kind, name, '');
        if (endpoint && opens(key, azure.identitySecret, endpoint)) return true;
      }
    return false;
  }
}
