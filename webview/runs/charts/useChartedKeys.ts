import { useRef } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { useLive } from '../../shared/live/useLive.ts';

/** The metrics that at least one of these runs has, live. Undefined until they are known; those that were known stay while other runs are asked about. */
export function useChartedKeys(runs: readonly string[] | undefined): {
  metrics: readonly string[] | undefined;
  error: UserError | undefined;
} {
  const wanted = new Set(runs);
  const { value, error } = useLive(
    `keys ${runs?.join('\n') ?? ''}`,
    async (client) => (runs && runs.length > 0 ? (await client.runKeys(undefined, { ids: [...runs], view: 'ALL' })).metrics : []),
    (change) => change.kind === 'metric' && wanted.has(change.id),
    5000,
  );
  const last = useRef<{ text: string; metrics: readonly string[] }>(undefined);
  if (value && runs && runs.length > 0) {
    const text = value.join('\n');
    if (last.current?.text !== text) last.current = { text, metrics: value };
  }
  return { metrics: last.current?.metrics, error };
}
