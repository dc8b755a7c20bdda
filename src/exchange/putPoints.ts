import type { PlaneClient } from '../client/planeClient.ts';
import { type MetricPoint, mlflowLimits } from '../protocol/mlflow.ts';
import { pointKey, pointsOf } from '../sync/jobs/copyMetrics.ts';
import { withRetries } from '../transfer/withRetries.ts';

/** Sends the points of a metric that a run has not here; answers how many there were. `parts` may have points that come twice. */
export async function putPoints(
  to: PlaneClient,
  run: string,
  key: string,
  parts: AsyncIterable<readonly MetricPoint[]>,
  signal?: AbortSignal,
): Promise<number> {
  const there = new Set((await pointsOf(to, run, key, signal)).map(pointKey));
  let count = 0;
  for await (const part of parts) {
    const missing: MetricPoint[] = [];
    for (const { value, timestamp, step = 0 } of part) {
      const point = { key, value, timestamp, step };
      const known = pointKey(point);
      if (there.has(known)) continue;
      there.add(known);
      missing.push(point);
    }
    for (let at = 0; at < missing.length; at += mlflowLimits.metricsPerBatch)
      await withRetries(() => to.logBatch(run, { metrics: missing.slice(at, at + mlflowLimits.metricsPerBatch) }), { signal });
    count += missing.length;
  }
  return count;
}
