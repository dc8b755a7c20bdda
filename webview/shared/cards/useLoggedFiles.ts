import { useMemo } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { type LoggedFiles, type LoggedKey, mostLoggedRuns } from '../../../src/protocol/loggedFiles.ts';
import { useLive } from '../live/useLive.ts';

/** The files of one key, of the first `limit` of these runs that have it, live. */
export function useLoggedFiles(
  { kind, key }: LoggedKey,
  runs: readonly string[],
  limit: number,
): { value?: LoggedFiles; error?: UserError } {
  const asked = useMemo(() => runs.slice(0, mostLoggedRuns), [runs]);
  const wanted = useMemo(() => new Set(asked), [asked]);
  return useLive(
    `files ${kind} ${key} ${limit} ${asked.join('\n')}`,
    (client) => client.loggedFiles({ runs: asked, kind, key, limit }),
    (change) => change.kind === 'artifact' && wanted.has(change.id),
    2000,
  );
}
