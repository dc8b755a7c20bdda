import type { StoredResource } from '../../store/store.ts';
import type { SealedSecret, Secrets } from './secrets.ts';

type Resource = Pick<StoredResource, 'kind' | 'name' | 'properties'>;
type Properties = Record<string, unknown>;

/** Kinds of resources that have secrets, and how to get to them. */
export const kindsWithSecrets = ['connections', 'datastores'] as const;

/** Names of the credentials' fields are shown, such as their type; what is below this one is not. */
const field = 'secrets';

const placeOf = (workspace: string, { kind, name }: Resource) => `${workspace}/${kind}/${name}`;
const credentialsOf = ({ properties }: Resource) => properties.credentials as Properties | undefined;

/** The sealed secrets of a resource; undefined where it has none. */
export const sealedIn = (resource: Resource): SealedSecret | undefined => credentialsOf(resource)?.[field] as SealedSecret | undefined;

/** `properties` of a resource with these secrets, sealed. */
export function withSecrets(secrets: Secrets, workspace: string, resource: Resource, value: unknown): Properties {
  const { credentials, ...properties } = resource.properties;
  return { ...properties, credentials: { ...(credentials as Properties), [field]: secrets.seal(value, placeOf(workspace, resource)) } };
}

/** The secrets of a resource, readable; undefined where it has none. */
export function secretsIn<T>(secrets: Secrets, workspace: string, resource: Resource): T | undefined {
  const sealed = sealedIn(resource);
  return sealed && secrets.open<T>(sealed, placeOf(workspace, resource));
}
