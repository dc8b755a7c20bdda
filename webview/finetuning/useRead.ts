import { useEffect, useState } from 'react';
import type { UserError } from '../../src/base/userError.ts';
import type { Http } from '../../src/client/http.ts';
import { useHost } from '../shared/host/host.ts';
import { asUserError } from '../shared/live/useLive.ts';

/** What was read last, also while the next is being read; `isCurrent`: it is what `key` names. */
export interface Read<T> {
  value?: T;
  error?: UserError;
  isCurrent: boolean;
}

/**
 * Asks the plane something that takes work there: once for each key, and again when a plane that could not be reached is back. What it refuses is not asked again. With another key the question before is
 * given up. Nothing is asked while `ask` is undefined.
 */
export function useRead<T>(key: string, ask: ((http: Http, signal: AbortSignal) => Promise<T>) | undefined): Read<T> {
  const { client, feed } = useHost();
  const [state, setState] = useState<{ key: string; value?: T; error?: UserError }>({ key: '' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked follows from the key
  useEffect(() => {
    if (!ask) return setState({ key });
    const abort = new AbortController();
    let isUnreached = false;
    const read = () => {
      ask(client.http, abort.signal).then(
        (value) => abort.signal.aborted || setState({ key, value }),
        (reason) => {
          const error = asUserError(reason);
          isUnreached = error.code === 'PlaneUnreachable';
          if (!abort.signal.aborted) setState({ key, error });
        },
      );
    };
    const subscription = feed.onDidChangeState((now) => {
      if (now !== 'live' || !isUnreached) return;
      isUnreached = false;
      read();
    });
    read();
    return () => {
      subscription.dispose();
      abort.abort();
    };
  }, [client, feed, key]);
  const { key: of, ...read } = state;
  return { ...read, isCurrent: of === key };
}
