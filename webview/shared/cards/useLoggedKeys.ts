import { useMemo, useRef } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { type LoggedKey, mostLoggedRuns } from '../../../src/protocol/loggedFiles.ts';
import { useLive } from '../live/useLive.ts';

/** A page of many runs that log files asks again no more often than so, in ms. */
const restMs = 3000;

/** What these runs logged beside metrics, by key, live. Undefined until it is known; what was known stays while other runs are asked about. */
export function useLoggedKeys(runs: readonly string[]): { logged: readonly LoggedKey[] | undefined; error: UserError | undefined } {
  const asked = useMemo(() => runs.slice(0, mostLoggedRuns), [runs]);
  const wanted = useMemo(() => new Set(asked), [asked]);
  const { value, error } = useLive(
    `logged ${asked.join('\n')}`,
    async (client) => (asked.length > 0 ? (await client.loggedKeys(asked)).keys : []),
    ({ kind, id }) => kind === 'artifact' && wanted.has(id),
    restMs,
  );
  // One and the same while nothing of it is new, so that no section is made anew.
  const last = useRef<{ text: string; keys: readonly LoggedKey[] }>(undefined);
  if (value && asked.length > 0) {
    const text = JSON.stringify(value);
    if (last.current?.text !== text) last.current = { text, keys: value };
  }
  return { logged: last.current?.keys, error };
}
