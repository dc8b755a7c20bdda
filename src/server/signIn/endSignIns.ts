import { createHash } from 'node:crypto';
import { UserError } from '../../base/userError.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { Store } from '../../store/store.ts';
import { identityKey } from '../team/members.ts';
import { type Member, readMembers, readTokens } from '../team/records.ts';
import type { Team } from '../team/team.ts';
import { workspaceList } from '../workspaceNames.ts';
import type { Logout } from './logoutToken.ts';

/** Logout tokens that are remembered; each for some minutes. */
const most = 100_000;

/**
 * Ends the sign-ins that a logout token of the identity provider names: sessions of browsers, and tokens of `updraft login`. Personal tokens stay. All servers refuse the ended ones at once, and their open feeds end. Answers
 * to which members they belonged. Throws `InvalidRequest` for a logout token that has come before.
 */
export async function endSignIns(
  { store, team, now }: { store: Store; team: Team; now: () => number },
  issuer: string,
  { sid, sub, jti, until }: Logout,
): Promise<Pick<Member, 'id' | 'name'>[]> {
  const id = createHash('sha256').update(jti).digest('base64url');
  const ended = await store.in(workspaceList, thePlane).write(async (writer) => {
    if (await writer.entities.get('logoutToken', id))
      throw new UserError('InvalidRequest', 'The logout token is not taken: it has come before.');
    for (const each of await writer.entities.list('logoutToken', '', 0, most))
      if (each.at <= now()) await writer.entities.delete('logoutToken', each.id);
    await writer.entities.put({ kind: 'logoutToken', id, scope: '', at: until, body: {} });
    const members = new Map((await readMembers(writer)).map((each) => [each.id, each]));
    const isOf = (member: string) => sub === undefined || members.get(member)?.identity === identityKey(issuer, sub);
    const gone = (await readTokens(writer)).filter(
      (each) => (each.use === 'session' || each.use === 'login') && (sid === undefined || each.sid === sid) && isOf(each.member),
    );
    for (const each of gone) await writer.deleteResource('personalTokens', each.id, '');
    return [...new Set(gone.map(({ member }) => member))].flatMap((member) => members.get(member) ?? []);
  });
  await team.reload();
  return ended;
}
