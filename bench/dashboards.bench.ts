import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { PlaneClient } from '../src/client/planeClient.ts';
import type { RunColumn, RunTable, RunTableRequest } from '../src/protocol/runTable.ts';
import { experiment, folderOfKeys, folderOfRuns, folderOfSeries, seriesKey, tableShape } from './dashboardData.ts';
import { type Benchmark, type Figure, figure, timed } from './figure.ts';
import { nameOf } from './metricData.ts';
import { alone, Client, type MetricServer, mlflow, ours, peersPython } from './metricServers.ts';

const runs = Number(process.env.UPDRAFT_BENCH_RUNS ?? 100_000);
const rounds = 9;
/** Runs that mlflow is compared with: of 20,000 each of its searches takes 20 s, and of 100,000 minutes. Ours is asked about as many then. */
const peerRuns = Math.min(runs, 10_000);
const peerRounds = 3;

const columns: RunColumn[] = [
  { of: 'attribute', key: 'run_name' },
  { of: 'attribute', key: 'status' },
  { of: 'attribute', key: 'start_time' },
  ...[0, 1, 2, 3].map((k) => ({ of: 'metric' as const, key: `metric_${k}` })),
  ...[0, 12].map((k) => ({ of: 'param' as const, key: `param_${k}` })),
  { of: 'tag', key: 'tag_0' },
];

/** One question each round, none of which was asked before; the same for the peer. */
const filterOf = (round: number) => `metrics.metric_3 > 0.${30 + round} and params.param_2 != '${round % 10}'`;
const order = ['metrics.metric_5 DESC'];

const clientOf = ({ url }: MetricServer): PlaneClient => new PlaneClient({ url, token: 'none' });

/** What a page gets of a table: the answer of the server as JSON, read. */
async function measureTable(own: MetricServer): Promise<Figure[]> {
  const us = clientOf(own);
  const table = (more: Partial<RunTableRequest>) => us.runTable({ columns, offset: 0, limit: 100, orderBy: order, ...more });
  const first = await timed(() => table({ filter: filterOf(0) }));
  const times: Record<'fresh' | 'sorted' | 'part' | 'changed' | 'groups' | 'keys', number[]> = {
    fresh: [],
    sorted: [],
    part: [],
    changed: [],
    groups: [],
    keys: [],
  };
  for (let round = 1; round <= rounds; round++) {
    const filter = filterOf(round);
    times.fresh.push(await timed(() => table({ filter })));
    times.part.push(await timed(() => table({ filter, offset: 20_000 + 100 * round })));
    await us.logBatch(nameOf(round), { tags: [{ key: 'seen', value: String(round) }] });
    times.changed.push(await timed(() => table({ filter })));
    times.sorted.push(
      await timed(() =>
        table({ orderBy: ['params.param_3 ASC', `tags.tag_1 ${round % 2 ? 'ASC' : 'DESC'}`, `metrics.metric_${round} DESC`] }),
      ),
    );
    times.groups.push(
      await timed(() =>
        us.runGroups({ filter, by: [{ of: 'param', key: 'param_3' }], metrics: ['metric_0', 'metric_1'], offset: 0, limit: 100 }),
      ),
    );
    times.keys.push(await timed(() => us.runKeys()));
  }
  const wide: number[] = [];
  const keys = [0, 1, 2, 3, 4].map((part) =>
    Array.from({ length: 200 }, (_, k) => ({ of: 'param' as const, key: `param_${(200 * part + k) % tableShape.params}` })),
  );
  for (let round = 0; round < 3; round++)
    wide.push(
      await timed(async () => {
        for (const part of keys) await table({ columns: part, offset: 100 * round, limit: 50 });
      }),
    );
  return [
    figure('first question to the plane (base and columns are read)', [first], 'ms'),
    figure('filter, order, 10 columns, asked for the first time', times.fresh, 'ms', { atMost: 60 }),
    figure('the same after one run changed', times.changed, 'ms', { atMost: 60 }),
    figure('another part of the same question', times.part, 'ms'),
    figure('sorted by three fields', times.sorted, 'ms'),
    figure('50 rows of 1,000 columns, in five parts', wide, 'ms'),
    figure('groups by a parameter, two metrics', times.groups, 'ms'),
    figure('keys of everything', times.keys, 'ms', { atMost: 200 }),
    figure('memory of the plane after it', [own.resident() / 2 ** 20], 'MiB'),
  ];
}

