import { type Live, useLive } from '../../shared/live/useLive.ts';
import type { Extremes, MetricValue } from './sections.ts';

/** Keys that one request may name. */
const mostKeys = 200;
/** More metrics than this are compared by their latest values alone. */
export const mostExtremes = 2000;

/** Least and greatest values of the metrics of runs; read only where they are looked at. */
export function useExtremes(ids: readonly string[], keys: readonly string[], values: MetricValue): Live<Extremes> {
  const isAsked = values !== 'latest';
  return useLive(
    `extremes ${isAsked} ${keys.length} ${ids.join(' ')}`,
    async (client) => {
      const found = new Map<string, Map<string, { smallest: number; largest: number }>>();
      for (let from = 0; isAsked && from < Math.min(keys.length, mostExtremes); from += mostKeys)
        // A series that is reduced to few points still has its extremes.
        for await (const { job, key, values: points } of client.series({
          jobs: [...ids],
          keys: keys.slice(from, from + mostKeys),
          points: 4,
        })) {
          const known = points.filter((value) => !Number.isNaN(value));
          if (known.length === 0) continue;
          const ofRun = found.get(job) ?? new Map();
          ofRun.set(key, { smallest: Math.min(...known), largest: Math.max(...known) });
          found.set(job, ofRun);
        }
      return found;
    },
    (change) => isAsked && change.kind === 'metric' && ids.includes(change.id),
    2000,
  );
}
