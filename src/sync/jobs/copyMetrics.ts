import type { PlaneClient } from '../../client/planeClient.ts';
import type { MetricPoint } from '../../protocol/mlflow.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import type { Pair } from '../pair.ts';

/** Points that are asked for, and that are sent, at a time: as many as MLflow allows. */
const [read, sent] = [25_000, 1000];
/** Points of a part of a history, at most: what has more is thinned out by MLflow's rule. */
const mostOfPart = 2500;

/** The greatest step of a metric whose points were sent, and those of them that have that step. */
export interface Reached {
  step: number;
  points: ReadonlySet<string>;
}

/** What tells one point of a metric from another: a plane keeps each once. */
export const pointKey = ({ step, timestamp, value }: MetricPoint): string => `${step} ${timestamp} ${value}`;

export const reachedBy = ({ points }: Reached, point: MetricPoint): boolean => points.has(pointKey(point));

/** How far a metric is there once these points of it are. */
function reachedWith(points: readonly MetricPoint[], before?: Reached): Reached {
  let step = before?.step ?? Number.NEGATIVE_INFINITY;
  for (const point of points) step = Math.max(step, Number(point.step));
  const there = points.filter((point) => Number(point.step) === step).map(pointKey);
  return { step, points: new Set(before?.step === step ? [...before.points, ...there] : there) };
}

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

/** The points of a metric from one step to another, both included; undefined where there may be more than a part has. */
async function pointsFrom(client: PlaneClient, run: string, key: string, first: number, last: number, signal: AbortSignal | undefined) {
  const query = new URLSearchParams({
    run_ids: run,
    metric_key: key,
    start_step: String(first),
    end_step: String(last),
    max_results: String(mostOfPart),
  });
  const path = `/api/2.0/mlflow/metrics/get-history-bulk-interval?${query}`;
  const { metrics = [] } = await withRetries(() => client.http.json<{ metrics?: MetricPoint[] }>('GET', path, undefined, signal), {
    signal,
  });
  return metrics.length < mostOfPart ? metrics : undefined;
}

async function send({ to, signal }: Pair, run: string, points: readonly MetricPoint[]): Promise<void> {
  for (let at = 0; at < points.length; at += sent)
    await withRetries(() => to.logBatch(run, { metrics: points.slice(at, at + sent) }), { signal });
}

/** Sends the points of a metric that a run has and its copy has not; answers how many there were. */
export async function copyMetrics(pair: Pair, run: string, key: string): Promise<{ points: number; reached: Reached }> {
  const { from, to, signal } = pair;
  const there = new Set((await pointsOf(to, run, key, signal)).map(pointKey));
  const all = await pointsOf(from, run, key, signal);
  const missing = all.filter((point) => !there.has(pointKey(point)));
  await send(pair, run, missing);
  return { points: missing.length, reached: reachedWith(all) };
}

/** Sends the points of a metric that are not earlier than those that were sent (`reached`), up to its newest one. What came since with earlier steps, `copyMetrics` finds. */
export async function copyNewPoints(
  pair: Pair,
  run: string,
  newest: MetricPoint,
  reached: Reached | undefined,
): Promise<{ points: number; reached: Reached }> {
  const last = Number(newest.step);
  const part = reached && last >= reached.step ? await pointsFrom(pair.from, run, newest.key, reached.step, last, pair.signal) : undefined;
  if (!part) return copyMetrics(pair, run, newest.key);
  const missing = part.filter((point) => !reachedBy(reached!, point));
  await send(pair, run, missing);
  return { points: missing.length, reached: reachedWith(part, reached) };
}
