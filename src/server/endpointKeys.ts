import { createHmac, randomBytes } from 'node:crypto';
import type { StoredResource } from '../store/store.ts';
import { isSameSecret } from './isSameSecret.ts';

/** What the keys of an endpoint are made of, as it is kept with the endpoint. */
export interface KeySalt {
  primary: string;
  secondary: string;
}

export const newSalt = (): string => randomBytes(16).toString('hex');

/** Keys follow from a secret of the plane and a salt of the endpoint: they are stored nowhere. */
export function keysOf(
  secret: string,
  { workspace, name, properties }: Pick<StoredResource, 'workspace' | 'name' | 'properties'>,
): { primaryKey: string; secondaryKey: string } {
  const { keySalt } = properties.properties as { keySalt: KeySalt };
  const key = (salt: string) => createHmac('sha256', secret).update(`${workspace}/${name}/${salt}`).digest('base64url');
  return { primaryKey: key(keySalt.primary), secondaryKey: key(keySalt.secondary) };
}

/** Whether a key opens an endpoint. */
export function opens(key: string, secret: string, endpoint: StoredResource): boolean {
  const { primaryKey, secondaryKey } = keysOf(secret, endpoint);
  return isSameSecret(key, primaryKey) || isSameSecret(key, secondaryKey);
}
