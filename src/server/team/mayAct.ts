import { workspaceScope } from '../../access/scopes.ts';
import type { UserError } from '../../base/userError.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { memberOf } from '../../protocol/principal.ts';
import type { Services } from '../services.ts';
import { refusal } from './team.ts';

type Asking = Pick<Services, 'team' | 'principal' | 'workspace'>;

/** Whether who asks has an action of Azure's in the workspace that is asked for, beyond what the route needs. Who needs no role has them all. */
export function mayAct({ team, principal, workspace }: Asking, action: string): boolean {
  const member = memberOf(principal);
  if (!member) return true;
  const scope = team?.scopeOf(workspace);
  return scope !== undefined && team!.may(member, action, scope);
}

/** What to throw where a member does not have it. */
export function refusalIn({ team, principal, workspace }: Asking, action: string): UserError {
  return refusal(memberOf(principal)!, action, team?.scopeOf(workspace) ?? workspaceScope({ ...defaultWorkspace, workspace }));
}
