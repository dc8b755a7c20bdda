import { useEffect, useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import type { MetricSeries } from '../../../src/protocol/mlflow.ts';
import { useHost } from '../../shared/host/host.ts';
import { gathered } from '../../shared/live/gathered.ts';
import { asUserError } from '../../shared/live/useLive.ts';

/** Series by job and key. */
export type Metrics = ReadonlyMap<string, ReadonlyMap<string, MetricSeries>>;

/** With more keys than this the request asks for all of them. */
const fewKeys = 20;
/** Points arrive faster than charts are read: twice a second is live to the eye. */
const restMs = 500;

/**
 * The metric series of these jobs, live: the feed names the keys that got points, and those are asked for again, gathered. `points` is how many points
 * a series may have; another number reads all anew. `metrics` is undefined until the first answer.
 */
export function useMetrics(jobs: readonly string[], points: number): { metrics?: Metrics; error?: UserError } {
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
            const { series } = await client.metricSeries(job, keys.size > fewKeys ? [] : [...keys], points);
            const old = known.get(job) ?? new Map<string, MetricSeries>();
            for (const each of series) old.set(each.key, each);
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
  }, [client, feed, names, points]);

  return state;
}
