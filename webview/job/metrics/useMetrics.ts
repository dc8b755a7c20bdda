import { useEffect, useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { isNotFound } from '../../../src/client/feed/lookUps.ts';
import type { MetricSeries, MetricWindow } from '../../../src/protocol/mlflow.ts';
import { useHost } from '../../shared/host/host.ts';
import { liveReading } from '../../shared/live/liveReading.ts';
import { asUserError } from '../../shared/live/useLive.ts';
import { DueKeys, type Keys } from './dueKeys.ts';
import { withDetail } from './zoom.ts';

/** Series by job and key. */
export type Metrics = ReadonlyMap<string, ReadonlyMap<string, MetricSeries>>;

/** With more keys than this the request asks for all of them. */
const fewKeys = 20;
/** Points arrive faster than charts are read: twice a second is live to the eye. */
const restMs = 500;

/** About so many points a series: four for each pixel of a chart of usual width. */
const points = 2000;

/**
 * The metric series of these jobs, live: the feed names the keys that got points, and those are asked for again, gathered. What lies in a job's window comes in
 * detail; other windows read all anew. `metrics` is undefined until the first answer.
 */
export function useMetrics(
  jobs: readonly string[],
  windows: ReadonlyMap<string, MetricWindow> | undefined,
): { metrics?: Metrics; error?: UserError } {
  const { client, feed } = useHost();
  const [state, setState] = useState<{ metrics?: Metrics; error?: UserError }>({});
  const names = jobs.join('\n');

  useEffect(() => {
    let isCurrent = true;
    const known = new Map<string, Map<string, MetricSeries>>();
    const wanted = new Set(names === '' ? [] : names.split('\n'));
    const due = new DueKeys(wanted);

    const read = async () => {
      const now = due.take();
      try {
        const readJob = async (job: string, keys: Keys) => {
          const asking = keys === 'any' || keys.size > fewKeys ? [] : [...keys];
          const window = windows?.get(job);
          const [whole, detail] = await Promise.all([
            client.metricSeries(job, asking, points),
            window ? client.metricSeries(job, asking, points, window) : undefined,
          ]);
          const old = known.get(job) ?? new Map<string, MetricSeries>();
          const details = new Map(detail?.series.map((each) => [each.key, each]));
          for (const each of whole.series) old.set(each.key, window ? withDetail(each, details.get(each.key), window) : each);
          known.set(job, old);
        };
        const leftOut = (job: string) => (error: unknown) => {
          if (!isNotFound(error)) throw error;
          known.delete(job);
        };
        await Promise.all([...now].map(([job, keys]) => readJob(job, keys).catch(leftOut(job))));
        if (isCurrent) setState({ metrics: new Map([...known].map(([job, series]) => [job, new Map(series)])) });
      } catch (error) {
        for (const [job, keys] of now) due.add(job, keys);
        if (isCurrent) setState((before) => ({ ...before, error: asUserError(error) }));
        throw error;
      }
    };
    const stop = liveReading(feed, {
      restMs,
      read,
      concerns(change) {
        if (change.kind !== 'metric' || !wanted.has(change.id)) return false;
        due.add(change.id, change.keys ?? 'any');
        return true;
      },
      onReset() {
        known.clear();
        for (const name of wanted) due.add(name, 'any');
      },
    });
    return () => {
      isCurrent = false;
      stop();
    };
  }, [client, feed, names, windows]);

  return state;
}