/** The same 100 rows from both, of runs that are the same. */
async function measurePeer(own: MetricServer, peer: MetricServer): Promise<Figure[]> {
  const all = [own, peer];
  const us = clientOf(own);
  const them = new Client(peer.url);
  const [mine, theirs]: number[][] = [[], []];
  for (let round = 0; round <= peerRounds; round++) {
    const filter = filterOf(round);
    let [table, found]: [RunTable | undefined, any] = [undefined, undefined];
    const our = await alone(own, all, () =>
      timed(async () => {
        table = await us.runTable({ columns, offset: 0, limit: 100, orderBy: order, filter });
      }),
    );
    const their = await alone(peer, all, () =>
      timed(async () => {
        found = await them.post('runs/search', { experiment_ids: ['0'], max_results: 100, filter, order_by: order });
      }),
    );
    if (table!.runs.join() !== found.runs.map((run: any) => run.info.run_id).join())
      throw new Error(`updraft and mlflow do not find the same runs for ${filter}`);
    // The first question reads what the others need, in both.
    if (round === 0) continue;
    mine!.push(our);
    theirs!.push(their);
  }
  them.close();
  const count = peerRuns.toLocaleString('en');
  return [
    figure(`of ${count} runs: updraft's table, filter and order as above`, mine!, 'ms'),
    figure(`of ${count} runs: mlflow's search of the same 100 runs`, theirs!, 'ms'),
    figure(
      "mlflow's search / updraft's table",
      theirs!.map((ms, i) => ms / mine![i]!),
      'x',
    ),
  ];
}

async function measureKeys(own: MetricServer): Promise<Figure[]> {
  const us = clientOf(own);
  const times: number[] = [];
  const first = await timed(() => us.runKeys([experiment]));
  for (let i = 0; i < rounds; i++) {
    await us.logBatch(nameOf(i), { tags: [{ key: 'seen', value: String(i) }] });
    times.push(await timed(() => us.runKeys([experiment])));
  }
  return [
    figure('12,000 metric keys of 500 runs, for the first time', [first], 'ms', { atMost: 100 }),
    figure('the same after one run changed', times, 'ms', { atMost: 100 }),
  ];
}

async function measureSeries(own: MetricServer): Promise<Figure[]> {
  const us = clientOf(own);
  const jobs = Array.from({ length: 1000 }, (_, i) => nameOf(i));
  /** Milliseconds until the first series and the last one, and bytes of each. */
  async function read(count: number, points: number, from?: number) {
    const started = performance.now();
    let first: number | undefined;
    let bytes = 0;
    for await (const { steps } of us.series({
      jobs: jobs.slice(0, count),
      keys: [seriesKey],
      points,
      ...(from === undefined ? {} : { from }),
    })) {
      first ??= performance.now() - started;
      bytes += 24 * steps.length + 100;
    }
    return { first: first!, all: performance.now() - started, bytes: bytes / count };
  }
  await read(1, 200);
  const found = {
    one: [] as number[],
    first: [] as number[],
    all: [] as number[],
    delta: [] as number[],
    bytes: [] as number[],
    other: [] as number[],
  };
  for (let round = 0; round < 5; round++) {
    found.one.push((await read(1, 200)).all);
    const many = await read(1000, 200);
    found.first.push(many.first);
    found.all.push(many.all);
    found.bytes.push(many.bytes / 1000);
    found.delta.push((await read(1000, 20, 999_990)).all);
    // What another page feels meanwhile.
    const reading = read(1000, 200);
    found.other.push(await timed(() => us.runTable({ columns: [], offset: 0, limit: 1 })));
    await reading;
  }
  return [
    figure('1 run of 1,000,000 points, 200 of them', found.one, 'ms'),
    figure('1,000 such runs: the first series', found.first, 'ms'),
    figure('1,000 such runs: all', found.all, 'ms'),
    figure(
      'the first of 1,000 / one alone',
      found.first.map((ms, i) => ms / found.one[i]!),
      'x',
      { atMost: 5 },
    ),
    figure('1,000 such runs: the last 10 steps of each', found.delta, 'ms'),
    figure('bytes of a series', found.bytes, 'kB', { atMost: 64 }),
    figure('a table asked for while 1,000 series are read', found.other, 'ms'),
  ];
}

export const benchmark: Benchmark = {
  name: 'dashboards',
  what: `tables of ${runs} runs with 30 metrics, 20 parameters and 10 tags each; keys; 1,000 series of 1,000,000 points: what a server answers`,
  async run() {
    const figures: Figure[] = [];
    const own = await ours(await folderOfRuns(runs));
    try {
      figures.push(...(await measureTable(own)));
    } finally {
      await own.stop();
    }
    const fewer = await ours(await folderOfRuns(peerRuns));
    const peer = await mlflow();
    try {
      const { metrics, params, tags } = tableShape;
      execFileSync(await peersPython(), [
        path.join(import.meta.dirname, 'fillMlflow.py'),
        path.join(peer.folder, 'mlflow.db'),
        'runs',
        ...[peerRuns, metrics, params, tags].map(String),
      ]);
      figures.push(...(await measurePeer(fewer, peer)));
    } finally {
      await fewer.stop();
      await peer.stop();
    }
    for (const [folder, measure] of [
      [folderOfKeys, measureKeys],
      [folderOfSeries, measureSeries],
    ] as const) {
      const server = await ours(await folder());
      try {
        figures.push(...(await measure(server)));
      } finally {
        await server.stop();
      }
    }
    return figures;
  },
};
