import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { PlaneClient } from '../src/client/planeClient.ts';
import { workspaceHeader } from '../src/protocol/arm.ts';
import type { AddedMember } from '../src/protocol/team.ts';
import { type PlaneServer, type Servers, startServers } from '../test/contract/servers/servers.ts';
import { workspaceAt } from '../test/contract/team.ts';
import { type Benchmark, figure } from './figure.ts';
import { Client } from './metricServers.ts';

const people = Number(process.env.UPDRAFT_BENCH_PEOPLE ?? 500);
/** Writes a second, of all jobs together. */
const rate = Number(process.env.UPDRAFT_BENCH_RATE ?? 40);
const serverCount = 2;
const workspaces = ['vision', 'speech', 'text', 'robots', 'ads'];
const jobsEach = 4;
/** Feeds that are open, and that nobody reads. */
const stuck = 10;
const rounds = 3;
const roundMs = 8000;
/** Different rights, in one workspace or on the whole plane: each of them lets its member follow a workspace. */
const rights = [
  { role: 'Reader', isEverywhere: false },
  { role: 'AzureML Data Scientist', isEverywhere: false },
  { role: 'Contributor', isEverywhere: false },
  { role: 'Reader', isEverywhere: true },
  { role: 'Owner', isEverywhere: false },
];

export const benchmark: Benchmark = {
  name: 'feeds',
  what: `${people} members with open feeds over ${serverCount} servers on one PostgreSQL, while ${workspaces.length * jobsEach} jobs in ${workspaces.length} workspaces log ${rate} times a second: from the acknowledged write to the line in each feed`,
  async run() {
    const { plane, servers } = await startServers(
      Array.from({ length: serverCount }, (_, i) => `server ${i + 1}`),
      { isDurable: true },
    );
    const open: { destroy(): void }[] = [];
    const clients: Client[] = [];
    try {
      for (const name of workspaces) await plane.client.http.json('PUT', workspaceAt(name), { location: 'local' });
      const members: { token: string; workspace: string }[] = [];
      await inParts(people, 20, async (i) => {
        const workspace = workspaces[i % workspaces.length]!;
        members[i] = { token: await memberToken(plane.client, i, workspace), workspace };
      });
      const before = await Promise.all(servers.map(residentOf));
      const delays = new Delays();
      await inParts(people, 20, async (i) => {
        const { token, workspace } = members[i]!;
        const reader = new FeedReader(workspace, delays);
        open.push(await openFeed(servers[i % servers.length]!, token, workspace, i % 5 < 2 ? '?kinds=job,metric' : '', reader.take));
        delays.readers.push(reader);
      });
      for (let i = 0; i < stuck; i++) {
        const feed = await openFeed(servers[i % servers.length]!, plane.token, workspaces[0]!, '', () => {});
        feed.pause();
        open.push(feed);
      }
      const jobs = await startJobs(plane, servers, clients);
      await logFor(2000, jobs, delays);
      const figures: Record<'p50' | 'p95' | 'p99' | 'max', number[]> = { p50: [], p95: [], p99: [], max: [] };
      const shares: number[] = [];
      let [lines, missed, foreign] = [0, 0, 0];
      for (let round = 0; round < rounds; round++) {
        delays.begin();
        const [since, used] = [performance.now(), await Promise.all(servers.map(secondsOf))];
        await logFor(roundMs, jobs, delays);
        const seconds = (performance.now() - since) / 1000;
        for (const [i, server] of servers.entries()) shares.push((100 * ((await secondsOf(server)) - used[i]!)) / seconds);
        // Lines that are late are late, not missing.
        for (let waited = 0; waited < 10_000 && delays.missing() > 0; waited += 100) await pause(100);
        const sorted = delays.found.toSorted((a, b) => a - b);
        const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
        figures.p50.push(at(0.5));
        figures.p95.push(at(0.95));
        figures.p99.push(at(0.99));
        figures.max.push(at(1));
        lines += sorted.length;
        missed += delays.missing();
        foreign += delays.foreign;
      }
      const after = await Promise.all(servers.map(residentOf));
      const none = { atMost: 0 };
      return [
        figure('half of the lines are there within', figures.p50, 'ms'),
        figure('95 of 100 lines are there within', figures.p95, 'ms', { atMost: 250 }),
        figure('99 of 100 lines are there within', figures.p99, 'ms'),
        figure('the last line is there within', figures.max, 'ms'),
        figure('lines read', [lines], 'lines'),
        figure('lines that did not come', [missed], 'lines', none),
        figure('lines of workspaces that a reader did not ask for', [foreign], 'lines', none),
        figure('a server uses of one core', shares, '%'),
        figure('memory of a server without feeds', before, 'MiB'),
        figure(`memory of a server with ${(people + stuck) / serverCount} feeds`, after, 'MiB', { atMost: 250 }),
      ];
    } finally {
      for (const each of open) each.destroy();
      for (const each of clients) each.close();
      await plane.remove();
    }
  },
};

