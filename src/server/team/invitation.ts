import { ownerRole } from '../../access/roles.ts';
import { planeScope } from '../../access/scopes.ts';
import { UserError } from '../../base/userError.ts';
import type { Principal } from '../../protocol/principal.ts';
import type { Store, StoreReader, StoreWriter } from '../../store/store.ts';
import { isSameSecret } from '../isSameSecret.ts';
import { workspaceList } from '../workspaceNames.ts';
import { assign, hasOwner } from './assign.ts';
import { newToken, partsOf } from './personalToken.ts';
import { readTokens, type Token } from './records.ts';
import type { Team } from './team.ts';

/** How long an invitation is good, in milliseconds. */
const lifetimeMs = 3600_000;

export const hasOwnerAlready = (): UserError =>
  new UserError('Conflict', 'This control plane has an Owner already.', 'An Owner adds others: updraft team add NAME --role ROLE.');

/** Makes the invitation by which the first person becomes the Owner, in place of one that was made before. `mail`: for whom it is, where that is known. Answers its text, which is told this once. */
export async function invite(
  { store, team, principal, now }: { store: Store; team: Team; principal: Principal; now: () => number },
  mail: string | undefined,
): Promise<{ text: string; expiresAt: number }> {
  const { id, text, hash } = newToken('invitation');
  const expiresAt = now() + lifetimeMs;
  await store.in(workspaceList, principal).write(async (writer) => {
    if (await hasOwner(writer)) throw hasOwnerAlready();
    for (const each of await readTokens(writer)) if (each.use === 'invitation') await writer.deleteResource('personalTokens', each.id, '');
    const properties = { member: '', name: mail ?? '', hash, expiresAt, use: 'invitation' };
    await writer.putResource({ kind: 'personalTokens', name: id, version: '', properties });
  });
  await team.reload();
  return { text, expiresAt };
}

/** The invitation that a text is, as long as it is good. Throws `Unauthorized` for a wrong one, `Forbidden` for one that was used or is late. */
export async function invitationOf(reader: StoreReader, text: string, now: number): Promise<Token> {
  const parts = partsOf(text, 'invitation');
  const found = parts && (await readTokens(reader)).find((each) => each.use === 'invitation' && each.id === parts.id);
  if (parts && found && isSameSecret(parts.hash, found.hash)) {
    if (found.expiresAt > now) return found;
    throw new UserError('Forbidden', `This link was good until ${new Date(found.expiresAt).toISOString()}.`, another);
  }
  if (await hasOwner(reader))
    throw new UserError(
      'Unauthorized',
      'This link is not good: it was used already, or is of another control plane. This one has an Owner.',
      'Ask the Owner to add you: updraft team add NAME --role ROLE.',
    );
  throw new UserError('Unauthorized', 'This link is not good: it is not complete, or another was made after it.', another);
}

const another = 'Who operates the control plane makes another one: updraft team init.';

/** Makes a member the Owner, and ends the invitation of this id, which so is used once. */
export async function becomeOwner(writer: StoreWriter, team: Team, invitation: string, member: string): Promise<void> {
  await writer.deleteResource('personalTokens', invitation, '');
  if (await hasOwner(writer)) throw hasOwnerAlready();
  await assign(writer, team.role(ownerRole)!, { principalId: member, principalType: 'User', scope: planeScope });
}
