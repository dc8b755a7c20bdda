import { useRef } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { isNotFound } from '../../../src/client/feed/lookUps.ts';
import type { MetricSeries } from '../../../src/protocol/mlflow.ts';
import { useLive } from '../../shared/live/useLive.ts';

/** Metrics of a job by key, with few points each: how many there are, and the value of those that were logged once. */
export type JobMetrics = ReadonlyMap<string, Pick<MetricSeries, 'total' | 'values'>>;

/** Fewest points that the plane answers. */
const fewest = 4;
/** What is asked for again is a list of names, which seldom changes. */
const restMs = 2000;

/** Which metrics these jobs have, live. Undefined until the first answer. */
export function useMetricKeys(jobs: readonly string[]): { metrics?: ReadonlyMap<string, JobMetrics>; error?: UserError } {
  const wanted = new Set(jobs);
  const latest = useRef<ReadonlyMap<string, JobMetrics>>(undefined);
  const { value, error } = useLive<ReadonlyMap<string, JobMetrics>>(
    `metrics ${jobs.join('\n')}`,
    async (client) => {
      const found = await Promise.all(
        jobs.map(async (job) => {
          try {
            const { series } = await client.metricSeries(job, [], fewest);
            return [job, new Map(series.filter(({ total }) => total > 0).map((each) => [each.key, each]))] as const;
          } catch (reason) {
            // Its steps may be deleted one by one.
            if (isNotFound(reason)) return [job, new Map()] as const;
            throw reason;
          }
        }),
      );
      return new Map<string, JobMetrics>(found);
    },
    // A curve grows by itself: of interest are new keys, and values that become curves.
    ({ kind, id, keys }) =>
      kind === 'metric' && wanted.has(id) && (!keys || keys.some((key) => (latest.current?.get(id)?.get(key)?.total ?? 0) < 2)),
    restMs,
  );
  latest.current = value;
  return { ...(value ? { metrics: value } : {}), ...(error ? { error } : {}) };
}
