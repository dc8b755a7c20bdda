import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killProcessGroup } from '../scripts/processGroup.ts';
import { pythonClient } from '../scripts/pythonClients.ts';
import { planeEnvironment } from '../src/plane/ownVariables.ts';

/** MLflow's server with PostgreSQL's driver, and FastTrackML, which PyPI carries as a program. */
export const peersPython = (): Promise<string> =>
  pythonClient('mlflow-peers', ['mlflow>=3,<4', 'psycopg2-binary>=2.9', 'fasttrackml==0.5.0']);

/** A tracking server under test, on a folder of its own. */
export interface MetricServer {
  name: string;
  url: string;
  folder: string;
  /** From the start of its process until it answered, in ms. */
  startMs: number;
  /** Bytes in memory of its processes. */
  resident(): number;
  /** Bytes of its folder on the disk. */
  size(): number;
  /** Keeps its processes from running until `wake`: idle ones look around many times a second, which a client on the same two cores feels. */
  rest(): void;
  wake(): void;
  stop(): Promise<void>;
}

/** Ours, the floor and every peer that can be had here; those whose start is quick first: beside the others it would be measured on a busy machine. */
export async function withServers<T>(work: (servers: MetricServer[]) => Promise<T>): Promise<T> {
  const servers: MetricServer[] = [];
  try {
    for (const start of [ours, floor, mlflow]) servers.push(await start());
    for (const start of [fasttrackmlIfPossible, () => ifPossible(mlflowOnPostgres, 'PostgreSQL')]) {
      const peer = await start();
      if (peer) servers.push(peer);
    }
    return await work(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Measures one of the servers while the others rest. */
export async function alone<T>(server: MetricServer, servers: MetricServer[], work: () => Promise<T>): Promise<T> {
  const others = servers.filter((each) => each !== server);
  for (const each of others) each.rest();
  try {
    return await work();
  } finally {
    for (const each of others) each.wake();
  }
}

/** Processes that run for a benchmark, and their folders. */
const running = new Map<ChildProcess, string>();
// A benchmark that is ended early takes them along.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.once('exit', () => {
  for (const [child, folder] of running) {
    killProcessGroup(child, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
});

/** Starts a process that leads a group of its own. */
function launch(program: string, args: string[], folder: string, options: { uid?: number; env?: NodeJS.ProcessEnv }): ChildProcess {
  const child = spawn(program, args, { ...options, cwd: folder, stdio: 'ignore', detached: true });
  running.set(child, folder);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Without the eight workers for MLflow's own jobs, which no request here needs: they only slow down its start. */
const peerEnvironment = { MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' };

const root = path.resolve(import.meta.dirname, '..');
const temporary = () => mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));

/** Ours, as the editor and the command line start it: durable; without its runner. */
export const ours = (folder = temporary()): Promise<MetricServer> =>
  serve(
    'updraft',
    folder,
    (port) => [
      process.execPath,
      [
        path.join(root, 'dist/updraft.mjs'),
        'serve',
        '--data',
        folder,
        '--port',
        String(port),
        '--token',
        'none',
        '--no-runner',
        '--idle-minutes',
        '0',
      ],
    ],
    { environment: planeEnvironment(process.env) },
  );

/** Ours for a team, on a database; with its roles. */
export const oursForTeam = (database: string, keyFile: string, folder = temporary()): Promise<MetricServer> =>
  serve(
    'updraft (team)',
    folder,
    (port) => [
      process.execPath,
      [path.join(root, 'dist/updraft.mjs'), 'serve', '--team', '--data', folder, '--port', String(port), '--secrets-key-file', keyFile],
    ],
    { environment: { ...planeEnvironment(process.env), UPDRAFT_DATABASE: database } },
  );

/** MLflow's server on a database that SQLAlchemy names. */
export async function mlflowOn(database: string, folder = temporary()): Promise<MetricServer> {
  const python = await peersPython();
  return serve('mlflow (PostgreSQL)', folder, (port) => [python, mlflowArguments(port, database)], { patienceMs: 400_000 });
}

const floor = (folder = temporary()): Promise<MetricServer> =>
  serve('floor', folder, (port) => [process.execPath, [path.join(root, 'bench/floorServer.ts'), folder, String(port)]]);

export async function mlflow(folder = temporary()): Promise<MetricServer> {
  const python = await peersPython();
  return serve('mlflow (SQLite)', folder, (port) => [python, mlflowArguments(port, `sqlite:///${folder}/mlflow.db`)], {
    patienceMs: 400_000,
  });
}

async function fasttrackml(folder = temporary()): Promise<MetricServer> {
  const program = path.join(path.dirname(await peersPython()), 'fml');
  return serve('fasttrackml', folder, (port) => [
    program,
    ['server', '--listen-address', `127.0.0.1:${port}`, '--database-uri', `sqlite://${folder}/fml.db`, '--default-artifact-root', folder],
  ]);
}

/** MLflow on PostgreSQL; undefined where that is not installed (`apt-get install postgresql`). */
async function mlflowOnPostgres(): Promise<MetricServer | undefined> {
  const initdb = globSync('/usr/lib/postgresql/*/bin/initdb')[0];
  if (!initdb) return undefined;
  const folder = temporary();
  const data = path.join(folder, 'pg');
  mkdirSync(data);
  // It refuses to run as root.
  const isRoot = process.getuid?.() === 0;
  const uid = isRoot ? Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' })) : undefined;
  if (uid !== undefined) {
    chownSync(folder, uid, uid);
    chownSync(data, uid, uid);
  }
  const as = uid === undefined ? {} : { uid };
  execFileSync(initdb, ['-D', data, '-U', 'mlflow', '-A', 'trust'], { ...as, stdio: 'ignore', cwd: folder });
  const port = await freePort();
  const postgres = launch(
    path.join(path.dirname(initdb), 'postgres'),
    ['-D', data, '-p', String(port), '-k', data, '-h', '127.0.0.1'],
    folder,
    as,
  );
  // The driver by name: which one is meant without it depends on SQLAlchemy's version.
  const address = `postgresql+psycopg2://mlflow@127.0.0.1:${port}/postgres`;
  const end = async () => {
    await ended(postgres, 'SIGINT');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(() => isOpen(port), 30_000, 'PostgreSQL');
    const server = await mlflowOn(address);
    return {
      ...server,
      size: () => sizeOf(data),
      async stop() {
        await server.stop();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** FastTrackML where it can be had. */
export const fasttrackmlIfPossible = (): Promise<MetricServer | undefined> => ifPossible(fasttrackml, 'fasttrackml');

/** A peer that does not come up is left out, and said so. */
async function ifPossible(peer: () => Promise<MetricServer | undefined>, what: string): Promise<MetricServer | undefined> {
  try {
    const server = await peer();
    if (!server) console.log(`  ${what} is not installed here: that peer is left out`);
    return server;
  } catch (error) {
    console.log(`  ${what} is left out: ${(error as Error).message}`);
    return undefined;
  }
}

const mlflowArguments = (port: number, store: string): string[] => [
  '-m',
  'mlflow',
  'server',
  '--backend-store-uri',
  store,
  '--host',
  '127.0.0.1',
  '--port',
  String(port),
];

async function serve(
  name: string,
  folder: string,
  command: (port: number) => [string, string[]],
  { patienceMs = 30_000, environment = process.env }: { patienceMs?: number; environment?: NodeJS.ProcessEnv } = {},
): Promise<MetricServer> {
  const port = await freePort();
  const [program, args] = command(port);
  if (!existsSync(program)) throw new Error(`${program} is missing`);
  const started = performance.now();
  const child = launch(program, args, folder, { env: { ...environment, ...peerEnvironment } });
  const url = `http://127.0.0.1:${port}`;
  try {
    await until(() => isOpen(port).then((open) => open && answers(url)), patienceMs, name);
  } catch (error) {
    await ended(child, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    name,
    url,
    folder,
    startMs: performance.now() - started,
    resident: () => residentOf(child.pid!),
    size: () => sizeOf(folder),
    rest: () => void killProcessGroup(child, 'SIGSTOP'),
    wake: () => void killProcessGroup(child, 'SIGCONT'),
    async stop() {
      await ended(child, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ends a process and all that it started. */
async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    try {
      process.kill(-child.pid!, signal);
    } catch {
      child.kill(signal);
    }
  });
}

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    request(`${url}/health`, (response) => {
      response.resume();
      resolve(true);
    })
      .on('error', () => resolve(false))
      .end();
  });

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    import('node:net').then(({ connect }) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    }, reject);
  });

async function until(test: () => Promise<boolean>, patienceMs: number, what: string): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await test())) {
    if (performance.now() > end) throw new Error(`${what} did not start within ${patienceMs / 1000} s`);
    await delay(10);
  }
}

/** Five seconds, in which V8 gives a heap that grew back to the system. */
export const quietMoment = (): Promise<void> => delay(5000);

/** Memory of a process and of those it started, from Linux's `/proc`; NaN elsewhere. */
function residentOf(pid: number): number {
  if (!existsSync('/proc')) return Number.NaN;
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  let bytes = 0;
  for (const each of parents.keys()) {
    let at: number | undefined = each;
    while (at !== undefined && at !== pid) at = parents.get(at);
    if (at === undefined) continue;
    try {
      bytes += Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1] ?? 0) * 1024;
    } catch {
      // It ended meanwhile.
    }
  }
  return bytes;
}

