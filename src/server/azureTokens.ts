import { createHmac, randomUUID } from 'node:crypto';
import { sign, verify } from 'hono/jwt';
import { UserError } from '../base/userError.ts';
import { isMember, type MemberPrincipal, type Principal } from '../protocol/principal.ts';
import { isSameSecret } from './isSameSecret.ts';
import type { JobTokens } from './jobTokens.ts';
import type { Team } from './team/team.ts';

/** Seconds that a token is good for: as long as Azure's own managed identity gives. */
const lifetime = 24 * 3600;

/** The audience that azure-ai-ml derives from the portal's address in the metadata document. */
export const mlAudience = 'https://ml.azure.localhost';

/** What azure-ai-ml asks tokens for when it shares an asset, whatever its cloud. They open what is of registries here, and nothing else. */
const audiencesOfRegistries = ['https://ml.azure.com', 'https://management.azure.com'];
const ofRegistries =
  /^\/registrymanagement\/|^(?:\/mferp\/managementfrontend)?\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.MachineLearningServices\/registries\/[^/]+\/[^/]/i;

/** Makes and checks the tokens with which Azure clients come, all signed with a key that follows from the plane's own token. */
export class AzureTokens {
  private readonly owner: Principal;
  private readonly jobs: JobTokens;
  private readonly team: Team | undefined;
  private readonly key: string;
  /** What a client has to show to be given a token: the value of `IDENTITY_HEADER`. */
  readonly identitySecret: string;
  private readonly planeId: string;
  private readonly armAudience: () => string;
  private readonly publicUrl: string | undefined;

  /** `armAudience` is the origin of the https address, '' as long as there is none; `publicUrl` where the plane is published, both without a final slash. */
  constructor(
    token: string,
    planeId: string,
    { armAudience, publicUrl }: { armAudience: () => string; publicUrl: string | undefined },
    owner: Principal,
    jobs: JobTokens,
    team: Team | undefined,
  ) {
    this.team = team;
    this.publicUrl = publicUrl;
    this.owner = owner;
    this.jobs = jobs;
    this.key = derived(token, 'azure tokens');
    this.identitySecret = derived(token, 'managed identity');
    this.planeId = planeId;
    this.armAudience = armAudience;
  }

  /** Answers a managed identity's request for a token; throws `Unauthorized` for a wrong secret and `InvalidRequest` for an audience that is not ours. */
  async issue(secret: string | undefined, resource: string | undefined): Promise<Record<string, string>> {
    const principal = await this.principalOfSecret(secret ?? '');
    if (!principal)
      throw new UserError('Unauthorized', 'The header X-IDENTITY-HEADER is missing or wrong.', 'Run "updraft env --azure" again.');
    return this.tokenFor(principal, resource, principal.kind === 'job' ? { jobToken: secret } : {});
  }

  /** A token for a member who has shown who it is otherwise. Throws `InvalidRequest` for an audience that is not ours. */
  issueTo(member: MemberPrincipal, resource: string): Promise<Record<string, string>> {
    return this.tokenFor(member, resource, {});
  }

  private async tokenFor(
    principal: Principal,
    resource: string | undefined,
    more: { jobToken?: string | undefined },
  ): Promise<Record<string, string>> {
    const audience = (resource ?? '').replace(/\/+$/, '');
    if (![...this.audiences(), ...audiencesOfRegistries].includes(audience))
      throw new UserError(
        'InvalidRequest',
        `This control plane gives no token for "${audience.slice(0, 200)}".`,
        `It does for ${this.audiences().join(', ')}.`,
      );
    const now = Math.floor(Date.now() / 1000);
    const expiresOn = now + lifetime;
    const token = await sign(
      // The client compares `aud` letter by letter with what it asked for.
      {
        aud: resource!,
        iss: `${this.publicUrl ?? this.armAudience()}/`,
        tid: this.planeId,
        oid: isMember(principal) ? principal.id : this.planeId,
        appid: principal.kind === 'service' ? principal.id : this.planeId,
        name: principal.name,
        ...(principal.kind === 'user' ? { upn: principal.name } : {}),
        // A member's is good as long as the personal token that it was got with.
        ...(isMember(principal) ? { personalToken: principal.token } : {}),
        // A job's is good as long as the job's own token is.
        ...more,
        // No two are alike: who comes with one is told apart by it.
        jti: randomUUID(),
        nbf: now - 60,
        iat: now,
        exp: expiresOn,
      },
      this.key,
      'HS256',
    );
    return { access_token: token, expires_on: String(expiresOn), resource: resource!, token_type: 'Bearer', client_id: this.planeId };
  }

  /** Whose token this is, if it is one of ours that is for a path of ARM or the data plane and has not expired. Throws `Unauthorized` for a job's that has ended. */
  async principalOf(token: string, path: string): Promise<Principal | undefined> {
    const audiences = [...this.audiences(), ...(ofRegistries.test(path) ? audiencesOfRegistries : [])];
    const aud = audiences.flatMap((each) => [each, `${each}/`]);
    const claims = await verify(token, this.key, { alg: 'HS256', aud }).catch(() => undefined);
    if (!claims) return undefined;
    if (typeof claims.personalToken === 'string') return this.team?.principalOfToken(claims.personalToken);
    return typeof claims.jobToken === 'string' ? this.jobs.principalOf(claims.jobToken) : this.owner;
  }

  /** A job shows its own token, and a member of a team a personal one, where others show the plane's secret. */
  private async principalOfSecret(secret: string): Promise<Principal | undefined> {
    if (isSameSecret(secret, this.identitySecret)) return this.owner;
    return this.team?.principalOf(secret) ?? this.jobs.principalOf(secret);
  }

  private audiences(): string[] {
    // Its own address is '' until somebody has come by it.
    return [this.armAudience(), mlAudience, this.publicUrl ?? ''].filter((each) => each !== '');
  }
}

const derived = (token: string, purpose: string): string => createHmac('sha256', token).update(purpose).digest('hex');
