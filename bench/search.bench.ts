import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultWorkspace } from '../src/protocol/arm.ts';
import { thePlane } from '../src/protocol/principal.ts';
import { openSqliteStore } from '../src/store/sqlite/sqliteStore.ts';
import { type Benchmark, type Figure, figure, p95, timed } from './figure.ts';
import { fillRuns, fillRunsThrough } from './metricData.ts';
import { alone, Client, fasttrackmlIfPossible, type MetricServer, mlflow, ours, peersPython, quietMoment } from './metricServers.ts';

const runs = 20_000;
const ws = defaultWorkspace.workspace;
const queries = [
  { filter: "metrics.metric_3 > 0.5 and params.param_2 = '4'", order_by: ['metrics.metric_5 DESC'] },
  { filter: 'metrics.metric_0 < 0.2', order_by: ['metrics.metric_0 ASC'] },
  { filter: "params.param_1 LIKE '3%'", order_by: ['attributes.start_time ASC'] },
];

/** A data folder with runs, made by the store itself: through the API it would take minutes. */
async function filled(experiments: number, count: number): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
  const { store, metrics } = openSqliteStore(folder);
  const ids: string[] = [];
  for (let i = 0; i < experiments; i++)
    ids.push((await store.in(ws, thePlane).write((writer) => writer.createExperiment(`experiment ${i}`))).id);
  await fillRuns(store, metrics, ws, ids, count);
  await store.close();
  return folder;
}

async function measureSearch(own: MetricServer, peer: MetricServer, third: MetricServer | undefined): Promise<Figure[]> {
  const search = (client: Client, at: number) =>
    client.post('runs/search', { experiment_ids: ['0'], max_results: 100, ...queries[at % queries.length] });
  const us = new Client(own.url);
  const them = new Client(peer.url);
  const samplesOf = async (client: Client, count: number) => {
    const samples: number[] = [];
    for (let i = 0; i < count; i++) samples.push(await timed(() => search(client, i)));
    return samples;
  };
  const first = await timed(() => search(us, 0));
  const mine = await samplesOf(us, 30);
  execFileSync(await peersPython(), [
    path.join(import.meta.dirname, 'fillMlflow.py'),
    path.join(peer.folder, 'mlflow.db'),
    'runs',
    String(runs),
  ]);
  for (let i = 0; i < queries.length; i++) {
    const [a, b] = [await search(us, i), await search(them, i)];
    const ids = (answer: any) => answer.runs.map((run: any) => run.info.run_id).join();
    if (ids(a) !== ids(b)) throw new Error(`updraft and mlflow do not find the same runs for ${JSON.stringify(queries[i])}`);
  }
  const theirs = await samplesOf(them, 15);
  const figures = [
    figure('the very first search (columns are read): updraft', [first], 'ms'),
    figure('search: updraft', mine, 'ms'),
    figure('search: mlflow', theirs, 'ms'),
    figure('p95: mlflow / updraft', [p95(theirs) / p95(mine)], 'x', { atLeast: 15 }),
  ];
  if (third) {
    const client = new Client(third.url, 8);
    await alone(third, [own, peer, third], () => fillRunsThrough(client, runs));
    const samples = await samplesOf(client, 15);
    figures.push(figure(`search: ${third.name}`, samples, 'ms'));
    figures.push(figure(`p95: mlflow / ${third.name}`, [p95(theirs) / p95(samples)], 'x'));
    client.close();
  }
  us.close();
  them.close();
  return figures;
}

/** 50 experiments of 1,500 runs: pages of one long answer. */
async function measurePages(own: MetricServer): Promise<Figure[]> {
  const us = new Client(own.url);
  const experiment_ids = Array.from({ length: 50 }, (_, i) => String(i));
  const page = (page_token?: string) =>
    us.post('runs/search', { experiment_ids, max_results: 100, order_by: ['metrics.metric_1 DESC'], page_token });
  let token: string | undefined;
  await page();
  for (let i = 1; i < 500; i++) token = (await page(token)).next_page_token;
  const times = { first: [] as number[], far: [] as number[] };
  for (let i = 0; i < 15; i++) {
    times.first.push(await timed(() => page()));
    times.far.push(await timed(() => page(token)));
  }
  us.close();
  const atOnce = own.resident();
  await quietMoment();
  return [
    figure('50 x 1,500 runs, page 1 of 100: updraft', times.first, 'ms', { atMost: 100 }),
    figure('50 x 1,500 runs, page 500: updraft', times.far, 'ms'),
    figure(
      'page 500 / page 1',
      times.far.map((far, i) => far / times.first[i]!),
      'x',
      { atMost: 1.2 },
    ),
    figure('memory at once after it: updraft', [atOnce / 2 ** 20], 'MiB'),
    figure('memory five seconds after it: updraft', [own.resident() / 2 ** 20], 'MiB', { atMost: 150 }),
  ];
}

export const benchmark: Benchmark = {
  name: 'search',
  what: `runs/search, 100 of ${runs} runs by filter and order, ten metrics and twenty parameters each; pages of 75,000 runs`,
  async run() {
    const figures: Figure[] = [];
    const peer = await mlflow();
    const own = await ours(await filled(1, runs));
    const third = await fasttrackmlIfPossible();
    try {
      figures.push(...(await measureSearch(own, peer, third)));
    } finally {
      await own.stop();
      await peer.stop();
      await third?.stop();
    }
    const many = await ours(await filled(50, 1500));
    try {
      figures.push(...(await measurePages(many)));
    } finally {
      await many.stop();
    }
    return figures;
  },
};
