import { useEffect, useMemo, useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { type LoggedFiles, type LoggedKey, mostLoggedRuns } from '../../../src/protocol/loggedFiles.ts';
import { useLive } from '../live/useLive.ts';

/** The files that runs logged under one key, live. Only the first `limit` runs that have the key count. A long list is read again less often, so that a page receives only some kB a second. */
export function useLoggedFiles(
  { kind, key }: LoggedKey,
  runs: readonly string[],
  limit: number,
): { value?: LoggedFiles; error?: UserError } {
  const asked = useMemo(() => runs.slice(0, mostLoggedRuns), [runs]);
  const wanted = useMemo(() => new Set(asked), [asked]);
  const [restMs, setRestMs] = useState(2000);
  const found = useLive(
    `files ${kind} ${key} ${limit} ${asked.join('\n')}`,
    (client) => client.loggedFiles({ runs: asked, kind, key, limit }),
    (change) => change.kind === 'artifact' && wanted.has(change.id),
    restMs,
  );
  const files = found.value?.runs.reduce((sum, each) => sum + each.files.length, 0);
  useEffect(() => {
    if (files !== undefined) setRestMs(files < 100 ? 2000 : files < 1000 ? 15_000 : 60_000);
  }, [files]);
  return found;
}
