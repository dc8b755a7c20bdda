import { UserError } from '../../base/userError.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { memberOf, type Principal, thePlane } from '../../protocol/principal.ts';
import type { Store, StoredResource } from '../../store/store.ts';
import type { Team } from '../team/team.ts';
import { workspaceList } from '../workspaceNames.ts';

const prefix = 'registries/';
/** Most registries of a plane. */
const most = 100_000;

/** The store keeps a registry as it does a workspace, under a name that no workspace can have. */
export const storeOfRegistry = (registry: string): string => `${prefix}${registry}`;

/** The registry that the store keeps under a name; undefined where that is a workspace. */
export const registryKeptAs = (workspace: string): string | undefined =>
  workspace.startsWith(prefix) ? workspace.slice(prefix.length) : undefined;

/** All registries of a plane. They are listed where the workspaces are. */
export const registriesOf = (store: Store): Promise<StoredResource[]> =>
  store.in(workspaceList, thePlane).resources('registries', undefined, 0, most);

/** A registry as it is stored, by its name in any case. */
export async function findRegistry(store: Store, name: string): Promise<StoredResource | undefined> {
  const found = await store.in(workspaceList, thePlane).resource('registries', name, '');
  return found ?? (await registriesOf(store)).find((each) => each.name.toLowerCase() === name.toLowerCase());
}

/** The resource group in which a registry was made. */
export const groupOfRegistry = ({ properties }: StoredResource): string =>
  (properties.properties as { resourceGroup?: string } | undefined)?.resourceGroup ?? defaultWorkspace.resourceGroup;

/** What is answered for a registry that is not there, and for one that is not for who asks. `known` are the names of those that are. */
export const noRegistry = (name: string, known?: readonly string[]): UserError =>
  new UserError(
    'NotFound',
    `There is no registry "${name.slice(0, 100)}" here.`,
    known?.length ? `There is ${known.join(', ')}.` : 'Make one with "updraft registry create", or ask for a role on it.',
  );

/** Names of the registries that somebody sees. */
export async function registriesSeen(store: Store, team: Team | undefined, principal: Principal): Promise<string[]> {
  return (await registriesOf(store))
    .map(({ name }) => name)
    .filter((name) => seesRegistry(team, principal, name))
    .slice(0, 20);
}

/** Whether somebody is to know of a registry, by its own name. To jobs there are none. */
export function seesRegistry(team: Team | undefined, principal: Principal, name: string): boolean {
  const member = memberOf(principal);
  return member ? team?.sees(member, storeOfRegistry(name)) === true : principal.kind !== 'job';
}
