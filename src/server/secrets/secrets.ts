import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { UserError } from '../../base/userError.ts';
import type { SecretKeys } from './secretKeys.ts';

/** A secret as it is kept: by AES-256-GCM, with the id of its key. */
export const SealedSecret = Type.Object({
  key: Type.String(),
  /** Nonce of 12 bytes, text and tag of 16 bytes, in Base64. */
  sealed: Type.String(),
});
export type SealedSecret = Static<typeof SealedSecret>;

/** What a secret belongs to, such as `vision/connections/hub`. A secret that is copied to another place is not opened there. */
export type SecretPlace = string;

const nonceSize = 12;
const tagSize = 16;
const cipher = 'aes-256-gcm';

/** Encrypts what opens things elsewhere, before it gets to the database, with a key that is not in the database. */
export class Secrets {
  private readonly keys: SecretKeys;

  constructor(keys: SecretKeys) {
    this.keys = keys;
  }

  /** `secret`: anything that JSON can say. Throws where the plane has no key. */
  seal(secret: unknown, place: SecretPlace): SealedSecret {
    const [key] = this.keys.all();
    const nonce = randomBytes(nonceSize);
    const sealing = createCipheriv(cipher, key!.bytes, nonce).setAAD(Buffer.from(place));
    const parts = [nonce, sealing.update(JSON.stringify(secret), 'utf8'), sealing.final(), sealing.getAuthTag()];
    return { key: key!.id, sealed: Buffer.concat(parts).toString('base64') };
  }

  /** What was sealed. Throws where its key is missing, or where it was changed or moved. */
  open<T>({ key: id, sealed }: SealedSecret, place: SecretPlace): T {
    const key = this.keys.all().find((each) => each.id === id);
    if (!key)
      throw new UserError(
        'InvalidRequest',
        `The secret of ${place} was encrypted with the key ${id}, which this server of the control plane does not have.`,
        `Add that key to ${this.keys.place}, or enter the secret again.`,
      );
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const opening = createDecipheriv(cipher, key.bytes, bytes.subarray(0, nonceSize), { authTagLength: tagSize })
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(-tagSize));
      return JSON.parse(opening.update(bytes.subarray(nonceSize, -tagSize), undefined, 'utf8') + opening.final('utf8')) as T;
    } catch {
      throw new UserError(
        'InvalidRequest',
        `The secret of ${place} was changed in the database, or moved there from elsewhere.`,
        'Enter it again.',
      );
    }
  }

  /** Whether it is encrypted with the newest key. */
  isNewest({ key }: SealedSecret): boolean {
    return key === this.keys.all()[0]!.id;
  }

  knows({ key }: SealedSecret): boolean {
    return this.keys.all().some(({ id }) => id === key);
  }
}
