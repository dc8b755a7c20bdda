import { mayMakeRegistry, mayShare } from '../../access/mayShare.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { type RegistryRights, registriesWithRights } from '../../client/registries.ts';
import { resourceGroupPath } from '../../protocol/arm.ts';

/** Where the person may share to. */
export interface ShareTargets {
  /** Names of registries that the person may share to, and of those that the person may only read. */
  open: string[];
  closed: string[];
  /** Whether the person may make another one. */
  mayMake: boolean;
}

export async function shareTargets(client: PlaneClient): Promise<ShareTargets> {
  const [all, here] = await Promise.all([registriesWithRights(client), client.permissions(resourceGroupPath(client.workspace))]);
  const named = (those: RegistryRights[]) => those.map(({ registry }) => registry.name);
  return {
    open: named(all.filter(({ permissions }) => mayShare(permissions))),
    closed: named(all.filter(({ permissions }) => !mayShare(permissions))),
    mayMake: mayMakeRegistry(here),
  };
}
