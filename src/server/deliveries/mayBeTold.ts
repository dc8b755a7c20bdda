import type { Team } from '../team/team.ts';
import type { Notice } from './subscription.ts';

const readJobs = 'Microsoft.MachineLearningServices/workspaces/jobs/read';
const readModels = 'Microsoft.MachineLearningServices/workspaces/models/read';

/** Whether a notice may still tell its owner of the workspace: a role that was taken away ends what was subscribed to with it. */
export async function mayBeTold(team: Team | undefined, { member }: Notice, workspace: string): Promise<boolean> {
  if (member === undefined || !team) return true;
  await team.catchUp();
  const found = team.member(member);
  const scope = team.scopeOf(workspace);
  if (!found || found.kind === 'group' || !scope) return false;
  const principal = { id: found.id, groups: team.groupsOf(found), within: undefined };
  return team.may(principal, readJobs, scope) && team.may(principal, readModels, scope);
}
