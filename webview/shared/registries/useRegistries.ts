import { listRegistries, type RegistryRights, registriesWithRights } from '../../../src/client/registries.ts';
import type { Registry } from '../../../src/protocol/registry.ts';
import { localLink } from '../live/localLink.ts';
import { type Live, useLive } from '../live/useLive.ts';

/** The registries of the plane that who looks may see; live. */
export const useRegistries = (): Live<Registry[]> =>
  useLive(
    'registries',
    (client) => listRegistries(client, localLink),
    ({ kind }) => kind === 'registry',
  );

/** As `useRegistries`, with what who looks may in each. */
export const useRegistryRights = (): Live<RegistryRights[]> =>
  useLive(
    'registries with rights',
    (client) => registriesWithRights(client, localLink),
    ({ kind }) => kind === 'registry',
  );
