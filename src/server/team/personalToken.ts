import { createHash, randomBytes } from 'node:crypto';
import { UserError } from '../../base/userError.ts';

/** Days that a token is good for where nothing is said, and at most. */
export const usualDays = 90;
export const mostDays = 366;

/**
 * What each kind of secret begins with, so that people and scanners of leaks know it: what a program shows, what a browser has in its cookie, what a program without a person asks for tokens with, what a
 * runner shows, and what the first Owner comes with.
 */
const prefixes = { token: 'updraft', session: 'session', secret: 'secret', runner: 'runner', invitation: 'invitation' } as const;
export type SecretKind = keyof typeof prefixes;

const pattern = /^(updraft|session|secret|runner|invitation)_([0-9a-f]{16})_([\w-]{43})$/;

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

/** When a secret expires, in milliseconds since 1970. Throws `InvalidRequest` for more days than there may be. */
export function expiryOf(now: number, days: number = usualDays, kind: SecretKind): number {
  if (days > mostDays) throw new UserError('InvalidRequest', `A ${kind} is good for ${mostDays} days at most.`);
  return now + days * 24 * 3600 * 1000;
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
