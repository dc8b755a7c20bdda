import { PlaneClient } from '../../client/planeClient.ts';
import type { PlaneSession } from '../../protocol/planeSession.ts';
import type { Sessions } from '../state/planes/sessions.ts';

/**
 * Forgets a session. Where it was got by signing in, its plane ends it, too; a personal token that somebody made stays good. A plane that does not answer keeps nobody from signing out: what it gave expires by
 * itself.
 */
export async function signOut(sessions: Sessions, { id, plane, token }: PlaneSession): Promise<void> {
  await sessions.remove(id);
  await new PlaneClient({ url: plane, token, patienceMs: 10_000 }).signOut(false).catch(() => {});
}
