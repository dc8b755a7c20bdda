import { createHash, randomBytes } from 'node:crypto';

/** Days that a token is good for where nothing is said, and at most. */
export const usualDays = 90;
export const mostDays = 366;

const pattern = /^updraft_([0-9a-f]{16})_([\w-]{43})$/;

/** A new token: its text, which is shown once, and what is kept of it. The secret is random and long, so that its hash needs no salt. */
export function newToken(): { id: string; text: string; hash: string } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, text: `updraft_${id}_${secret}`, hash: hashOf(secret) };
}

/** The parts of a text that may be a personal token; undefined for any other. */
export function partsOf(text: string): { id: string; hash: string } | undefined {
  const [, id, secret] = pattern.exec(text) ?? [];
  return id === undefined ? undefined : { id, hash: hashOf(secret!) };
}

export const isPersonalToken = (text: string): boolean => text.startsWith('updraft_');

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
