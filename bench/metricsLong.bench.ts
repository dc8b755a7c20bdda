import { type Benchmark, type Figure, figure, timed } from './figure.ts';
import { Client, ours, quietMoment } from './metricServers.ts';
import { fill, key } from './metricsRead.bench.ts';

const [few, many] = [10_000, 10_000_000];
const rounds = 20;
/** Parts of a long series that a chart shows, in steps: from all of it to as many points as the short one has. */
const zooms = { whole: [0, many], 'a tenth': [3_000_000, 4_000_000], 'a thousandth': [7_000_000, 7_010_000] } as const;

export const benchmark: Benchmark = {
  name: 'metrics-long',
  what: 'the chart of one run with 10,000,000 points at three zooms, beside that of a run with 10,000',
  async run() {
    const server = await ours();
    const client = new Client(server.url);
    try {
      const [short, long] = [await client.createRun(), await client.createRun()];
      const empty = server.size();
      await fill(client, 0, few, short);
      const filling = await timed(() => fill(client, 0, many, long));
      await quietMoment();
      const chart = (run: string, [from, to]: readonly [number, number]) =>
        client.get(`/updraft/metrics/${run}?key=${key}&points=2000&from=${from}&to=${to}`);
      const base: number[] = [];
      const times = Object.keys(zooms).map((name) => ({ name: name as keyof typeof zooms, ms: [] as number[] }));
      for (let round = -3; round < rounds; round++) {
        const sample = await timed(() => chart(short, [0, few]));
        if (round >= 0) base.push(sample);
        for (const { name, ms } of times) {
          const zoomed = await timed(() => chart(long, zooms[name]));
          if (round >= 0) ms.push(zoomed);
        }
      }
      const figures: Figure[] = [
        figure('10,000,000 points written by one client', [(many / filling) * 1000], 'points/s'),
        figure('chart of 10,000 points', base, 'ms'),
      ];
      for (const { name, ms } of times) {
        figures.push(figure(`chart of 10,000,000 points, ${name}`, ms, 'ms'));
        const ratios = ms.map((sample, round) => sample / base[round]!);
        figures.push(figure(`chart of 10,000,000 points, ${name} / of 10,000`, ratios, 'x', { atMost: 2 }));
      }
      figures.push(figure('bytes a point', [(server.size() - empty) / (many + few)], 'B', { atMost: 8 }));
      figures.push(figure('memory five seconds after it', [server.resident() / 2 ** 20], 'MiB', { atMost: 150 }));
      return figures;
    } finally {
      client.close();
      await server.stop();
    }
  },
};
