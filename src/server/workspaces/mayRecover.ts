import { memberOf, type Principal } from '../../protocol/principal.ts';
import type { Team } from '../team/team.ts';
import type { KeptDeletedWorkspace } from './deletedWorkspaces.ts';

const deleteAction = 'Microsoft.MachineLearningServices/workspaces/delete';

/** Whether somebody is to know of a workspace that was deleted: who may delete it recovers and purges it. */
export function mayRecover(team: Team | undefined, principal: Principal, { name }: Pick<KeptDeletedWorkspace, 'name'>): boolean {
  const member = memberOf(principal);
  if (!member) return principal.kind === 'owner';
  const scope = team?.deletedNamed(name)?.scope;
  return scope !== undefined && team!.may(member, deleteAction, scope);
}
