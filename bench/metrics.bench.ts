import { type Benchmark, type Figure, figure } from './figure.ts';
import { logRate } from './logRate.ts';
import { alone, Client, quietMoment, withServers } from './metricServers.ts';

const clients = 8;
const windowMs = 1200;
const rounds = 3;
/** Metrics a request, and what ours shall be at least, as a multiple of MLflow's rate on SQLite. */
const rows = [
  { batch: 1, goal: 50 },
  { batch: 10, goal: 35 },
  { batch: 100, goal: 25 },
  { batch: 1000, goal: 40 },
];

export const benchmark: Benchmark = {
  name: 'metrics',
  what: `log-batch from ${clients} clients, metrics/s; same client, servers in turn, the others at rest; ours is on the disk when it answers`,
  run: () =>
    withServers(async (servers) => {
      const figures: Figure[] = [];
      for (const { batch, goal } of rows) {
        const rates = new Map(servers.map(({ name }) => [name, [] as number[]]));
        for (let round = -1; round < rounds; round++) {
          for (const server of servers) {
            const measured = await alone(server, servers, () => logRate(new Client(server.url, clients), { clients, windowMs, batch }));
            if (round >= 0) rates.get(server.name)!.push(measured);
          }
        }
        const base = rates.get('mlflow (SQLite)')!;
        for (const [name, samples] of rates) figures.push(figure(`log-batch of ${batch}: ${name}`, samples, 'metrics/s'));
        for (const [name, samples] of rates) {
          if (samples === base) continue;
          const ratios = samples.map((sample, round) => sample / base[round]!);
          figures.push(figure(`log-batch of ${batch}: ${name} / mlflow`, ratios, 'x', name === 'updraft' ? { atLeast: goal } : undefined));
        }
      }
      await quietMoment();
      for (const server of servers)
        figures.push(
          figure(
            `memory five seconds after it: ${server.name}`,
            [server.resident() / 2 ** 20],
            'MiB',
            server.name === 'updraft' ? { atMost: 150 } : undefined,
          ),
        );
      for (const server of servers)
        figures.push(figure(`start: ${server.name}`, [server.startMs], 'ms', server.name === 'updraft' ? { atMost: 300 } : undefined));
      return figures;
    }),
};
