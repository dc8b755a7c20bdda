import { randomUUID } from 'node:crypto';
import { UserError } from '../../base/userError.ts';
import { tooOld } from '../../client/findSharedPlane.ts';
import { PlaneClient } from '../../client/planeClient.ts';
import { check } from '../../protocol/check.ts';
import type { PlaneSession } from '../../protocol/planeSession.ts';
import { WhoAsks } from '../../protocol/signIn.ts';
import { RemediedError, remedies } from '../commands/remedy.ts';
import type { KnownPlane } from '../state/planes/knownPlanes.ts';
import type { Sessions } from '../state/planes/sessions.ts';
import { chooseWay } from './waysToSignIn.ts';

/** Signs in to a shared plane and keeps the session; undefined when the person has left. Throws why the plane does not let in. */
export async function signIn(sessions: Sessions, plane: KnownPlane): Promise<PlaneSession | undefined> {
  const token = await (await chooseWay(plane))?.token(plane);
  if (!token) return undefined;
  const client = new PlaneClient({ url: plane.url, token, patienceMs: 15_000, whenAway: 'Try again when it answers.' });
  const me = await client.whoAsks().catch(async (error: unknown) => {
    if (error instanceof UserError && error.code === 'NotFound') throw tooOld(plane.url, (await client.health()).version);
    if (error instanceof UserError && error.code === 'Unauthorized')
      throw new RemediedError(
        'Unauthorized',
        `${plane.name} does not take this token. ${error.message}`,
        'Copy the whole of it, or make a new one with "updraft token create".',
        { ...remedies.signIn, args: [plane.url] },
      );
    throw error;
  });
  const { id, name } = check(WhoAsks, me, 'The answer of the control plane');
  const session: PlaneSession = { id: randomUUID(), plane: plane.url, member: { id, name }, token };
  await sessions.put(session);
  return session;
}