/** When each write was acknowledged, and when each reader had its line. A write is known by its workspace and its metric's key. */
class Delays {
  readonly readers: FeedReader[] = [];
  found: number[] = [];
  foreign = 0;
  private acknowledged = new Map<string, number>();
  /** Lines that came before the answer to their write. */
  private early = new Map<string, number>();
  private sent = new Map<string, number>();

  begin(): void {
    this.found = [];
    this.foreign = 0;
    this.acknowledged.clear();
    this.early.clear();
    this.sent.clear();
  }

  acknowledge(workspace: string, key: string): void {
    this.acknowledged.set(key, performance.now());
    this.sent.set(workspace, (this.sent.get(workspace) ?? 0) + 1);
    for (let i = this.early.get(key) ?? 0; i > 0; i--) this.found.push(0);
    this.early.delete(key);
  }

  line(workspace: string, key: string): void {
    if (!key.startsWith(`${workspace}-`)) this.foreign++;
    const since = this.acknowledged.get(key);
    if (since === undefined) this.early.set(key, (this.early.get(key) ?? 0) + 1);
    else this.found.push(performance.now() - since);
  }

  missing(): number {
    let expected = 0;
    for (const { workspace } of this.readers) expected += this.sent.get(workspace) ?? 0;
    return Math.max(0, expected - this.found.length);
  }
}

/** Finds the keys of metrics in what comes, whatever the pieces. */
class FeedReader {
  readonly workspace: string;
  private readonly delays: Delays;
  private rest = '';

  constructor(workspace: string, delays: Delays) {
    this.workspace = workspace;
    this.delays = delays;
  }

  take = (text: string): void => {
    const events = (this.rest + text).split('\n\n');
    this.rest = events.pop()!;
    for (const event of events) {
      const key = /"keys":\["([^"]+)"\]/.exec(event)?.[1];
      if (key !== undefined) this.delays.line(this.workspace, key);
    }
  };
}

function openFeed(
  server: PlaneServer,
  token: string,
  workspace: string,
  query: string,
  take: (text: string) => void,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, [workspaceHeader]: workspace };
    const asking = request(`${server.url}/changes${query}`, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`A feed was answered with ${response.statusCode}.`));
      response.setEncoding('utf8').on('data', take);
      response.on('error', () => {});
      response.once('data', () => resolve(response));
    });
    asking.on('error', reject);
    asking.end();
  });
}

async function memberToken({ http }: PlaneClient, number: number, workspace: string): Promise<string> {
  const { role, isEverywhere } = rights[number % rights.length]!;
  const added = await http.json<AddedMember>('POST', '/updraft/team/members', {
    kind: 'user',
    name: `person${number}@example.org`,
    role,
    ...(isEverywhere ? {} : { workspace }),
  });
  return added.token!.token;
}

interface Job {
  workspace: string;
  run: string;
  client: Client;
}

/** Runs of programs that may log in one workspace, each with its connections to a server. */
async function startJobs(plane: Servers, servers: PlaneServer[], clients: Client[]): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const [i, workspace] of workspaces.entries()) {
    const added = await plane.client.http.json<AddedMember>('POST', '/updraft/team/members', {
      kind: 'service',
      name: `training of ${workspace}`,
      role: 'AzureML Data Scientist',
      workspace,
    });
    const client = new Client(servers[i % servers.length]!.url, jobsEach, added.token!.token);
    clients.push(client);
    for (let n = 0; n < jobsEach; n++) jobs.push({ workspace, run: await client.createRun(), client });
  }
  return jobs;
}

let written = 0;

/** Each job logs when it is its turn, whether or not the write before was answered. */
async function logFor(ms: number, jobs: Job[], delays: Delays): Promise<void> {
  const writes: Promise<void>[] = [];
  const count = Math.round((ms * rate) / 1000);
  const since = performance.now();
  for (let i = 0; i < count; i++) {
    await pause(Math.max(0, since + (i * 1000) / rate - performance.now()));
    const { workspace, run, client } = jobs[i % jobs.length]!;
    const key = `${workspace}-${written++}`;
    const metrics = [{ key, value: i, timestamp: Date.now(), step: i }];
    writes.push(client.post('runs/log-batch', { run_id: run, metrics }).then(() => delays.acknowledge(workspace, key)));
  }
  await Promise.all(writes);
}

/** Runs so many pieces of work, some at a time. */
async function inParts(count: number, atOnce: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

const pidOf = async ({ client }: PlaneServer): Promise<number> => (await client.http.json<{ pid: number }>('GET', '/health')).pid;

/** MiB in memory of a server's process, from Linux's `/proc`. */
async function residentOf(server: PlaneServer): Promise<number> {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${await pidOf(server)}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
}

/** Seconds of processor time that it has had. */
async function secondsOf(server: PlaneServer): Promise<number> {
  const stat = readFileSync(`/proc/${await pidOf(server)}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number) as [number, number];
  return (user + system) / 100;
}
