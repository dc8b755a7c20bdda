import type { PlaneClient } from '../client/planeClient.ts';
import type { MetricPoint } from '../protocol/mlflow.ts';
import { withRetries } from '../transfer/withRetries.ts';
import type { Pair } from './pair.ts';

/** Points that are asked for, and that are sent, at a time: as many as MLflow allows. */
const [read, sent] = [25_000, 1000];

/** What tells one point of a metric from another: a plane keeps each once. */
export const pointKey = ({ step, timestamp, value }: MetricPoint): string => `${step} ${timestamp} ${value}`;

/** All points of a metric of a run. */
export async function pointsOf(client: PlaneClient, run: string, key: string, signal: AbortSignal | undefined): Promise<MetricPoint[]> {
  const points: MetricPoint[] = [];
  for (let token = ''; ; ) {
    const query = new URLSearchParams({ run_id: run, metric_key: key, max_results: String(read), ...(token ? { page_token: token } : {}) });
    const page = await withRetries(
      () =>
        client.http.json<{ metrics?: MetricPoint[]; next_page_token?: string }>(
          'GET',
          `/api/2.0/mlflow/metrics/get-history?${query}`,
          undefined,
          signal,
        ),
      { signal },
    );
    points.push(...(page.metrics ?? []));
    token = page.next_page_token ?? '';
    if (!token) return points;
  }
}

/** Sends the points that a run has and its copy has not; answers how many there were. `keys`: the metrics that it has. */
export async function copyMetrics({ from, to, signal }: Pair, run: string, keys: readonly string[]): Promise<number> {
  let count = 0;
  for (const key of keys) {
    const there = new Set((await pointsOf(to, run, key, signal)).map(pointKey));
    const missing = (await pointsOf(from, run, key, signal)).filter((point) => !there.has(pointKey(point)));
    for (let at = 0; at < missing.length; at += sent)
      await withRetries(() => to.logBatch(run, { metrics: missing.slice(at, at + sent) }), { signal });
    count += missing.length;
  }
  return count;
}
