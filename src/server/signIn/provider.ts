import { createRemoteJWKSet, customFetch } from 'jose';
import * as oidc from 'openid-client';
import { UserError } from '../../base/userError.ts';
import { checkLogoutToken, type Logout, type ProviderKeys } from './logoutToken.ts';
import { type Claims, entraTenant } from './person.ts';
import type { SignInSettings } from './settings.ts';

/** Seconds by which the clocks of plane and provider may differ. */
const tolerance = 60;
/** How long what the provider says of itself holds. */
const knownMs = 3600_000;
/** Most bytes of an answer. */
const mostBytes = 1024 * 1024;

/** Ways to sign that nobody has who only knows what is published. */
const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

/** A sign-in that has begun in a browser, which alone can end it. */
export interface Begun {
  state: string;
  nonce: string;
  verifier: string;
}

/** An identity provider that speaks OpenID Connect. What it says is checked: signature, issuer, audience, times, nonce. */
export class IdentityProvider {
  private readonly settings: SignInSettings;
  private readonly now: () => number;
  private readonly keys = new WeakMap<oidc.Configuration, ProviderKeys>();
  private known: { config: Promise<oidc.Configuration>; until: number } | undefined;

  constructor(settings: SignInSettings, now: () => number) {
    this.settings = settings;
    this.now = now;
  }

