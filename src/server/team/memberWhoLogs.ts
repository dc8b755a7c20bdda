import type { MemberPrincipal } from '../../protocol/principal.ts';
import type { Team } from './team.ts';

/** Who logs metrics with a personal token, and where, when the request names no workspace; undefined where that is for the ordinary way to say. */
export function memberWhoLogs(team: Team, token: string): { principal: MemberPrincipal; workspace: string } | undefined {
  const principal = known(team, token);
  if (!principal) return undefined;
  const workspace = team.usualWorkspace(principal);
  const scope = team.scopeOf(workspace);
  const mayLog = scope !== undefined && team.may(principal, 'Microsoft.MachineLearningServices/workspaces/jobs/write', scope);
  return mayLog ? { principal, workspace } : undefined;
}

function known(team: Team, token: string): MemberPrincipal | undefined {
  try {
    return team.principalOf(token);
  } catch {
    return undefined;
  }
}
