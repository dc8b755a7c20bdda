import { createHash, createHmac, randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { aside } from '../base/aside.ts';
import { wait } from '../base/backOff.ts';
import { Emitter } from '../base/event.ts';
import { laterPart } from '../base/laterPart.ts';
import type { Logger } from '../base/logger.ts';
import { SharedWork } from '../base/sharedWork.ts';
import { formatDuration } from '../base/text.ts';
import { lastException } from '../base/tracebacks.ts';
import { messageOf, UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { EndedServer, Server, Servers } from '../orchestrator/deployments/deployment.ts';
import type { JobError } from '../protocol/job.ts';
import type { OnlineDeployment } from '../protocol/onlineDeployment.ts';
import type { ContentCache } from '../runner/contentCache.ts';
import type { Ended, Executor, Handle } from '../runner/executors/executor.ts';
import { TaskWatch } from '../runner/executors/taskWatch.ts';
import { quoted } from '../runner/executors/wrapper.ts';
import { InstanceQueue } from './instanceQueue.ts';
import { lastLinesOf } from './lastLinesOf.ts';
import type { ModelFileServer } from './modelFileServer.ts';
import type { PreparedServer } from './prepareServer.ts';
import { scoringServer } from './scoringServer.ts';
import { ServerConnection } from './serverConnection.ts';

const preparing = laterPart(() => import('./prepareServer.ts'));

export interface ServersOptions {
  /** Files, tasks and logs of all deployments. */
  folder: string;
  /** Where the runner keeps environments and tools: they are shared. */
  runnerFolder: string;
  executor: Executor;
  cache: ContentCache;
  clientOf: (workspace: string) => PlaneClient;
  /** What the secrets of the servers are derived from. */
  secret: string;
  environment: Record<string, string>;
  modelFiles: ModelFileServer;
  logger: Logger;
}

/** A server of a deployment, from the moment when it was asked for. */
export interface ServerEntry extends Server {
  /** Numbers the servers of a deployment that are there at the same time. */
  ordinal: number;
  abort: AbortController;
  handle: Handle | undefined;
  connection: ServerConnection | undefined;
  readyAt: number | undefined;
  running: number;
  /** Why it was ended by us, though it is wanted. */
  endedFor: string | undefined;
  done: Promise<void>;
}

/** What is kept with the process, so that the next plane knows whose it is. */
type Note = Pick<ServerEntry, 'deployment' | 'generation' | 'asked' | 'ordinal'> & { logStart: number };

/** Milliseconds between looks for the port of a server that starts, and those that one has to end itself. */
const lookEvery = 25;
const grace = 1000;
/** Milliseconds that a server which is replaced has for the requests that it works on. */
const drainedWithin = 30_000;
/** A log that is longer, in bytes, begins anew at the next start of its server; the one before is kept. */
const longLog = 10_000_000;
/** Lines of a log that an error keeps. */
const keptLines = 20;

/** The server processes of this machine, through an executor, as commands of jobs are. */
export class DeploymentServers implements Servers<OnlineDeployment> {
  private readonly options: ServersOptions;
  private readonly ending = new AbortController();
  private readonly tasks: TaskWatch;
  private readonly entries = new Map<string, ServerEntry>();
  private readonly queues = new Map<string, InstanceQueue<ServerEntry>>();
  private readonly prepared = new SharedWork<PreparedServer>();
  private readonly known = new Map<string, PreparedServer>();
  private readonly changes = new Emitter<void>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private ended: EndedServer[] = [];
  private program: Promise<string> | undefined;
  private isEnding = false;

  constructor(options: ServersOptions) {
    this.options = options;
    this.tasks = new TaskWatch(options.executor, options.logger, this.ending.signal);
  }

  readonly onDidChange = (listener: () => void) => this.changes.event(listener);

  present(): ServerEntry[] {
    return [...this.entries.values()];
  }

  takeEnded(): EndedServer[] {
    const ended = this.ended;
    this.ended = [];
    return ended;
  }

  /** The queue of a deployment's requests. Servers of its present generation take them; those before it while none of these is ready. */
  queueOf(deployment: string): InstanceQueue<ServerEntry> {
    let queue = this.queues.get(deployment);
    if (!queue) {
      queue = new InstanceQueue(() => this.readyOf(deployment));
      this.queues.set(deployment, queue);
    }
    return queue;
  }

  private readyOf(deployment: string): ServerEntry[] {
    return this.present().filter((each) => each.deployment === deployment && each.phase === 'ready');
  }

  async settleIn(deployments: readonly OnlineDeployment[]): Promise<void> {
    const { executor, logger } = this.options;
    const wanted = new Map(deployments.map((each) => [each.id, each]));
    for (const id of await executor.placed()) {
      if (this.entries.has(id)) continue;
      try {
        const handle = await executor.find(id);
        const note = handle && noteOf(handle);
        const deployment = note && wanted.get(note.deployment);
        if (handle && deployment) {
          const entry = this.enter(id, note);
          this.run(entry, () => this.follow(entry, deployment, handle, note));
          continue;
        }
        if (handle) await executor.stop(handle, grace);
        await executor.remove(id);
      } catch (error) {
        logger.error(`what is left of the server ${id}`, error);
      }
    }
  }

  start(deployment: OnlineDeployment): void {
    const taken = new Set(this.present().flatMap((each) => (each.deployment === deployment.id ? [each.ordinal] : [])));
    let ordinal = 0;
    while (taken.has(ordinal)) ordinal++;
    const { id, generation, asked } = deployment;
    const entry = this.enter(`server-${randomUUID()}`, { deployment: id, generation, asked, ordinal });
    this.run(entry, () => this.launch(entry, deployment));
  }

  stop(id: string): void {
    const entry = this.entries.get(id);
    if (!entry || entry.phase === 'stopping') return;
    entry.phase = 'stopping';
    entry.abort.abort(new UserError('Canceled', 'The server was stopped.'));
    if (entry.handle) aside(`end of the server ${id}`, this.endDrained(entry, entry.handle), this.options.logger);
  }

  /** Lets a server come to the end of the requests that it works on. New ones go to others. */
  private async endDrained(entry: ServerEntry, handle: Handle): Promise<void> {
    const until = Date.now() + drainedWithin;
    while (entry.running > 0 && Date.now() < until && !this.isEnding) await wait(lookEvery);
    await this.options.executor.stop(handle, grace);
  }

  /** Ends a server that is not well; it is started again. */
  replace(entry: ServerEntry, why: string): void {
    if (entry.phase !== 'ready' || entry.endedFor !== undefined || !entry.handle) return;
    entry.endedFor = why;
    // No more requests go there.
    entry.phase = 'starting';
    this.options.logger.warn(`a server of ${entry.deployment} is started again: ${why}`);
    aside(`end of the server ${entry.id}`, this.options.executor.stop(entry.handle, 0), this.options.logger);
  }

  async free(deployment: string): Promise<void> {
    this.queues.delete(deployment);
    for (const key of this.known.keys()) if (key.startsWith(`${deployment}\n`)) this.known.delete(key);
    await rm(this.folderOf(deployment), { recursive: true, force: true, maxRetries: 5 });
  }

  /** What was written while a deployment was made ready, or by its servers: the last lines. */
  logOf(deployment: string, what: 'preparation' | 'servers' | 'all', most: number): string {
    const preparation = what === 'servers' ? [] : [this.preparationLog(deployment)];
    const servers = what === 'preparation' ? [] : this.serverLogs(deployment);
    const texts = [...preparation, ...servers].map((file) => lastLinesOf(file, most));
    // The preparation comes first and may be cut; of several servers each has its own last lines.
    return texts.filter(Boolean).join('');
  }

  async dispose(): Promise<void> {
    this.isEnding = true;
    for (const { id } of this.present()) this.stop(id);
    await Promise.all(this.present().map(({ done }) => done));
    this.ending.abort();
    this.options.executor.dispose();
    this.changes.dispose();
  }

  private enter(
    id: string,
    { deployment, generation, asked, ordinal }: Pick<ServerEntry, 'deployment' | 'generation' | 'asked' | 'ordinal'>,
  ): ServerEntry {
    const entry: ServerEntry = {
      id,
      deployment,
      generation,
      asked,
      ordinal,
      phase: 'starting',
      abort: new AbortController(),
      handle: undefined,
      connection: undefined,
      readyAt: undefined,
      running: 0,
      endedFor: undefined,
      done: Promise.resolve(),
    };
    this.entries.set(id, entry);
    return entry;
  }

  /** Follows a server to its end. */
  private run(entry: ServerEntry, work: () => Promise<JobError>): void {
    const { executor, logger } = this.options;
    entry.done = work()
      .catch((error): JobError => {
        if (!(error instanceof UserError) && !entry.abort.signal.aborted) logger.error(`a server of ${entry.deployment}`, error);
        return { code: error instanceof UserError ? error.code : 'RemoteError', message: messageOf(error) };
      })
      .then(async (why) => {
        const isWanted = entry.phase !== 'stopping';
        entry.phase = 'stopping';
        clearTimeout(this.timers.get(entry.id));
        this.timers.delete(entry.id);
        entry.connection?.dispose();
        if (entry.handle && !isWanted) await executor.stop(entry.handle, grace);
        await executor.remove(entry.id);
        const { id, deployment, generation, asked } = entry;
        const readyFor = entry.readyAt === undefined ? undefined : Date.now() - entry.readyAt;
        if (isWanted) this.ended.push({ id, deployment, generation, asked, why, readyFor });
      })
      .catch((error) => logger.error(`end of the server ${entry.id}`, error))
      .then(() => {
        this.entries.delete(entry.id);
        aside(`files of ${entry.deployment}`, this.removeUnused(entry), logger);
        this.changes.fire();
      });
  }

  /** Removes code and model of a generation that no server is left of, when there is another one. */
  private async removeUnused({ deployment, generation }: ServerEntry): Promise<void> {
    const others = this.present().filter((each) => each.deployment === deployment);
    if (others.length === 0 || others.some((each) => each.generation === generation)) return;
    this.known.delete(keyOf(deployment, generation));
    await rm(this.filesOf(deployment, generation), { recursive: true, force: true, maxRetries: 5 });
  }

  private async launch(entry: ServerEntry, deployment: OnlineDeployment): Promise<JobError> {
    const { executor, environment, runnerFolder, secret } = this.options;
    const { signal } = entry.abort;
    const { plan, files, modelFolder, kind, base } = await this.prepare(deployment, signal);
    const place = await executor.place(entry.id);
    const { programsFor } = await preparing();
    const programs = await programsFor(plan, path.join(place.here, 'python'), {
      client: this.options.clientOf(deployment.workspace),
      cache: this.options.cache,
      signal,
      onLine: (line) => this.note(deployment.id, line),
      runnerFolder,
      environment,
    });
    const logFile = this.serverLog(deployment.id, entry.ordinal);
    const logStart = beginLog(logFile);
    const note: Note = { deployment: deployment.id, generation: entry.generation, asked: entry.asked, ordinal: entry.ordinal, logStart };
    const variables: Record<string, string> = {
      ...programs.variables,
      PYTHONUNBUFFERED: '1',
      AML_APP_ROOT: files.code,
      ...(deployment.code ? { AZUREML_ENTRY_SCRIPT: deployment.code.scoringScript } : {}),
      ...(modelFolder === undefined ? {} : { AZUREML_MODEL_DIR: modelFolder }),
      ...deployment.variables,
      UPDRAFT_SERVER_SECRET: secretOf(secret, entry.id),
    };
    if (variables.PATH !== undefined) variables.PATH = [...programs.first, variables.PATH].join(path.delimiter);
    const onLine = (line: string) => this.note(deployment.id, line);
    const tools = {
      scoringServer: await this.programFile(),
      portFile: path.join(place.there, 'port'),
      ...(kind.engine ? { modelFile: await this.options.modelFiles.start(deployment.name, kind.engine, onLine) } : {}),
      // Looked for anew at each start: a base that was changed since is another model.
      ...(base ? { base: await this.options.modelFiles.base(base) } : {}),
    };
    Object.assign(variables, tools.modelFile?.variables);
    const words = kind.command(deployment, files, tools);
    const handle = await executor.submit(
      { id: entry.id, packages: undefined, note: JSON.stringify(note) },
      { command: `exec ${words.map(quoted).join(' ')} >>${quoted(logFile)} 2>&1`, cwd: files.code, variables, spread: undefined },
      signal,
    );
    return this.follow(entry, deployment, handle, note);
  }

  /** Waits until a process is ready, then until it ends; answers why it did. */
  private async follow(entry: ServerEntry, deployment: OnlineDeployment, handle: Handle, { logStart }: Note): Promise<JobError> {
    const { executor, secret } = this.options;
    entry.handle = handle;
    if (entry.abort.signal.aborted) await executor.stop(handle, grace);
    const over = this.tasks.ended(handle);
    const { here } = await executor.place(entry.id);
    const watched = new AbortController();
    const port = await Promise.race([
      portIn(path.join(here, 'port'), handle.startedAt + deployment.startMs, watched.signal),
      over.then(() => undefined),
    ]);
    watched.abort();
    if (port === 'late') {
      await executor.stop(handle, grace);
      const lines = lastLinesOf(this.serverLog(deployment.id, entry.ordinal), keptLines, logStart);
      return {
        code: 'TimedOut',
        message: `The server was not ready within ${formatDuration(deployment.startMs)}: init() of its script did not come to its end. Last lines of its log:\n${lines}`,
        hint: 'Give it more time by "readiness_probe" (initial_delay, period and failure_threshold), or less to do.',
      };
    }
    if (port !== undefined && entry.phase === 'starting') {
      entry.connection = new ServerConnection(port, secretOf(secret, entry.id));
      entry.phase = 'ready';
      entry.readyAt = Date.now();
      this.queueOf(entry.deployment).pump();
      this.changes.fire();
      this.watch(entry, deployment, 0);
    }
    return this.reasonOf(entry, await over, logStart);
  }

  private reasonOf(entry: ServerEntry, { cause, code }: Ended, logStart: number): JobError {
    const text = lastLinesOf(this.serverLog(entry.deployment, entry.ordinal), keptLines, logStart);
    const said = lastException(text.split('\n'));
    const ended =
      entry.endedFor ??
      (cause === 'memory'
        ? 'the system ended it, since memory ran out'
        : cause === 'exit' && code !== undefined && code < 128
          ? `it ended with exit code ${code}`
          : 'it was killed');
    const when = entry.readyAt === undefined ? ' before it was ready' : '';
    return {
      code: cause === 'memory' ? 'OutOfMemory' : 'CommandFailed',
      message: `The server has gone${when}: ${said ?? ended}.${text ? ` Last lines of its log:\n${text.trimEnd()}` : ''}`,
      hint: 'updraft online-deployment get-logs shows more of its log.',
    };
  }

  /** Asks a server again and again whether it is well, which also tells it that the plane is there. */
  private watch(entry: ServerEntry, deployment: OnlineDeployment, failures: number): void {
    const { periodMs, timeoutMs, failures: most } = deployment.liveness;
    const look = async () => {
      if (entry.phase !== 'ready') return;
      const isWell = await entry.connection!.isWell(timeoutMs);
      const now = isWell ? 0 : failures + 1;
      if (now >= most) this.replace(entry, `it did not answer ${most} times in a row whether it is well`);
      else this.watch(entry, deployment, now);
    };
    this.timers.set(entry.id, setTimeout(() => aside('liveness', look(), this.options.logger), periodMs).unref());
  }

  private async prepare(deployment: OnlineDeployment, signal: AbortSignal): Promise<PreparedServer> {
    const { id, generation } = deployment;
    const key = keyOf(id, generation);
    const known = this.known.get(key);
    if (known) return known;
    return this.prepared.run(key, signal, async (stop) => {
      const { prepareServer } = await preparing();
      rmSync(this.preparationLog(id), { force: true });
      const made = await prepareServer(deployment, this.filesOf(id, generation), {
        client: this.options.clientOf(deployment.workspace),
        cache: this.options.cache,
        signal: stop,
        onLine: (line) => this.note(id, line),
      });
      this.known.set(key, made);
      return made;
    });
  }

  private programFile(): Promise<string> {
    this.program ??= preparing().then(({ writeScoringServer }) => writeScoringServer(this.options.folder, scoringServer));
    return this.program;
  }

  private note(deployment: string, line: string): void {
    const file = this.preparationLog(deployment);
    try {
      mkdirSync(path.dirname(file), { recursive: true });
      appendFileSync(file, `${line}\n`);
    } catch (error) {
      // A full disk, say: what is being done goes on as far as it can.
      this.options.logger.warn(`the log of ${deployment} can't be written: ${messageOf(error)}`);
    }
  }

  private folderOf(deployment: string): string {
    return path.join(this.options.folder, 'deployments', shortHash(deployment));
  }

  private filesOf(deployment: string, generation: string): string {
    return path.join(this.folderOf(deployment), shortHash(generation));
  }

  private preparationLog(deployment: string): string {
    return path.join(this.folderOf(deployment), 'logs', 'preparation.log');
  }

  private serverLog(deployment: string, ordinal: number): string {
    return path.join(this.folderOf(deployment), 'logs', `server-${ordinal}.log`);
  }

  private serverLogs(deployment: string): string[] {
    const files: string[] = [];
    for (let ordinal = 0; existsSync(this.serverLog(deployment, ordinal)); ordinal++) files.push(this.serverLog(deployment, ordinal));
    return files;
  }
}

const keyOf = (deployment: string, generation: string): string => `${deployment}\n${generation}`;
const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 20);
const secretOf = (secret: string, server: string): string => createHmac('sha256', secret).update(`server ${server}`).digest('base64url');

function noteOf({ note }: Handle): Note | undefined {
  try {
    return JSON.parse(note);
  } catch {
    return undefined;
  }
}

/** Gets the file of a log ready; answers where the next server's lines begin. */
function beginLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= longLog) return size;
  renameSync(file, `${file}.1`);
  return 0;
}

/** The port that a server has noted; `late` when it has not by then (ms since 1970). */
async function portIn(file: string, until: number, signal: AbortSignal): Promise<number | 'late' | undefined> {
  while (!signal.aborted) {
    if (existsSync(file)) return Number(readFileSync(file, 'utf8'));
    if (Date.now() > until) return 'late';
    await wait(lookEvery, signal);
  }
  return undefined;
}