  /** Where the browser goes to sign in, and what has to come back. */
  async begin(redirectUri: string): Promise<{ address: string; begun: Begun }> {
    const config = await this.open();
    const begun = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
    const address = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: this.settings.scopes.join(' '),
      code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
      state: begun.state,
      nonce: begun.nonce,
    });
    return { address: address.href, begun };
  }

  /** What the provider says of who comes back from it at this address. */
  async end(address: URL, { state, nonce, verifier }: Begun): Promise<Claims> {
    const config = await this.open();
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    return this.claimsOf(config, () => oidc.authorizationCodeGrant(config, address, checks));
  }

  /** A code to be entered on any machine (RFC 8628). */
  async beginDevice(): Promise<oidc.DeviceAuthorizationResponse> {
    const config = await this.open();
    if (config.serverMetadata().device_authorization_endpoint === undefined)
      throw new UserError(
        'NotImplemented',
        `${this.settings.name} gives no codes for the command line.`,
        'Sign in to the Studio, and make a personal token with "updraft token create" on a machine that has one.',
      );
    return this.told(() => oidc.initiateDeviceAuthorization(config, { scope: this.settings.scopes.join(' ') }));
  }

  /** What the provider says of who has entered the code, or that nobody has. */
  async endDevice(deviceCode: string): Promise<Claims | 'pending' | 'slowDown'> {
    const config = await this.open();
    const ask = () => oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:device_code', { device_code: deviceCode });
    try {
      return await this.claimsOf(config, async () => {
        const answer = await ask();
        if (!answer.claims())
          throw new UserError('Unauthorized', `${this.settings.name} did not say who signed in.`, 'Its client needs the scope "openid".');
        return answer;
      });
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: string };
      if (code === 'authorization_pending') return 'pending';
      if (code === 'slow_down') return 'slowDown';
      throw error;
    }
  }

  /** Whose sessions a logout token of the provider ends. Throws `InvalidRequest` for one that is not as it should be. */
  async endedBy(logoutToken: string): Promise<Logout> {
    const config = await this.open();
    return checkLogoutToken(logoutToken, this.keysOf(config), this.settings.clientId, this.now());
  }

  private keysOf(config: oidc.Configuration): ProviderKeys {
    const known = this.keys.get(config);
    if (known) return known;
    const { issuer, jwks_uri: uri, id_token_signing_alg_values_supported: told } = config.serverMetadata();
    if (uri === undefined)
      throw new UserError('ProviderUnreachable', `${this.settings.name} does not say where its keys are.`, 'It needs a "jwks_uri".');
    const keys = createRemoteJWKSet(new URL(uri), {
      timeoutDuration: this.settings.patience * 1000,
      [customFetch]: limited as typeof fetch,
    });
    const own = { issuer, keys, algorithms: asymmetric.filter((each) => told?.includes(each) ?? each === 'RS256') };
    this.keys.set(config, own);
    return own;
  }

  private async claimsOf(
    config: oidc.Configuration,
    ask: () => Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers>,
  ): Promise<Claims> {
    const answer = await this.told(ask);
    const claims = answer.claims()!;
    // What was made in the future was made by a clock that is wrong, and so is the time at which it ends.
    if (claims.iat > this.now() / 1000 + tolerance) throw this.clocks();
    // Some providers tell mail and groups only where they are asked for them with the access token.
    const isLess = claims.email === undefined || claims[this.settings.groupsClaim] === undefined;
    // Entra's says no more than this.
    if (!isLess || entraTenant(this.settings.issuer) !== undefined || config.serverMetadata().userinfo_endpoint === undefined)
      return claims;
    const more = await this.told(() => oidc.fetchUserInfo(config, answer.access_token, claims.sub));
    return { ...more, ...claims };
  }

  private open(): Promise<oidc.Configuration> {
    if (this.known && this.known.until > this.now()) return this.known.config;
    const { issuer, clientId, clientSecret, patience } = this.settings;
    const auth = clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret);
    const insecure = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
    const config = this.told(async () => {
      const found = await oidc.discovery(new URL(issuer), clientId, { [oidc.clockTolerance]: tolerance }, auth, {
        execute: [...insecure, oidc.enableNonRepudiationChecks],
        timeout: patience,
        [oidc.customFetch]: limited,
      });
      found[oidc.customFetch] = limited;
      return found;
    });
    const known = { config, until: this.now() + knownMs };
    this.known = known;
    // One that was away is asked again at the next sign-in.
    config.catch(() => {
      if (this.known === known) this.known = undefined;
    });
    return config;
  }

  /** Runs a question to the provider; throws what a person can act on. */
  private async told<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw this.failure(error);
    }
  }

  private failure(error: unknown): UserError {
    const { name, issuer } = this.settings;
    if (error instanceof oidc.AuthorizationResponseError)
      return caused(
        new UserError('Unauthorized', `${name} did not sign you in: ${said(error.error, error.error_description)}.`, 'Try it again.'),
        error.error,
      );
    if (error instanceof oidc.ResponseBodyError)
      return caused(
        new UserError(
          'Unauthorized',
          `${name} refused the control plane: ${said(error.error, error.error_description)}.`,
          error.error === 'invalid_grant'
            ? 'Sign in again.'
            : 'Compare client id, secret and redirect address with those at the identity provider.',
        ),
        error.error,
      );
    const { code, message, cause } = error as Error & { code?: string };
    // The library's own words are in the cause: which claim it is, and what is wrong with it.
    const reason = (cause instanceof Error ? cause.message : message).replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 200);
    if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return this.clocks();
    const isNoAnswer =
      code === 'OAUTH_TIMEOUT' ||
      code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' ||
      code === 'OAUTH_RESPONSE_IS_NOT_JSON' ||
      code === 'OAUTH_PARSE_ERROR' ||
      (code === undefined && error instanceof TypeError) ||
      isNetwork(cause) ||
      isNetwork(error);
    if (isNoAnswer)
      return new UserError(
        'ProviderUnreachable',
        `The identity provider at ${issuer} does not answer as it should (${code === 'OAUTH_TIMEOUT' ? 'it takes too long' : reason}).`,
        'Try it again later. Who has a personal token goes on working.',
      );
    // It may have other keys than those that are known: the next sign-in asks for them.
    this.known = undefined;
    return new UserError(
      'Unauthorized',
      `What ${name} answered is not to be trusted: ${reason}.`,
      'Sign in again. If it stays so, compare issuer and client id with those at the identity provider.',
    );
  }

  private clocks(): UserError {
    return new UserError(
      'Unauthorized',
      `What ${this.settings.name} answered is not good at this time: it has expired, or one of the clocks is off by more than a minute.`,
      'Set the clock of the control plane, or sign in again.',
    );
  }
}

/** The code of an error stands in its cause, where a caller looks. */
function caused(error: UserError, code: string): UserError {
  error.cause = { code };
  return error;
}

const said = (error: string, description: string | undefined): string =>
  `${error}${description ? ` (${description.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 200)})` : ''}`;

const isNetwork = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError' || error.message === 'fetch failed');

/** Reads an answer to its end, but no more than a provider has to say. */
async function limited(url: string, options: oidc.CustomFetchOptions): Promise<Response> {
  const response = await fetch(url, options as RequestInit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > mostBytes) throw new TypeError(`its answer has more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  const { status, statusText, headers } = response;
  const isEmpty = status === 204 || status === 304;
  return new Response(isEmpty ? null : Buffer.concat(chunks), { status, statusText, headers });
}
