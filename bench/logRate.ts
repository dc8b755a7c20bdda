import type { Client } from './metricServers.ts';

/** Metrics a second that so many clients get written in `windowMs`, each to a run of its own, ten keys, `batch` metrics a request. Closes the client, which has a connection for each. */
export async function logRate(
  client: Client,
  { clients, windowMs, batch }: { clients: number; windowMs: number; batch: number },
): Promise<number> {
  const runs = await Promise.all(Array.from({ length: clients }, () => client.createRun()));
  let written = 0;
  const started = performance.now();
  await Promise.all(
    runs.map(async (run) => {
      for (let step = 0; performance.now() - started < windowMs; step += Math.ceil(batch / 10)) {
        const metrics = Array.from({ length: batch }, (_, i) => ({
          key: `metric_${i % 10}`,
          value: Math.random(),
          timestamp: Date.now(),
          step: step + Math.floor(i / 10),
        }));
        await client.post('runs/log-batch', { run_id: run, metrics });
        written += batch;
      }
    }),
  );
  client.close();
  return (written * 1000) / (performance.now() - started);
}
