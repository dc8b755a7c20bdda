import { UserError } from '../../base/userError.ts';
import type { DeviceCode } from '../../protocol/signIn.ts';
import type { Store } from '../../store/store.ts';
import type { Member } from '../team/records.ts';
import type { Team } from '../team/team.ts';
import { endSignIns } from './endSignIns.ts';
import { joinTeam, type SignedIn } from './joinTeam.ts';
import type { Claims } from './person.ts';
import { personOf } from './person.ts';
import { type Begun, IdentityProvider } from './provider.ts';
import { Sealed } from './sealed.ts';
import type { SignInSettings } from './settings.ts';
import { beginSeconds } from './times.ts';

/** Sign-in with the team's identity provider. It keeps nothing in memory that another server of the plane would need: what has begun is with who has begun it, sealed. */
export class SignIn {
  readonly settings: SignInSettings;
  private readonly provider: IdentityProvider;
  private readonly sealed: Sealed;
  private readonly parts: { store: Store; team: Team; now: () => number };

  constructor(settings: SignInSettings, secret: string, parts: { store: Store; team: Team; now: () => number }) {
    this.settings = settings;
    this.parts = parts;
    this.provider = new IdentityProvider(settings, parts.now);
    this.sealed = new Sealed(secret, parts.now);
  }

  /** The provider's address for a browser, and what the browser keeps until it comes back. `to` is the page that it wanted, `invited` the text of the invitation with which the first Owner comes. */
  async begin(redirectUri: string, to: string, invited?: string): Promise<{ address: string; kept: string }> {
    const { address, begun } = await this.provider.begin(redirectUri);
    const more = invited === undefined ? {} : { invited };
    return { address, kept: await this.sealed.seal('browser', { ...begun, to, redirectUri, ...more }, beginSeconds) };
  }

  /** A browser comes back from the provider with this query. Answers its session, and the page that it wanted. */
  async end(kept: string | undefined, query: string): Promise<SignedIn & { to: string }> {
    const begun = kept === undefined ? undefined : await this.sealed.open('browser', kept);
    if (!begun)
      throw new UserError(
        'Unauthorized',
        'This sign-in was begun in another browser, has ended before, or took more than ten minutes.',
        'Sign in again, and let the browser keep cookies.',
      );
    const { redirectUri, to, invited, ...rest } = begun as unknown as Begun & { redirectUri: string; to: string; invited?: string };
    const claims = await this.provider.end(new URL(`${redirectUri}${query}`), rest);
    return { ...(await this.join(claims, 'session', 'browser', invited)), to };
  }

  async beginDevice(): Promise<DeviceCode> {
    const { device_code, user_code, verification_uri, verification_uri_complete, expires_in, interval } = await this.provider.beginDevice();
    return {
      userCode: user_code,
      verificationUri: verification_uri,
      ...(verification_uri_complete === undefined ? {} : { verificationUriComplete: verification_uri_complete }),
      expiresIn: expires_in,
      interval: interval ?? 5,
      ticket: await this.sealed.seal('device', { device_code }, expires_in),
    };
  }

  /** Whether somebody has entered the code, and then who. */
  async endDevice(ticket: string, machine: string | undefined): Promise<SignedIn | 'pending' | 'slowDown'> {
    const begun = await this.sealed.open('device', ticket);
    if (!begun) throw new UserError('Unauthorized', 'The time for this code is over.', 'Run "updraft login" again.');
    const claims = await this.provider.endDevice(begun.device_code as string);
    if (claims === 'pending' || claims === 'slowDown') return claims;
    return this.join(claims, 'login', `updraft login${machine ? ` on ${machine}` : ''}`);
  }

  /** The provider has ended sessions: ends those that were begun in them. Answers whose they were. */
  async endedByProvider(logoutToken: string): Promise<Pick<Member, 'id' | 'name'>[]> {
    return endSignIns(this.parts, this.settings.issuer, await this.provider.endedBy(logoutToken));
  }

  private join(claims: Claims, use: 'session' | 'login', named: string, invited?: string): Promise<SignedIn> {
    return joinTeam({ ...this.parts, settings: this.settings }, personOf(claims, this.settings), use, named, invited);
  }
}
