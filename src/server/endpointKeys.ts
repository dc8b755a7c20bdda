import { createHmac, randomBytes } from 'node:crypto';
import type { StoredResource } from '../store/store.ts';
import { isSameSecret } from './isSameSecret.ts';

/** What the keys of an endpoint are made of, as it is kept with the endpoint. */
export interface KeySalt {
  primary: string;
  secondary: string;
}

type Endpoint = Pick<StoredResource, 'workspace' | 'name' | 'properties'>;

export const newSalt = (): string => randomBytes(16).toString('hex');

/** Keys follow from a secret of the plane and a salt of the endpoint: they are stored nowhere. */
export function keysOf(secret: string, { workspace, name, properties }: Endpoint): { primaryKey: string; secondaryKey: string } {
  const { keySalt } = properties.properties as { keySalt: KeySalt };
  const key = (salt: string) => createHmac('sha256', secret).update(`${workspace}/${name}/${salt}`).digest('base64url');
  return { primaryKey: key(keySalt.primary), secondaryKey: key(keySalt.secondary) };
}

/** Seconds that a token is good for, and after which a client should get another one. */
const lifetime = 12 * 3600;
const refreshAfter = 6 * 3600;

/** A token for an endpoint that takes no keys. Times in seconds since 1970. It is over when the primary key of the endpoint is made anew. */
export function tokenOf(secret: string, endpoint: Endpoint, now = Math.floor(Date.now() / 1000)) {
  const expiryTimeUtc = now + lifetime;
  return {
    accessToken: signed(secret, endpoint, expiryTimeUtc),
    expiryTimeUtc,
    refreshAfterTimeUtc: now + refreshAfter,
    tokenType: 'Bearer',
  };
}

function signed(secret: string, endpoint: Endpoint, expiry: number): string {
  const signature = createHmac('sha256', secret)
    .update(`token ${keysOf(secret, endpoint).primaryKey} ${expiry}`)
    .digest('base64url');
  return `aml.${expiry}.${signature}`;
}

/** Whether a key opens an endpoint; of one whose callers come with tokens, whether a token does. */
export function opens(key: string, secret: string, endpoint: Endpoint): boolean {
  const { authMode } = endpoint.properties.properties as { authMode?: string };
  if (authMode === undefined || authMode.toLowerCase() === 'key') {
    const { primaryKey, secondaryKey } = keysOf(secret, endpoint);
    return isSameSecret(key, primaryKey) || isSameSecret(key, secondaryKey);
  }
  const expiry = Number(/^aml\.(\d+)\./.exec(key)?.[1] ?? 0);
  return expiry > Date.now() / 1000 && isSameSecret(key, signed(secret, endpoint, expiry));
}
