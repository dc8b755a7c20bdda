import { type Benchmark, figure, timed } from './figure.ts';
import { Client, ours } from './metricServers.ts';

const keys = Array.from({ length: 10 }, (_, i) => `metric_${i}`);
/** A run is sealed after 16,384 points: until then they are in the write-ahead part alone. */
const [early, late] = [200, 1600];
const rounds = 20;

export const benchmark: Benchmark = {
  name: 'metrics-live',
  what: `a run of ten metrics that is read while it logs: after ${late} requests, beside after ${early}`,
  async run() {
    const server = await ours();
    const client = new Client(server.url);
    try {
      const run = await client.createRun();
      let step = 0;
      const log = () => {
        step++;
        const metrics = keys.map((key, i) => ({ key, value: Math.sin(step / (i + 1)), timestamp: 1_700_000_000_000 + step, step }));
        return client.post('runs/log-batch', { run_id: run, metrics });
      };
      const readings = {
        'all charts': `/updraft/metrics/${run}?${keys.map((key) => `key=${key}`).join('&')}&points=2000`,
        'the run, as MLflow reads it before each value': `/api/2.0/mlflow/runs/get?run_id=${run}`,
      };
      /** Milliseconds of each reading, after every fifth request. */
      const measure = async () => {
        const times = Object.values(readings).map(() => [] as number[]);
        for (let round = 0; round < rounds; round++) {
          for (let i = 0; i < 5; i++) await log();
          for (const [i, route] of Object.values(readings).entries()) times[i]!.push(await timed(() => client.get(route)));
        }
        return times;
      };
      while (step < early - rounds * 5) await log();
      const before = await measure();
      while (step < late - rounds * 5) await log();
      const after = await measure();
      return Object.keys(readings).flatMap((what, i) => [
        figure(`${what}, after ${early} requests`, before[i]!, 'ms'),
        figure(`${what}, after ${late} requests`, after[i]!, 'ms'),
        figure(
          `${what}, after ${late} / after ${early}`,
          after[i]!.map((sample, round) => sample / before[i]![round]!),
          'x',
        ),
      ]);
    } finally {
      client.close();
      await server.stop();
    }
  },
};
