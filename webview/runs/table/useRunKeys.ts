import { useRef } from 'react';
import type { RunKeys } from '../../../src/protocol/runTable.ts';
import { useLive } from '../../shared/live/useLive.ts';

/** Keys up to which a list is read again for every job that changes: a long one costs too much. */
const shortList = 1000;

/** What the runs of these experiments have, for columns and filters. Read again when a metric comes that it does not have. `isAsked` until the first answer. */
export function useRunKeys(experiments: string[] | undefined): { keys: RunKeys | undefined; isAsked: boolean } {
  const known = useRef<Set<string>>(new Set());
  const last = useRef<RunKeys>(undefined);
  const { value, error } = useLive(
    `keys ${JSON.stringify(experiments ?? null)}`,
    async (client) => {
      const keys = await client.runKeys(experiments);
      known.current = new Set(keys.metrics);
      return keys;
    },
    ({ kind, keys }) =>
      kind === 'metric'
        ? (keys ?? []).some((key) => !known.current.has(key))
        : kind === 'job' && (last.current === undefined || size(last.current) < shortList),
    3000,
  );
  if (value && JSON.stringify(value) !== JSON.stringify(last.current)) last.current = value;
  return { keys: last.current, isAsked: last.current === undefined && !error };
}

const size = ({ metrics, params, tags }: RunKeys) => metrics.length + params.length + tags.length;
