import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { PostgresServer } from '../src/cli/tryTeam/postgresServer.ts';
import { PlaneClient } from '../src/client/planeClient.ts';
import { findPlane } from '../src/plane/ensurePlane.ts';
import { defaultWorkspace } from '../src/protocol/arm.ts';
import type { AddedMember, IssuedToken } from '../src/protocol/team.ts';
import { openPostgresStore } from '../src/store/postgres/postgresStore.ts';
import { type Benchmark, type Figure, figure, inTurn, p95, timed } from './figure.ts';
import { logRate } from './logRate.ts';
import { fillRuns } from './metricData.ts';
import { alone, Client, type MetricServer, mlflowOn, ours, oursForTeam, peersPython, quietMoment } from './metricServers.ts';
import { fill, key } from './metricsRead.bench.ts';

const clients = 8;
const windowMs = 1500;
const rounds = 3;
const runs = 20_000;
const points = 1_000_000;
/** Metrics a request, and what ours shall be at least, as a multiple of MLflow's rate on the same PostgreSQL. */
const rows = [
  { batch: 1, goal: 20 },
  { batch: 100, goal: 15 },
  { batch: 1000, goal: 30 },
];
const queries = [
  { filter: "metrics.metric_3 > 0.5 and params.param_2 = '4'", order_by: ['metrics.metric_5 DESC'] },
  { filter: 'metrics.metric_0 < 0.2', order_by: ['metrics.metric_0 ASC'] },
  { filter: "params.param_1 LIKE '3%'", order_by: ['attributes.start_time ASC'] },
];

/** Somebody who logs: a server, and with which token. */
interface Logger {
  name: string;
  server: MetricServer;
  token?: string;
}

const clientOf = ({ server, token }: Logger, connections = 1) => new Client(server.url, connections, token);

async function measureLogging(all: Logger[], member: Logger, operator: Logger, peer: Logger): Promise<Figure[]> {
  const servers = [...new Set(all.map(({ server }) => server))];
  const figures: Figure[] = [];
  for (const { batch, goal } of rows) {
    const rates = new Map(all.map((each) => [each, [] as number[]]));
    for (let round = -1; round < rounds; round++)
      for (const each of all) {
        const measured = await alone(each.server, servers, () => logRate(clientOf(each, clients), { clients, windowMs, batch }));
        if (round >= 0) rates.get(each)!.push(measured);
      }
    const over = (one: Logger, other: Logger) => rates.get(one)!.map((value, round) => value / rates.get(other)![round]!);
    for (const each of all) figures.push(figure(`log-batch of ${batch}: ${each.name}`, rates.get(each)!, 'metrics/s'));
    figures.push(figure(`log-batch of ${batch}: a member of ours / mlflow`, over(member, peer), 'x', { atLeast: goal }));
    figures.push(figure(`log-batch of ${batch}: without roles / a member`, over(operator, member), 'x', { atMost: 1.03 }));
  }
  return figures;
}

async function measureSearch(member: Logger, operator: Logger, peer: Logger, address: string): Promise<Figure[]> {
  const [us, free, them] = [member, operator, peer].map((each) => clientOf(each)) as [Client, Client, Client];
  const search = (client: Client, at: number) =>
    client.post('runs/search', { experiment_ids: ['0'], max_results: 100, ...queries[at % queries.length] });
  execFileSync(await peersPython(), [path.join(import.meta.dirname, 'fillMlflow.py'), address, 'runs', String(runs)]);
  await search(us, 0);
  for (let i = 0; i < queries.length; i++) {
    const [a, b] = [await search(us, i), await search(them, i)];
    const ids = (answer: any) => answer.runs.map((run: any) => run.info.run_id).join();
    if (ids(a) !== ids(b)) throw new Error(`updraft and mlflow do not find the same runs for ${JSON.stringify(queries[i])}`);
  }
  const samplesOf = async (client: Client, count: number) => {
    const samples: number[] = [];
    for (let i = 0; i < count; i++) samples.push(await timed(() => search(client, i)));
    return samples;
  };
  const [mine, theirs] = [await samplesOf(us, 30), await samplesOf(them, 15)];
  let at = 0;
  const roles = await inTurn(
    30,
    () => search(us, at++),
    () => search(free, at - 1),
  );
  for (const each of [us, free, them]) each.close();
  return [
    figure('search in 20,000 runs: a member of ours', mine, 'ms'),
    figure('search in 20,000 runs: mlflow', theirs, 'ms'),
    figure('p95: mlflow / a member of ours', [p95(theirs) / p95(mine)], 'x', { atLeast: 15 }),
    figure('search: a member / without roles', roles.ratio, 'x', { atMost: 1.03 }),
  ];
}

