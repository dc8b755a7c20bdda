import { useEffect, useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import type { MetricSeries, MetricWindow } from '../../../src/protocol/mlflow.ts';
import { useHost } from '../../shared/host/host.ts';
import { gathered } from '../../shared/live/gathered.ts';
import { asUserError } from '../../shared/live/useLive.ts';
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
    // The keys to ask for by job; an empty set stands for all.
    let asked = new Map<string, Set<string>>([...wanted].map((name) => [name, new Set()]));

    const reading = gathered(async () => {
      await feed.settled;
      const now = asked;
      asked = new Map();
      try {
        await Promise.all(
          [...now].map(async ([job, keys]) => {
            const asking = keys.size > fewKeys ? [] : [...keys];
            const window = windows?.get(job);
            const [whole, detail] = await Promise.all([
              client.metricSeries(job, asking, points),
              window ? client.metricSeries(job, asking, points, window) : undefined,
            ]);
            const old = known.get(job) ?? new Map<string, MetricSeries>();
            const details = new Map(detail?.series.map((each) => [each.key, each]));
            for (const each of whole.series) old.set(each.key, window ? withDetail(each, details.get(each.key), window) : each);
            known.set(job, old);
          }),
        );
        if (isCurrent) setState({ metrics: new Map([...known].map(([job, series]) => [job, new Map(series)])) });
      } catch (error) {
        if (isCurrent) setState((before) => ({ ...before, error: asUserError(error) }));
      }
    }, restMs);
    reading.ask();
    const subscriptions = [
      feed.onDidChange((change) => {
        if (change.kind !== 'metric' || !wanted.has(change.id)) return;
        const present = asked.get(change.id);
        if (present?.size === 0) return;
        asked.set(change.id, new Set([...(present ?? []), ...(change.keys ?? [])]));
        reading.ask();
      }),
      feed.onDidReset(() => {
        for (const name of wanted) asked.set(name, new Set());
        reading.ask();
      }),
    ];
    return () => {
      isCurrent = false;
      reading.dispose();
      for (const subscription of subscriptions) subscription.dispose();
    };
  }, [client, feed, names, windows]);

  return state;
}
