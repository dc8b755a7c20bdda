import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type Benchmark, type Figure, figure, timed } from './figure.ts';
import { pointAt, spikeEvery } from './metricData.ts';
import { alone, Client, fasttrackmlIfPossible, type MetricServer, mlflow, ours, peersPython, quietMoment } from './metricServers.ts';

export const key = 'loss';
const count = 1_000_000;
const rounds = 5;
/** The peer takes minutes for what ours does in seconds. */
const peerRounds = { interval: 3, history: 1 };

/** Logs points of one run in full batches, to ours through its API. */
export async function fill(client: Client, from: number, to: number, run: string): Promise<void> {
  for (let start = from; start < to; start += 1000) {
    const metrics = Array.from({ length: Math.min(1000, to - start) }, (_, i) => {
      const { at, ...point } = pointAt(key, start + i);
      return { ...point, timestamp: at };
    });
    await client.post('runs/log-batch', { run_id: run, metrics });
  }
}

/** The whole history, page by page as MLflow's client asks for it. */
async function history(client: Client, run: string): Promise<number> {
  let token = '';
  let points = 0;
  do {
    const query = new URLSearchParams({ run_id: run, metric_key: key, max_results: '25000', ...(token ? { page_token: token } : {}) });
    const page = JSON.parse((await client.get(`/api/2.0/mlflow/metrics/get-history?${query}`)).toString());
    points += page.metrics.length;
    token = page.next_page_token ?? '';
  } while (token);
  return points;
}

async function measureReads(own: MetricServer, peer: MetricServer, third: MetricServer | undefined): Promise<Figure[]> {
  const all = [own, peer, ...(third ? [third] : [])];
  const [us, them] = [new Client(own.url), new Client(peer.url)];
  const [run, short, theirs] = [await us.createRun(), await us.createRun(), await them.createRun()];
  execFileSync(await peersPython(), [
    path.join(import.meta.dirname, 'fillMlflow.py'),
    path.join(peer.folder, 'mlflow.db'),
    'points',
    theirs,
    key,
    String(count),
  ]);
  const empty = own.size();
  await fill(us, 0, 10_000, short);
  await fill(us, 0, count, run);

  const ofOurs = (work: () => Promise<unknown>) => alone(own, all, () => timed(work));
  const retry = (id: string, at: number) => ofOurs(() => fill(us, at, at + 1000, id));
  const retries: number[] = [];
  for (let i = 0; i < 40; i++) {
    const [small, large] = [await retry(short, 5000), await retry(run, 500_000)];
    if (i >= 5) retries.push(large / small);
  }

  const chart = (id: string, zoom = '') =>
    us.get(`/updraft/metrics/${id}?key=${key}&points=2000${zoom}`).then((answer) => JSON.parse(answer.toString()).series[0]);
  const interval = (client: Client, id: string) =>
    client
      .get(`/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids=${id}&metric_key=${key}&max_results=2500`)
      .then((answer) => JSON.parse(answer.toString()).metrics);
  const spikes = Array.from({ length: Math.floor((count - 77) / spikeEvery) + 1 }, (_, i) => 1000 + i * spikeEvery + 77);
  const kept = (values: number[]) => spikes.filter((spike) => values.includes(spike)).length;
  const times = {
    chart: [] as number[],
    zoomed: [] as number[],
    short: [] as number[],
    interval: [] as number[],
    history: [] as number[],
    paged: [] as number[],
  };
  await chart(run);
  for (let round = 0; round < rounds; round++) {
    times.chart.push(await ofOurs(() => chart(run)));
    times.zoomed.push(await ofOurs(() => chart(run, '&from=300000&to=400000')));
    times.short.push(await ofOurs(() => chart(short)));
    times.history.push(await ofOurs(() => history(us, run)));
    if (round < peerRounds.interval) times.interval.push(await timed(() => interval(them, theirs)));
    if (round < peerRounds.history) times.paged.push(await timed(() => history(them, theirs)));
  }
  const over = (a: number[], b: number[]) => a.map((value, i) => value / b[i]!);
  const atOnce = own.resident();
  await quietMoment();
  const quiet = own.resident();
  const figures = [
    figure('chart of 1,000,000 points: updraft', times.chart, 'ms'),
    figure('chart of a tenth of them: updraft', times.zoomed, 'ms'),
    figure('chart of 10,000 points: updraft', times.short, 'ms'),
    figure('chart of 1,000,000 points / of 10,000: updraft', over(times.chart, times.short), 'x'),
    figure("mlflow's bulk-interval", times.interval, 'ms'),
    figure("mlflow's whole paged history", times.paged, 'ms'),
    figure("mlflow's paged history / updraft's chart", over(times.paged, times.chart), 'x', { atLeast: 500 }),
    figure("mlflow's bulk-interval / updraft's chart", over(times.interval, times.chart), 'x', { atLeast: 40 }),
    figure('whole paged history: updraft', times.history, 'ms'),
    figure("mlflow's paged history / updraft's", over(times.paged, times.history), 'x', { atLeast: 18 }),
    figure(`of ${spikes.length} planted spikes in the chart: updraft`, [kept((await chart(run)).values)], '', { atLeast: spikes.length }),
    figure(
      `of ${spikes.length} planted spikes in bulk-interval: mlflow`,
      [kept((await interval(them, theirs)).map((each: { value: number }) => each.value))],
      '',
    ),
    figure('the same batch again, at 1,000,000 points / at 10,000', retries, 'x', { atMost: 1.2 }),
    figure('memory at once after it: updraft', [atOnce / 2 ** 20], 'MiB'),
    figure('memory five seconds after it: updraft', [quiet / 2 ** 20], 'MiB', { atMost: 150 }),
    figure('bytes a point, as it stands after the load: updraft', [(own.size() - empty) / (count + 10_000)], 'B'),
  ];
  us.close();
  them.close();
  if (third) {
    const client = new Client(third.url);
    const same = await client.createRun();
    const paged = await alone(third, all, async () => {
      await fill(client, 0, count, same);
      return timed(() => history(client, same));
    });
    client.close();
    figures.push(figure(`whole paged history: ${third.name}`, [paged], 'ms'));
    figures.push(figure(`mlflow's paged history / ${third.name}'s`, [times.paged[0]! / paged], 'x'));
  }
  return figures;
}

export const benchmark: Benchmark = {
  name: 'metrics-read',
  what: '1,000,000 points of one run: chart, history, a batch sent again, bytes on the disk',
  async run() {
    const own = await ours();
    const peer = await mlflow();
    const third = await fasttrackmlIfPossible();
    try {
      return await measureReads(own, peer, third);
    } finally {
      for (const server of [own, peer, third]) await server?.stop();
    }
  },
};
