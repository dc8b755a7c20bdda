import { createHash, randomBytes } from 'node:crypto';

/** Days that a token is good for where nothing is said, and at most. */
export const usualDays = 90;
export const mostDays = 366;

/** What each kind of secret begins with, so that people and scanners of leaks know it: what a program shows, what a browser has in its cookie, and what a program without a person asks for tokens with. */
const prefixes = { token: 'updraft', session: 'session', secret: 'secret' } as const;
export type SecretKind = keyof typeof prefixes;

const pattern = /^(updraft|session|secret)_([0-9a-f]{16})_([\w-]{43})$/;

/** A new secret: its text, which is shown once, and what is kept of it. The secret is random and long, so that its hash needs no salt. */
export function newToken(kind: SecretKind = 'token'): { id: string; text: string; hash: string } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, text: `${prefixes[kind]}_${id}_${secret}`, hash: hashOf(secret) };
}

/** The parts of a text that may be a secret of this kind; undefined for any other. */
export function partsOf(text: string, kind: SecretKind = 'token'): { id: string; hash: string } | undefined {
  const [, prefix, id, secret] = pattern.exec(text) ?? [];
  return prefix === prefixes[kind] ? { id: id!, hash: hashOf(secret!) } : undefined;
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