async function measureChart(member: Logger, operator: Logger, peer: Logger, address: string): Promise<Figure[]> {
  const [us, free, them] = [member, operator, peer].map((each) => clientOf(each)) as [Client, Client, Client];
  const [run, theirs] = [await us.createRun(), await them.createRun()];
  await fill(us, 0, points, run);
  execFileSync(await peersPython(), [path.join(import.meta.dirname, 'fillMlflow.py'), address, 'points', theirs, key, String(points)]);
  const chart = (client: Client) => client.get(`/updraft/metrics/${run}?key=${key}&points=2000`);
  const history = async () => {
    for (let token = ''; ; ) {
      const query = new URLSearchParams({ run_id: theirs, metric_key: key, max_results: '25000', ...(token ? { page_token: token } : {}) });
      token = JSON.parse((await them.get(`/api/2.0/mlflow/metrics/get-history?${query}`)).toString()).next_page_token ?? '';
      if (!token) return;
    }
  };
  await chart(us);
  const mine: number[] = [];
  for (let i = 0; i < 5; i++) mine.push(await timed(() => chart(us)));
  const paged = await timed(history);
  const roles = await inTurn(
    20,
    () => chart(us),
    () => chart(free),
  );
  for (const each of [us, free, them]) each.close();
  return [
    figure('chart of 1,000,000 points: a member of ours', mine, 'ms'),
    figure("mlflow's whole paged history", [paged], 'ms'),
    figure(
      "mlflow's paged history / a member's chart",
      mine.map((each) => paged / each),
      'x',
      { atLeast: 200 },
    ),
    figure('chart: a member / without roles', roles.ratio, 'x', { atMost: 1.03 }),
  ];
}

export const benchmark: Benchmark = {
  name: 'team',
  what: `a team's plane beside mlflow on the same PostgreSQL, and beside our SQLite: log-batch from ${clients} clients, search in ${runs} runs, a chart of ${points} points, what roles cost`,
  async run() {
    const database = new PostgresServer({ isDurable: true });
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    const started: MetricServer[] = [];
    try {
      const socket = path.dirname(database.socket);
      await makeDatabase(database.url);
      const keyFile = path.join(folder, 'key');
      writeFileSync(keyFile, randomBytes(32).toString('base64'));
      const own = await oursForTeam(`${database.url}?schema=team`, keyFile);
      started.push(own);
      const embedded = await ours();
      started.push(embedded);
      const peerServer = await mlflowOn(`postgresql+psycopg2://postgres@/mlflow?host=${socket}`);
      started.push(peerServer);
      const { token } = (await findPlane(own.folder))!;
      const operator: Logger = { name: 'updraft (team, without roles)', server: own, token };
      const member: Logger = { name: 'updraft (team, a member)', server: own, token: await memberToken(own.url, token) };
      const peer: Logger = { name: peerServer.name, server: peerServer };
      const address = `postgresql://postgres@/mlflow?host=${socket}`;
      const all = [member, operator, { name: 'updraft (SQLite)', server: embedded }, peer];
      await makeRuns(database.url);
      // The search before what makes more runs: both are to find the same ones.
      const figures = await measureSearch(member, operator, peer, address);
      figures.push(...(await measureChart(member, operator, peer, address)));
      figures.push(...(await measureLogging(all, member, operator, peer)));
      await quietMoment();
      figures.push(figure("memory five seconds after it: a team's server", [own.resident() / 2 ** 20], 'MiB', { atMost: 250 }));
      return figures;
    } finally {
      for (const each of started) await each.stop();
      await database.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A database beside ours, once the server is up. */
async function makeDatabase(url: string): Promise<void> {
  for (;;) {
    const client = new pg.Client(url);
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query("CREATE DATABASE mlflow ENCODING 'UTF8' TEMPLATE template0");
      await client.end();
      return;
    } catch (error) {
      // It is being started.
      if (!['ENOENT', 'ECONNREFUSED', '57P03'].includes((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

async function memberToken(url: string, token: string): Promise<string> {
  const { http } = new PlaneClient({ url, token });
  await http.json<AddedMember>('POST', '/updraft/team/members', { kind: 'user', name: 'ann@example.org', role: 'AzureML Data Scientist' });
  return (await http.json<IssuedToken>('POST', '/updraft/team/tokens', { name: 'bench', member: 'ann@example.org' })).token;
}

/** Made by the store itself: through the API it would take minutes. */
async function makeRuns(url: string): Promise<void> {
  const { store, metrics } = openPostgresStore({ url, schema: 'team' });
  try {
    await fillRuns(store, metrics, defaultWorkspace.workspace, ['0'], runs);
  } finally {
    await store.close();
  }
}
