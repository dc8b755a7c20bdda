import { thePlane } from '../src/protocol/principal.ts';
import type { MetricStore, Point } from '../src/store/metrics/metricStore.ts';
import type { Store } from '../src/store/store.ts';
import type { Client } from './metricServers.ts';

/** Between 0 and 1, the same for the same number; fills every digit of a double. */
const noise = (i: number): number => ((i * 2654435761) % 4294967296) / 4294967296;

/** Every so many points one is a spike, greater than all before it. */
export const spikeEvery = 49_999;

/** The i-th point of a loss that is logged four times a second: a falling curve with noise, times with jitter, and planted spikes. */
export const pointAt = (key: string, i: number): Point => ({
  key,
  step: i,
  at: 1_700_000_000_000 + i * 250 + Math.floor(noise(i + 7) * 20),
  value: i % spikeEvery === 77 ? 1000 + i : Math.exp(-i / 200_000) + 0.1 * noise(i),
});

/** How many metrics, parameters and tags each run has. */
export interface RunShape {
  metrics: number;
  params: number;
  tags: number;
}

const usualShape: RunShape = { metrics: 10, params: 20, tags: 0 };

/** Values of the i-th run's metrics, `metric_0` and so on. */
const metricsOf = (i: number, count: number): number[] => Array.from({ length: count }, (_, k) => noise(i * count + k));

/** Values of the i-th run's parameters, `param_0` and so on: ten of few values, the others of many. */
const paramsOf = (i: number, count: number): string[] =>
  Array.from({ length: count }, (_, k) => String(Math.floor(noise(i * count + k) * (k < 10 ? 10 : 100_000))));

/** Values of the i-th run's tags, `tag_0` and so on: few each. */
const tagsOf = (i: number, count: number): string[] =>
  Array.from({ length: count }, (_, k) => `value ${Math.floor(noise(i * count + k) * 5)}`);

/** The same runs through MLflow's API, eight at a time. */
export async function fillRunsThrough(client: Client, count: number): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let i = next++; i < count; i = next++) {
      const created = await client.post('runs/create', { experiment_id: '0', start_time: startOf(i), run_name: `run-${i}` });
      await client.post('runs/log-batch', {
        run_id: created.run.info.run_id,
        metrics: metricsOf(i, usualShape.metrics).map((value, k) => ({ key: `metric_${k}`, value, timestamp: startOf(i), step: 0 })),
        params: paramsOf(i, usualShape.params).map((value, k) => ({ key: `param_${k}`, value })),
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

export const nameOf = (i: number): string => i.toString(16).padStart(32, '0');

const startOf = (i: number): number => 1_700_000_000_000 + i;

/** Makes `count` runs in each of the experiments, 500 at a time. */
export async function fillRuns(
  store: Store,
  metrics: MetricStore,
  workspace: string,
  experimentIds: string[],
  count: number,
  shape = usualShape,
): Promise<void> {
  let i = 0;
  const total = count * experimentIds.length;
  while (i < total) {
    const end = Math.min(total, i + 500);
    const first = i;
    await store.in(workspace, thePlane).write(async (writer) => {
      for (; i < end; i++) {
        const name = nameOf(i);
        await writer.putJob({
          name,
          experimentId: experimentIds[i % experimentIds.length]!,
          properties: { jobType: 'Command', command: '', environmentId: '', displayName: `run-${i}` },
          status: 'Completed',
          parent: null,
          claimedBy: null,
          startedAt: startOf(i),
          endedAt: startOf(i) + 1000,
          user: 'u',
          isDeleted: false,
        });
        await writer.setTag(name, 'mlflow.runName', `run-${i}`);
        for (const [k, value] of tagsOf(i, shape.tags).entries()) await writer.setTag(name, `tag_${k}`, value);
        for (const [k, value] of paramsOf(i, shape.params).entries()) await writer.setParam(name, `param_${k}`, value);
      }
    });
    await Promise.all(
      Array.from({ length: end - first }, (_, at) =>
        metrics.append(
          { workspace, principal: thePlane },
          nameOf(first + at),
          metricsOf(first + at, shape.metrics).map((value, k) => ({ key: `metric_${k}`, value, at: startOf(first + at), step: 0 })),
        ),
      ),
    );
  }
  await metrics.maintain('seal');
}