/** Bytes of the files of a folder. */
function sizeOf(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    bytes += statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

/** One client of a tracking server: connections are kept. Throws what is not 200. */
export class Client {
  private readonly agent: Agent;
  private readonly url: string;
  private readonly token: string | undefined;

  constructor(url: string, connections = 1, token?: string) {
    this.url = url;
    this.token = token;
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  post(route: string, body: unknown): Promise<any> {
    const text = JSON.stringify(body);
    return this.send('POST', `/api/2.0/mlflow/${route}`, text).then((answer) => JSON.parse(answer.toString() || '{}'));
  }

  get(route: string): Promise<Buffer> {
    return this.send('GET', route);
  }

  async createRun(): Promise<string> {
    return (await this.post('runs/create', { experiment_id: '0', start_time: 1 })).run.info.run_id;
  }

  close(): void {
    this.agent.destroy();
  }

  private send(method: string, route: string, body?: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const headers = {
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
      };
      const outgoing = request(`${this.url}${route}`, { method, headers, agent: this.agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const answer = Buffer.concat(chunks);
          if (response.statusCode === 200) resolve(answer);
          else reject(new Error(`${method} ${route.slice(0, 100)}: ${response.statusCode} ${answer.toString().slice(0, 300)}`));
        });
      });
      // A server may close a connection that was idle; then the request was not read.
      outgoing.on('error', (error) => (outgoing.reusedSocket ? this.send(method, route, body).then(resolve, reject) : reject(error)));
      outgoing.end(body);
    });
  }
}
