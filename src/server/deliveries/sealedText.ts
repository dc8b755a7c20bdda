import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts texts that are kept in the store and never shown again. */
export interface SealedTexts {
  seal(text: string): string;
  /** undefined for what was sealed with another token of the plane, and for what was changed. */
  open(sealed: string): string | undefined;
}

const version = 'v1';

/** By a key that follows from the plane's token, which all its servers have and the store has not. */
export function sealedTexts(token: string): SealedTexts {
  const key = Buffer.from(hkdfSync('sha256', token, '', 'secrets of webhooks', 32));
  return {
    seal(text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return [version, ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join('.');
    },
    open(text) {
      const [given, ...parts] = text.split('.');
      if (given !== version || parts.length !== 3) return undefined;
      const [nonce, tag, sealed] = parts.map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer, Buffer];
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
        decipher.setAuthTag(tag);
        return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
