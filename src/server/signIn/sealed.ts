import { createHmac } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';

/**
 * Encrypts values that a browser or a command keeps for the plane, such as the verifier of a sign-in that has begun. Nobody else can read or change them, and they expire. Every server of the plane can decrypt them:
 * the key follows from the plane's token.
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
