import { createHmac } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';

/**
 * What the plane gives away to have it again later, such as the verifier of a sign-in that has begun: nobody else can read or change it, and it is good for a while only. Any server of the plane opens it, since the key
 * follows from the plane's secret.
 */
export class Sealed {
  private readonly key: Buffer;
  private readonly now: () => number;

  constructor(secret: string, now: () => number) {
    this.key = createHmac('sha256', secret).update('sign-in').digest();
    this.now = now;
  }

  seal(purpose: string, value: Record<string, unknown>, seconds: number): Promise<string> {
    const now = Math.floor(this.now() / 1000);
    return new EncryptJWT(value)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(purpose)
      .setExpirationTime(now + seconds)
      .encrypt(this.key);
  }

  /** What was sealed for this purpose; undefined for anything else, and when its time is over. */
  async open(purpose: string, text: string): Promise<Record<string, unknown> | undefined> {
    const options = {
      audience: purpose,
      currentDate: new Date(this.now()),
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    };
    return jwtDecrypt(text, this.key, options).then(
      ({ payload }) => payload,
      () => undefined,
    );
  }
}
