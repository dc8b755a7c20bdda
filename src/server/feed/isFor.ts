import { readAudit } from '../../access/audited.ts';
import { planeScope } from '../../access/scopes.ts';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import { type MemberPrincipal, memberOf, type Principal } from '../../protocol/principal.ts';
import { storeOfRegistry } from '../registries/registryNames.ts';
import type { Team } from '../team/team.ts';

/** What lets somebody follow a workspace. */
const readWorkspace = 'Microsoft.MachineLearningServices/workspaces/read';

const ofTeam: ReadonlySet<ChangeKind> = new Set(['member', 'personalToken', 'runnerToken', 'roleAssignment', 'roleDefinition']);

/** All that a runner with a token for runners is told of. */
const ofRunners: readonly ChangeKind[] = ['job', 'compute', 'environment'];

/** The kinds of changes that somebody is told who asks for these; undefined: for all, of all. */
export const kindsFor = (principal: Principal, asked: readonly ChangeKind[] | undefined): readonly ChangeKind[] | undefined =>
  principal.kind === 'runner' ? ofRunners.filter((kind) => asked?.includes(kind) ?? true) : asked;

const isOfPerson: ReadonlySet<ChangeKind> = new Set(['mention', 'mentionRead']);

/** Whether a change is told to all readers of its workspace alike, and to nobody else. */
export const isForAllOfWorkspace = ({ workspace, kind }: Change): boolean => !!workspace && kind !== 'audit' && !isOfPerson.has(kind);

/** Whether a reader of a workspace is told of a change. What is in no workspace, such as the list of them, concerns everyone; on the plane of a team, only those who may know of it. */
export function isFor(change: Change, workspace: string, principal: Principal, team: Team | undefined): boolean {
  const { workspace: of, kind, id } = change;
  if (isForAllOfWorkspace(change)) return of === workspace;
  if (principal.kind === 'runner') return false;
  const member = memberOf(principal);
  if (kind === 'audit') return principal.kind !== 'job' && (!member || team?.may(member, readAudit, planeScope) === true);
  if (isOfPerson.has(kind)) return isOfThisPerson(member, id, of, team);
  if (!team || (!member && principal.kind !== 'job')) return true;
  if (kind === 'registry') return member !== undefined && team.sees(member, storeOfRegistry(id));
  if (kind === 'workspace') return member ? team.sees(member, id) : id === workspace;
  return !ofTeam.has(kind) || (member !== undefined && team.may(member, 'Microsoft.Authorization/roleAssignments/read', planeScope));
}

/** Who is mentioned is told of it in whatever workspace, as long as that may be read; nobody else is. */
function isOfThisPerson(member: MemberPrincipal | undefined, id: string, of: string | undefined, team: Team | undefined): boolean {
  if (!member || !team || of === undefined || !id.startsWith(`${member.id}/`)) return false;
  const scope = team.scopeOf(of);
  return scope !== undefined && team.may(member, readWorkspace, scope);
}
