import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import type { Seen, SmallBrowser } from './smallBrowser.ts';

export interface PersonAtProvider {
  email?: string;
  email_verified?: boolean;
  name?: string;
  groups?: string[];
  [claim: string]: unknown;
}

/** A real OpenID provider on loopback, and what goes wrong with it. */
export interface TestProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Whom it knows, by the name that they sign in with; may be changed. */
  people: Record<string, PersonAtProvider>;
  /** Answers in its place, where it answers true. */
  inPlace: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Makes another ID token of the claims of the right one. */
  otherToken: ((claims: JWTPayload) => Promise<string>) | undefined;
  /** Its own key, and one that it does not publish. */
  key: CryptoKey;
  foreignKey: CryptoKey;
  publicKey: CryptoKey;
  sign(claims: JWTPayload, key?: CryptoKey | Uint8Array, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** It has another key from now on, once it is opened again. */
  changeKey(): Promise<void>;
  /** Tells it where the plane is. Before that it answers nothing. */
  open(planeUrl: string): Promise<void>;
  close(): Promise<void>;
}

export interface Kind {
  /** Its issuer has one, as Entra's has the tenant. */
  path?: string;
  /** It tells mail and groups where they are asked for with the access token alone. */
  isTerse?: boolean;
  /** It knows the plane without a secret. */
  isPublic?: boolean;
}

export async function startIdentityProvider({ path = '', isTerse = false, isPublic = false }: Kind = {}): Promise<TestProvider> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const foreign = await generateKeyPair('RS256');
  let handle: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const server: Server = createServer((request, response) => {
    if (provider.inPlace?.(request, response) || !handle) return;
    if (path !== '') {
      Object.assign(request, { originalUrl: request.url });
      request.url = request.url!.startsWith(path) ? request.url!.slice(path.length) || '/' : request.url!;
    }
    handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let keyId = 'test';
  const sign: TestProvider['sign'] = (claims, key = provider.key, header = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: keyId, ...header }).sign(key);
  const provider: TestProvider = {
    issuer: `${origin}${path}`,
    clientId: 'updraft',
    clientSecret: 'secret of the client',
    people: {},
    inPlace: undefined,
    otherToken: undefined,
    key: privateKey,
    foreignKey: foreign.privateKey,
    publicKey,
    sign,
    async changeKey() {
      const next = await generateKeyPair('RS256', { extractable: true });
      Object.assign(provider, { key: next.privateKey, publicKey: next.publicKey });
      keyId = crypto.randomUUID();
    },
    async open(planeUrl) {
      const jwk = { ...(await exportJWK(provider.key)), kid: keyId, use: 'sig', alg: 'RS256' };
      const real = new Provider(`${origin}${path}`, {
        jwks: { keys: [jwk as never] },
        clients: [
          {
            client_id: this.clientId,
            ...(isPublic ? { token_endpoint_auth_method: 'none' as const } : { client_secret: this.clientSecret }),
            redirect_uris: [`${planeUrl}/sign-in/callback`],
            grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
            response_types: ['code'],
            backchannel_logout_uri: `${planeUrl}/sign-in/back-channel-logout`,
            backchannel_logout_session_required: true,
          },
        ],
        claims: {
          openid: ['sub', '_claim_names', 'hasgroups', 'tid', 'oid', 'xms_edov', ...(isTerse ? [] : ['groups'])],
          email: ['email', 'email_verified', 'groups'],
          profile: ['name'],
        },
        conformIdTokenClaims: isTerse,
        findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...provider.people[id] }) }),
        features: { devInteractions: { enabled: true }, deviceFlow: { enabled: true }, backchannelLogout: { enabled: true } },
        ttl: { AccessToken: 600, AuthorizationCode: 60, DeviceCode: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
        // Else it sends nothing to an address of this machine.
        fetch: (url, { dispatcher: _guard, ...options }: any) => fetch(url, options),
        pkce: { required: () => true },
        cookies: { keys: ['a key for tests'] },
      });
      real.use(async (context, next) => {
        await next();
        const body = context.body as { id_token?: string; device_code?: string } | undefined;
        // Else clients ask every five seconds.
        if (body?.device_code) context.body = { ...body, interval: 1 };
        if (!provider.otherToken || typeof body !== 'object' || !body?.id_token) return;
        const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1]!, 'base64url').toString()) as JWTPayload;
        context.body = { ...body, id_token: await provider.otherToken(claims) };
      });
      handle = real.callback();
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return provider;
}

/** Signs in at the provider's own pages, from its first page on, until it leads elsewhere (or to `stop`). */
export async function answerProvider(
  browser: SmallBrowser,
  { issuer }: TestProvider,
  first: Seen,
  login: string,
  stop?: (to: string) => boolean,
): Promise<Seen> {
  let seen = first;
  for (let page = 0; page < 5 && seen.url.startsWith(new URL(issuer).origin) && /<form/.test(seen.text); page++)
    seen = await browser.submit(seen, { login, password: 'any' }, stop);
  return seen;
}
