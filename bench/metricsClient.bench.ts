import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Benchmark, type Figure, figure, spreadOf } from './figure.ts';
import { alone, Client, type MetricServer, peersPython, withServers } from './metricServers.ts';

const requests = 150;
const metrics = 1000;
const rounds = 3;

/** Milliseconds, from Python's own sockets or MLflow's own client. */
async function waited({ url }: MetricServer, what: 'request' | 'log_metric', count: number, how = 'plain'): Promise<number[]> {
  const client = new Client(url);
  const run = await client.createRun();
  client.close();
  const { stdout } = await promisify(execFile)(
    await peersPython(),
    [path.join(import.meta.dirname, 'oneClient.py'), what, url, run, String(count), how],
    { env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' } },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

export const benchmark: Benchmark = {
  name: 'metrics-client',
  what: `one client: ${requests} requests of one metric with and without TCP_QUICKACK, and ${metrics} x mlflow.log_metric; servers in turn, the others at rest`,
  run: () =>
    withServers(async (servers) => {
      const figures: Figure[] = [];
      const rows = [
        { title: 'one request', of: (server: MetricServer) => waited(server, 'request', requests) },
        { title: 'one request, TCP_QUICKACK', of: (server: MetricServer) => waited(server, 'request', requests, 'quickack') },
        {
          title: `${metrics} x mlflow.log_metric`,
          of: (server: MetricServer) => waited(server, 'log_metric', metrics),
          // The peer takes two minutes for it.
          turns: 1,
          goal: 30,
        },
      ];
      for (const { title, of, turns = rounds, goal } of rows) {
        const times = new Map(servers.map(({ name }) => [name, [] as number[]]));
        for (let round = 0; round < turns; round++)
          for (const server of servers) times.get(server.name)!.push(spreadOf(await alone(server, servers, () => of(server))).median);
        const base = times.get('mlflow (SQLite)')!;
        for (const [name, samples] of times) figures.push(figure(`${title}: ${name}`, samples, 'ms'));
        for (const [name, samples] of times) {
          if (samples === base) continue;
          const ratios = samples.map((sample, round) => base[round]! / sample);
          figures.push(figure(`${title}: mlflow / ${name}`, ratios, 'x', goal && name === 'updraft' ? { atLeast: goal } : undefined));
        }
      }
      return figures;
    }),
};
