import { type Need, withoutFrontend } from '../../access/actions.ts';
import {
  groupScope,
  planeScope,
  registryOfScope,
  registryScope,
  type Scope,
  scopeOf,
  workspaceOfScope,
  workspaceScope,
} from '../../access/scopes.ts';
import { UserError } from '../../base/userError.ts';
import type { MemberPrincipal } from '../../protocol/principal.ts';
import type { Store } from '../../store/store.ts';
import { noRegistry, storeOfRegistry } from '../registries/registryNames.ts';
import { namedWorkspace, noWorkspace, workspaceNamed } from '../workspaceNames.ts';
import { refusal, type Team } from './team.ts';

/** A workspace that holds nothing: no workspace can be called so. For requests that are about none. */
export const nowhere = ' ';

const ofAuthorization = /^(.*?)\/providers\/Microsoft\.Authorization\//i;
const ofRegistry = /\/resourceGroups\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/registries\/([^/]+)\/?$/i;
const ofWorkspace = /\/resourceGroups\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/]+)\/?$/i;

/** Lets a member in to a request, or throws: `NotFound` where there is nothing for this member, else `AuthorizationFailed`. Answers the workspace that the request is about. */
export async function admit(
  { team, store }: { team: Team; store: Store },
  member: MemberPrincipal,
  need: Need,
  request: Request,
): Promise<string> {
  const { team: wanted, where } = need;
  if (where === 'path') return admitByPath({ team, store }, member, need, request);
  if (where !== 'workspace') {
    const isAllowed = (action: string) => (where === 'plane' ? team.may(member, action, planeScope) : team.mayAnywhere(member, action));
    if (typeof wanted === 'object' && !wanted.some(isAllowed)) throw refusal(member, wanted[0]!, planeScope);
    if (wanted === 'operator') team.mustHave(member, need, planeScope);
    return nowhere;
  }
  const named = namedWorkspace(request);
  const asked = named ?? team.usualWorkspace(member);
  if (named === undefined && wanted === 'member' && !team.sees(member, asked)) return nowhere;
  const workspace = await seenWorkspace({ team, store }, member, asked);
  team.mustHave(member, need, team.scopeOf(workspace)!);
  return workspace;
}

/** As `admit`, for a request that was let in before, to the workspace that `admit` answered. */
export async function admitAgain(
  { team, store }: { team: Team; store: Store },
  member: MemberPrincipal,
  need: Need,
  { request, workspace }: { request: Request; workspace: string },
): Promise<void> {
  if (need.where !== 'workspace' || workspace === nowhere) {
    await admit({ team, store }, member, need, request);
    return;
  }
  // A feed asks many times a second: nothing is looked up for it.
  if (!team.sees(member, workspace)) throw noWorkspace(workspace);
  team.mustHave(member, need, team.scopeOf(workspace)!);
}

/** The own name of a workspace that a member sees; throws `NotFound` for any other. */
async function seenWorkspace({ team, store }: { team: Team; store: Store }, member: MemberPrincipal, name: string): Promise<string> {
  const workspace = await workspaceNamed(store, name);
  if (!team.sees(member, workspace)) throw noWorkspace(name);
  return workspace;
}

/** A workspace or registry itself, which may be about to be made, or what is assigned at a scope. */
async function admitByPath(
  { team, store }: { team: Team; store: Store },
  member: MemberPrincipal,
  need: Need,
  request: Request,
): Promise<string> {
  const path = pathOf(request);
  if (ofAuthorization.test(path)) {
    const scope = scopeInPath(team, path, member);
    team.mustHave(member, need, scope);
    return nowhere;
  }
  const registry = ofRegistry.exec(path);
  if (registry) return admitToRegistry(team, member, need, { resourceGroup: registry[1]!, registry: registry[2]! });
  const [, group = '', name = ''] = ofWorkspace.exec(path) ?? [];
  const isNew = request.method === 'PUT';
  const gone = request.method === 'DELETE' ? team.deletedNamed(name) : undefined;
  if (gone && typeof need.team === 'object' && need.team.some((action) => team.may(member, action, gone.scope))) return gone.workspace;
  const workspace = await seenWorkspace({ team, store }, member, name).catch((error) => {
    if (isNew) return undefined;
    throw error;
  });
  if (workspace !== undefined) {
    team.mustHave(member, need, team.scopeOf(workspace)!);
    return workspace;
  }
  const place = workspaceScope({ resourceGroup: group, workspace: name });
  if (typeof need.team !== 'object' || !need.team.some((action) => team.may(member, action, groupScope(group))))
    throw refusal(member, 'Microsoft.MachineLearningServices/workspaces/write', place);
  return nowhere;
}

/** To make, change or end a registry. To make one takes a role where it will be. */
function admitToRegistry(team: Team, member: MemberPrincipal, need: Need, asked: { resourceGroup: string; registry: string }): string {
  const own = team.registryNamed(asked.registry);
  const actions = typeof need.team === 'object' ? need.team : [];
  if (own !== undefined && team.sees(member, storeOfRegistry(own))) {
    team.mustHave(member, need, team.scopeOf(storeOfRegistry(own))!);
    return storeOfRegistry(own);
  }
  if (!actions.some((action) => team.may(member, action, groupScope(asked.resourceGroup))))
    throw actions.some((action) => action.endsWith('/write'))
      ? refusal(member, actions[0]!, registryScope(asked))
      : noRegistry(asked.registry);
  return nowhere;
}

function pathOf(request: Request): string {
  try {
    return decodeURI(withoutFrontend(new URL(request.url).pathname));
  } catch {
    throw new UserError('InvalidRequest', 'The path is not validly encoded.');
  }
}

/** The scope that a path of `Microsoft.Authorization` begins with; throws `NotFound` where there is none, for this member or at all. */
export function scopeInPath(team: Team, path: string, member: MemberPrincipal | undefined): Scope {
  const text = ofAuthorization.exec(path)?.[1] ?? '';
  return existingScope(team, text, member);
}

/** A scope that is there, for this member where one asks; throws `NotFound`. */
export function existingScope(team: Team, text: string, member: MemberPrincipal | undefined): Scope {
  const scope = scopeOf(text);
  const workspace = scope && workspaceOfScope(scope);
  if (workspace !== undefined) {
    const own = team.workspaces.find((each) => each.toLowerCase() === workspace);
    if (own === undefined || team.scopeOf(own) !== scope || (member && !team.sees(member, own))) throw noWorkspace(workspace);
  }
  const registry = scope && registryOfScope(scope);
  if (registry !== undefined) {
    const own = team.registryNamed(registry);
    const kept = own && storeOfRegistry(own);
    if (kept === undefined || team.scopeOf(kept) !== scope || (member && !team.sees(member, kept))) throw noRegistry(registry);
  }
  if (!scope)
    throw new UserError(
      'NotFound',
      `There is no scope "${text.slice(0, 300)}" here.`,
      'Roles are assigned at the subscription, a resource group, a workspace or a registry of this control plane.',
    );
  return scope;
}
