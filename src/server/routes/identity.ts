import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { azureCloud } from '../../protocol/azureClients.ts';
import { isMember } from '../../protocol/principal.ts';
import { originOf, publishedOrigin, secureOrigin } from '../origin.ts';
import type { PlaneServices } from '../services.ts';

/** What lets azure-identity and azure-ai-ml find this plane and be let in: the cloud's metadata, the managed identity, and how to point a shell here. */
export function identityRoutes(services: PlaneServices): Hono {
  const { azure, secure } = services;
  const app = new Hono();

  // Without authorization by Azure's own rule; asked for again at nearly every operation.
  app.get('/metadata/endpoints', async (c) => {
    const origin = await secureOrigin(c, services);
    const host = origin.slice('https://'.length);
    return c.json([
      {
        name: azureCloud,
        portal: 'https://portal.updraft.localhost/',
        resourceManager: `${origin}/`,
        authentication: { loginEndpoint: `${origin}/login`, audiences: [`${origin}/`], tenant: 'common', identityProvider: 'AAD' },
        // The client writes https://{account}.blob.{storage}/…: with this the part before @ is the user of a URL and no name to look up.
        suffixes: { storage: `updraft@${host}` },
        // Where the clients for roles look up people by their names.
        microsoftGraphResourceId: `${origin}/`,
      },
    ]);
  });

  app.get('/msi/token', async (c) => {
    // Who came another way asks for a token for this machine's own address.
    if (publishedOrigin(c, services) === undefined) await secure.open();
    // App Service names the header X-IDENTITY-HEADER, Azure ML's own computes `secret`.
    return c.json(await azure.issue(c.req.header('x-identity-header') ?? c.req.header('secret'), c.req.query('resource')));
  });

  app.get('/updraft/azure', async (c) => {
    const { principal } = c.get('asked');
    if (isMember(principal) && c.req.header('authorization') === undefined)
      throw new UserError(
        'Forbidden',
        "What a browser has is no token for Azure's clients.",
        'Make a personal token, and ask with it: updraft token create.',
      );
    // To a member of a team it is the own token that opens everything. A runner gives its jobs tokens of their own.
    const own = isMember(principal) ? (c.req.header('authorization') ?? '').replace(/^Bearer /i, '') : azure.identitySecret;
    const identitySecret = principal.kind === 'runner' ? '' : own;
    const published = publishedOrigin(c, services);
    if (published !== undefined) return c.json({ url: published, armUrl: published, identitySecret });
    const { url: armUrl, authorityFile } = await secure.open();
    return c.json({ url: originOf(c), armUrl, authorityFile, identitySecret });
  });

  return app;
}
