import { createHmac } from 'node:crypto';
import { sign, verify } from 'hono/jwt';
import { UserError } from '../base/userError.ts';
import { sameText } from './sameText.ts';

/** Seconds that a token is good for: as long as Azure's own managed identity gives. */
const lifetime = 24 * 3600;

/** The audience that azure-ai-ml derives from the portal's address in the metadata document. */
export const mlAudience = 'https://ml.azure.localhost';

/** Makes and checks the tokens with which Azure clients come, all signed with a key that follows from the plane's own token. */
export class AzureTokens {
  private readonly key: string;
  /** What a client has to show to be given a token: the value of `IDENTITY_HEADER`. */
  readonly identitySecret: string;
  private readonly planeId: string;
  private readonly armAudience: () => string;

  /** `armAudience` is the origin of the https address, without a final slash. */
  constructor(token: string, planeId: string, armAudience: () => string) {
    this.key = derived(token, 'azure tokens');
    this.identitySecret = derived(token, 'managed identity');
    this.planeId = planeId;
    this.armAudience = armAudience;
  }

  /** Answers a managed identity's request for a token; throws `Unauthorized` for a wrong secret and `InvalidRequest` for an audience that is not ours. */
  async issue(secret: string | undefined, resource: string | undefined, user: string): Promise<Record<string, string>> {
    if (secret === undefined || !sameText(secret, this.identitySecret))
      throw new UserError('Unauthorized', 'The header X-IDENTITY-HEADER is missing or wrong.', 'Run "updraft env --azure" again.');
    const audience = (resource ?? '').replace(/\/+$/, '');
    if (!this.audiences().includes(audience))
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
        iss: `${this.armAudience()}/`,
        tid: this.planeId,
        oid: this.planeId,
        appid: this.planeId,
        name: user,
        nbf: now - 60,
        iat: now,
        exp: expiresOn,
      },
      this.key,
      'HS256',
    );
    return { access_token: token, expires_on: String(expiresOn), resource: resource!, token_type: 'Bearer', client_id: this.planeId };
  }

  /** Whether this is a token of ours for ARM or the data plane that has not expired. */
  async accepts(token: string): Promise<boolean> {
    const aud = this.audiences().flatMap((each) => [each, `${each}/`]);
    return verify(token, this.key, { alg: 'HS256', aud }).then(
      () => true,
      () => false,
    );
  }

  private audiences(): string[] {
    return [this.armAudience(), mlAudience];
  }
}

const derived = (token: string, purpose: string): string => createHmac('sha256', token).update(purpose).digest('hex');
