import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { UserError } from '../../../src/base/userError.ts';
import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { Change } from '../../../src/protocol/change.ts';
import { useHost } from '../host/host.ts';
import { liveReading, type Reading } from './liveReading.ts';

/** `value` is the newest that was read, also while an `error` says why the next could not be. Both undefined: being read for the first time. */
export interface Live<T> {
  value?: T;
  error?: UserError;
}

export const asUserError = (error: unknown): UserError =>
  error instanceof UserError ? error : new UserError('RemoteError', error instanceof Error ? error.message : String(error));

/**
 * Reads from the plane now, and again when the feed tells of a change that `concerns` it. `key` names what is read; another key starts anew. `restMs`: see
 * `LiveReading`. `dependsOn`: what it is read with and may be more later, without being another thing.
 */
export function useLive<T>(
  key: string,
  read: (client: PlaneClient) => Promise<T>,
  concerns: (change: Change) => boolean,
  restMs = 200,
  dependsOn?: number,
): Live<T> {
  const { client, feed } = useHost();
  const [state, setState] = useState<Live<T> & { key: string }>({ key });
  const latest = useRef({ read, concerns });
  latest.current = { read, concerns };
  const current = useRef<Reading>(undefined);

  // What is asked for is on its way before the page is painted for the first time.
  useLayoutEffect(() => {
    let isCurrent = true;
    const reading = liveReading(feed, {
      restMs,
      concerns: (change) => latest.current.concerns(change),
      async read() {
        try {
          const value = await latest.current.read(client);
          if (isCurrent) setState({ key, value });
        } catch (error) {
          if (isCurrent) setState((old) => ({ ...(old.key === key ? old : {}), key, error: asUserError(error) }));
          throw error;
        }
      },
    });
    current.current = reading;
    return () => {
      isCurrent = false;
      current.current = undefined;
      reading.dispose();
    };
  }, [client, feed, key, restMs]);

  const before = useRef(dependsOn);
  useEffect(() => {
    if (before.current !== dependsOn) current.current?.again();
    before.current = dependsOn;
  }, [dependsOn]);

  return state.key === key ? state : {};
}
