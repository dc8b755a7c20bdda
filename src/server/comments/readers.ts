import type { CommentedKind, Reader } from '../../protocol/comment.ts';
import { memberOf } from '../../protocol/principal.ts';
import type { Services } from '../services.ts';
import type { Member } from '../team/records.ts';
import { type Mentioned, readAction } from './kept.ts';

/** Most that are offered at once. */
const most = 20;

/** People of the team who may read jobs or models of the workspace, and whose name has a text in it. */
export function readersOf(services: Services, kind: CommentedKind, search: string): Reader[] {
  const wanted = search.toLowerCase();
  return readers(services, kind)
    .filter(({ name, displayName }) => `${name}\n${displayName}`.toLowerCase().includes(wanted))
    .sort((one, other) => one.name.localeCompare(other.name))
    .slice(0, most)
    .map(({ name, displayName }) => ({ name, displayName }));
}

/**
 * Whom of these names a comment reaches: members who may read what it is about. Of the rest (`notTold`) it is not said whether they are members. On the plane of one person nobody is mentioned.
 */
export function peopleMentioned(services: Services, kind: CommentedKind, names: string[]): { people: Mentioned[]; notTold: string[] } {
  if (!services.team || names.length === 0) return { people: [], notTold: [] };
  const byName = new Map(readers(services, kind).map((member) => [member.name.toLowerCase(), member]));
  const people = names.flatMap((name) => byName.get(name) ?? []).map(({ id, name }) => ({ id, name }));
  // Who reads and who writes is the same.
  const own = memberOf(services.principal)?.name.toLowerCase();
  return { people, notTold: names.filter((name) => !byName.has(name) && name !== own) };
}

function readers({ team, workspace }: Services, kind: CommentedKind): Member[] {
  const scope = team?.scopeOf(workspace);
  if (!team || scope === undefined) return [];
  return team.members.filter((member) => member.kind === 'user' && team.memberMay(member, readAction(kind), scope));
}
