import { messageOf, UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { SyncPlaceState } from '../../protocol/sync.ts';

/** Why a place can't be used now. */
export interface PlaceTrouble {
  state: Exclude<SyncPlaceState['state'], 'live'>;
  message: string;
}

/** Milliseconds after which a control plane that says nothing counts as away. */
const patienceMs = 10_000;

/**
 * Milliseconds for which a place is left alone, at least. One that says no says so again, until somebody signs in or gives a role: then it is asked at once. A wrong token that comes often is
 * taken for an attack there.
 */
export const restOf = (trouble: PlaceTrouble | undefined): number =>
  ({ away: 0, signedOut: 300_000, refused: 60_000, live: 0 })[trouble?.state ?? 'live'];

/** What an error tells of the place that it came from. */
export function troubleOf(error: unknown): PlaceTrouble {
  const message = messageOf(error).replaceAll('\n', ' ');
  if (!(error instanceof UserError)) return { state: 'away', message };
  if (error.code === 'Unauthorized') return { state: 'signedOut', message };
  return {
    state: ['PlaneUnreachable', 'PlaneNotStarted', 'RemoteError', 'TooManyRequests'].includes(error.code) ? 'away' : 'refused',
    message,
  };
}

/** Asks a place whether it answers; undefined when it does. */
export async function troubleWith(client: PlaneClient): Promise<PlaceTrouble | undefined> {
  try {
    await client.http.json('GET', '/status', undefined, AbortSignal.timeout(patienceMs));
    return undefined;
  } catch (error) {
    return troubleOf(error);
  }
}
