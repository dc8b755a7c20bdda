import type { Point, Store } from '../src/store/store.ts';

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

/** Makes `count` runs in each of the experiments, with ten metrics and twenty parameters each; 500 a transaction. */
export async function fillRuns(store: Store, workspace: string, experimentIds: string[], count: number): Promise<void> {
  let i = 0;
  const total = count * experimentIds.length;
  while (i < total) {
    const end = Math.min(total, i + 500);
    await store.write((writer) => {
      for (; i < end; i++) {
        const name = i.toString(16).padStart(32, '0');
        writer.putJob({
          name,
          workspace,
          experimentId: experimentIds[i % experimentIds.length]!,
          properties: { jobType: 'Command', command: '', environmentId: '', displayName: `run-${i}` },
          status: 'Completed',
          parent: null,
          claimedBy: null,
          startedAt: 1_700_000_000_000 + i,
          endedAt: 1_700_000_001_000 + i,
          user: 'u',
          isDeleted: false,
        });
        writer.setTag(name, 'mlflow.runName', `run-${i}`);
        writer.logPoints(
          name,
          Array.from({ length: 10 }, (_, k) => ({ key: `metric_${k}`, value: noise(i * 10 + k), at: 1_700_000_000_000 + i, step: 0 })),
        );
        for (let k = 0; k < 20; k++) writer.setParam(name, `param_${k}`, String(Math.floor(noise(i * 20 + k) * (k < 10 ? 10 : 100_000))));
      }
    });
  }
  await store.maintain('seal');
}
