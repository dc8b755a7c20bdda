import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { UserError } from '../../base/userError.ts';
import { noteSignIn } from '../audit/noteSignIn.ts';
import { originOf } from '../origin.ts';
import { remoteAddress } from '../remoteAddress.ts';
import type { PlaneServices } from '../services.ts';

/**
 * Gives programs a token for a client id and a secret, as Entra does for Azure's clients (`ClientSecretCredential` with `authority` and `tenant_id` of this plane). Errors have the shape of OAuth, which these clients
 * read.
 */
export function clientCredentialsRoutes(services: PlaneServices, planeId: string): Hono {
  const { team, azure, secure, attempts } = services;
  const refuse = (c: Context, status: 400 | 401 | 429, error: string, description: string) => {
    c.header('cache-control', 'no-store');
    return c.json({ error, error_description: description }, status);
  };
  const isTenant = (tenant: string): boolean => tenant.toLowerCase() === planeId.toLowerCase();
  const otherTenant = (c: Context, tenant: string) =>
    refuse(c, 400, 'invalid_tenant', `This control plane has no tenant "${tenant.slice(0, 100)}": its own is ${planeId}.`);

  return new Hono()
    .get('/:tenant/v2.0/.well-known/openid-configuration', (c) => {
      const tenant = c.req.param('tenant');
      if (!isTenant(tenant)) return otherTenant(c, tenant);
      const base = `${originOf(c)}/${tenant}`;
      return c.json({
        issuer: `${base}/v2.0`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        // Azure's clients want to know it, also where they never go there.
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
        grant_types_supported: ['client_credentials'],
        response_types_supported: ['token'],
        subject_types_supported: ['pairwise'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    })
    .post('/:tenant/oauth2/v2.0/token', bodyLimit({ maxSize: 16 * 1024 }), async (c) => {
      const tenant = c.req.param('tenant');
      if (!isTenant(tenant)) return otherTenant(c, tenant);
      const form = new URLSearchParams(await c.req.text());
      const grant = form.get('grant_type') ?? '';
      if (grant !== 'client_credentials')
        return refuse(c, 400, 'unsupported_grant_type', `Programs get tokens here by client_credentials, not by "${grant.slice(0, 100)}".`);
      const { id, secret } = basicOf(c) ?? { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
      const address = remoteAddress(c, services);
      const wait = await attempts.wait(address, secret);
      if (wait !== undefined) return tooMany(c, wait);
      try {
        const member = team?.principalOfSecret(id, secret);
        if (!member) {
          const left = await attempts.failed(address, secret);
          if (left !== undefined) return tooMany(c, left);
          return refuse(c, 401, 'invalid_client', `AADSTS7000215: Invalid client secret provided for the app '${id.slice(0, 100)}'.`);
        }
        await secure.open();
        const resource = (form.get('scope') ?? '').split(' ')[0]!.replace(/\/\.default$/, '');
        const token = await azure.issueTo(member, resource);
        await noteSignIn(c, services, member);
        c.header('cache-control', 'no-store');
        const expiresIn = Number(token.expires_on) - Math.floor(Date.now() / 1000);
        return c.json({ token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token.access_token });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        if (error.code === 'Unauthorized') return refuse(c, 401, 'invalid_client', `AADSTS7000222: ${error.describe()}`);
        return refuse(c, 400, 'invalid_scope', `AADSTS70011: ${error.describe()}`);
      }
    });

  function tooMany(c: Context, wait: number): Response {
    c.header('retry-after', String(wait));
    return refuse(c, 429, 'temporarily_unavailable', `There were too many wrong secrets: try it again in ${wait} seconds.`);
  }
}

/** What stands in `Authorization: Basic`, each part encoded as in a form (RFC 6749, 2.3.1). */
function basicOf(c: Context): { id: string; secret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  if (id === undefined) return undefined;
  try {
    return { id: decodeURIComponent(id), secret: decodeURIComponent(secret!) };
  } catch {
    return { id, secret: secret! };
  }
}
