import { ownerRole } from '../../access/roles.ts';
import { isWithin, planeScope } from '../../access/scopes.ts';
import type { WhomToAsk } from '../../protocol/comment.ts';
import type { MemberPrincipal } from '../../protocol/principal.ts';
import type { Team } from '../team/team.ts';

/**
 * Who gives a member a role. Owners of the whole plane are told to every member. Those of a workspace are told to who sees it: of one that is not for this member the answer is the same as of one that does not
 * exist.
 */
export function whomToAsk(team: Team, member: MemberPrincipal, workspace: string): WhomToAsk {
  const own = team.workspaces.find((each) => each.toLowerCase() === workspace.toLowerCase());
  const seesWorkspace = own !== undefined && team.sees(member, own);
  const scope = seesWorkspace ? team.scopeOf(own)! : planeScope;
  const ids = new Set(
    team.assignments.filter(({ roleId, scope: at }) => roleId === ownerRole && isWithin(scope, at)).map(({ principalId }) => principalId),
  );
  const owners = team.members
    .filter(({ id, kind }) => kind === 'user' && ids.has(id))
    .map(({ name, displayName }) => ({ name, displayName }))
    .sort((one, other) => one.name.localeCompare(other.name));
  return { seesWorkspace, owners };
}
