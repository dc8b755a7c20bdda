import type { Permission } from '../protocol/permissions.ts';
import type { Registry } from '../protocol/registry.ts';
import { allPages, type PlaneClient } from './planeClient.ts';

/** A registry, and what who asks may in it. */
export interface RegistryRights {
  registry: Registry;
  permissions: Permission[];
}

/** The registries that who asks may see, by name. `linkOf`: how the next page of the list is asked for. */
export async function listRegistries(client: PlaneClient, linkOf: (nextLink: string) => string = (link) => link): Promise<Registry[]> {
  const found = await Array.fromAsync(allPages((next) => client.listRegistries(next && linkOf(next))));
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

/** As `listRegistries`, with what who asks may in each. */
export async function registriesWithRights(client: PlaneClient, linkOf?: (nextLink: string) => string): Promise<RegistryRights[]> {
  const found = await listRegistries(client, linkOf);
  return Promise.all(found.map(async (registry) => ({ registry, permissions: await client.permissions(registry.id) })));
}
