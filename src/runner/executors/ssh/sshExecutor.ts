import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../../base/userError.ts';
import type { ComputeFacts, Ended, Executor, Handle, Launch, Observation, Place, Task } from '../executor.ts';
import { Submissions } from '../submissions.ts';
import { quoted } from '../wrapper.ts';
import {
  factsScript,
  findScript,
  followScript,
  launchScript,
  startScript,
  statesScript,
  stopScript,
  unpackScript,
} from './remoteScripts.ts';
import { brokenLine, type Finished, Ssh, type SshTarget } from './ssh.ts';

export interface SshExecutorOptions extends SshTarget {
  /** Where tasks are put together on this machine before they are sent. */
  folder: string;
  /** The folder there that has a folder for each task; from the home folder on when it is relative. `.updraft/ssh` when absent. */
  work?: string;
  /** Where a command there would find the control plane; `probe` looks. */
  planeUrl?: string;
  /** Milliseconds between looks at how the tasks do; one look is for all of them. */
  lookEvery?: number;
}

/** Milliseconds until a line that broke is tried again, and the most between two tries. */
const firstRetry = 250;
const longestRetry = 15_000;

/**
 * Runs commands on another machine over SSH. That machine needs a POSIX shell, `tar` and an SSH server; nothing of Updraft is installed there. Each task has a folder on it. The task's
 * shell runs in its own session and writes its pid and later the exit code to that folder, so the command goes on without a connection.
 */
export class SshExecutor implements Executor {
  readonly engine = 'ssh';
  readonly isHere = false;
  private readonly ssh: Ssh;
  private readonly options: SshExecutorOptions;
  private home: Promise<string> | undefined;
  private readonly submissions = new Submissions();
  /** Tasks that are being stopped: their end is told when all of it is gone. */
  private readonly stopping = new Map<string, Promise<void>>();

  constructor(options: SshExecutorOptions) {
    this.options = options;
    this.ssh = new Ssh(options);
    mkdirSync(options.folder, { recursive: true });
  }

  async probe(signal: AbortSignal): Promise<ComputeFacts> {
    const { stdout } = await this.ssh.run(factsScript(this.options.planeUrl), { signal });
    const facts = Object.fromEntries(stdout.split('\n').map((line) => line.split('=') as [string, string]));
    return {
      system: facts.system ?? '',
      cores: Number(facts.cores) || 1,
      memoryBytes: Number(facts.memory) ? Number(facts.memory) * 1024 : undefined,
      reachesPlane: facts.plane === undefined ? undefined : facts.plane === '1',
    };
  }

  check({ packages }: Task): UserError[] {
    if (!packages?.length) return [];
    return [
      new UserError(
        'NotImplemented',
        `The environment's packages can't be installed on ${this.options.host} yet.`,
        'Use an environment without a conda_file, and install what the command needs there.',
      ),
    ];
  }

  async place(id: string): Promise<Place> {
    const here = path.join(this.options.folder, id);
    mkdirSync(here, { recursive: true });
    return { here, there: await this.folderOf(id) };
  }

  submit(task: Task, launch: Launch, signal: AbortSignal): Promise<Handle> {
    return this.submissions.once(task.id, () => this.start(task, launch, signal));
  }

  private async start(task: Task, launch: Launch, signal: AbortSignal): Promise<Handle> {
    signal.throwIfAborted();
    const { here, there } = await this.place(task.id);
    writeFileSync(path.join(here, 'task.json'), task.note);
    // It has the variables of the command, which are nobody else's business.
    const file = path.join(here, 'launch');
    writeFileSync(file, launchScript(there, launch), { mode: 0o600 });
    const tar = spawn('tar', ['czf', '-', '-C', here, '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const packed = new Promise<void>((resolve, reject) => {
      tar.on('error', reject);
      tar.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code} in ${here}`))));
    });
    packed.catch(() => {});
    const unpacked = await this.ssh.run(unpackScript(path.posix.dirname(there), task.id), { input: tar.stdout!, signal });
    this.mustBeDone(unpacked, 'The task could not be unpacked');
    if (unpacked.stdout.trim() !== 'there') await packed;
    signal.throwIfAborted();
    // From here on it is not given up: it might run.
    const started = await this.ssh.run(startScript(there));
    this.mustBeDone(started, 'The command could not be started');
    await rm(file, { force: true });
    const handle = this.handleOf(task.id, there, started.stdout);
    if (!handle)
      throw new UserError('CommandNotStarted', `The command could not be started on ${this.options.host}: its shell has ended at once.`);
    return handle;
  }

  async find(id: string): Promise<Handle | undefined> {
    const there = await this.folderOf(id);
    return this.handleOf(id, there, (await this.ssh.run(findScript(there))).stdout);
  }

  private handleOf(id: string, folder: string, found: string): Handle | undefined {
    const [pid, startedAt, ...note] = found.split('\n');
    if (!pid) return undefined;
    const [number, bootId = '', startTime = ''] = pid.split(' ');
    const native = { host: this.options.host, folder, pid: Number(number), bootId, startTime };
    return { id, engine: this.engine, native, startedAt: 1000 * Number(startedAt), note: note.join('\n') };
  }

  placed(): Promise<string[]> {
    return readdir(this.options.folder);
  }

  async *observe(handles: () => Handle[], signal: AbortSignal): AsyncIterable<Observation> {
    for (let retry = firstRetry; !signal.aborted; ) {
      const ids = handles().map(({ id }) => id);
      if (ids.length === 0) return;
      let wait = this.options.lookEvery ?? 2000;
      try {
        yield* await this.look(ids, signal);
        retry = firstRetry;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof UserError)) throw error;
        for (const id of ids) yield { id, phase: 'unknown', why: error.message };
        wait = retry;
        retry = Math.min(longestRetry, 2 * retry);
      }
      await delay(wait, undefined, { signal }).catch(() => {});
    }
  }

  /** Pieces of what came when the line broke count: the next line goes on behind them. */
  async *logs(handle: Handle, rank: number, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const there = await this.folderOf(handle.id);
    for (let [offset, retry] = [from, firstRetry]; !signal.aborted; retry = Math.min(longestRetry, 2 * retry)) {
      const { child, code } = this.ssh.follow(followScript(there, rank, offset));
      const stop = () => child.kill();
      signal.addEventListener('abort', stop);
      child.stderr!.resume();
      try {
        for await (const piece of child.stdout! as AsyncIterable<Buffer>) {
          offset += piece.byteLength;
          retry = firstRetry;
          yield piece;
        }
        // 3: the task was removed.
        if ([0, 3].includes(await code)) return;
      } finally {
        signal.removeEventListener('abort', stop);
        child.kill();
        code.catch(() => {});
      }
      await delay(retry, undefined, { signal }).catch(() => {});
    }
  }

  stop(handle: Handle, graceMs: number): Promise<void> {
    let stopping = this.stopping.get(handle.id);
    if (!stopping) {
      stopping = this.folderOf(handle.id)
        .then((there) => this.ssh.run(stopScript(there, graceMs)))
        .then(() => {});
      this.stopping.set(handle.id, stopping);
      stopping.catch(() => {}).finally(() => this.stopping.delete(handle.id));
    }
    return stopping;
  }

  async collect({ id }: Handle): Promise<void> {
    const { here, there } = await this.place(id);
    const { child, code } = this.ssh.follow(
      `cd ${quoted(there)} || exit 3; mkdir -p outputs code/outputs code/logs; tar czf - outputs code/outputs code/logs`,
    );
    child.stderr!.resume();
    const tar = spawn('tar', ['xzf', '-', '-C', here], { stdio: ['pipe', 'ignore', 'ignore'] });
    tar.stdin!.on('error', () => {});
    child.stdout!.pipe(tar.stdin!);
    const unpacked = new Promise<number | null>((resolve, reject) => tar.on('error', reject).on('close', resolve));
    const [sent, received] = await Promise.all([code, unpacked]);
    if (sent === 0 && received === 0) return;
    if (sent === 0 || sent === brokenLine)
      throw new UserError('ComputeUnreachable', `The outputs could not be brought from ${this.options.host}: the connection broke.`);
    throw new UserError('RemoteError', `The outputs could not be read on ${this.options.host}: tar ended with ${sent} in ${there}.`);
  }

  async remove(id: string): Promise<void> {
    await this.ssh.run(`rm -rf ${quoted(await this.folderOf(id))}`);
    await rm(path.join(this.options.folder, id), { recursive: true, force: true });
  }

  dispose(): void {
    this.ssh.dispose();
  }

  /** The folder of a task there, as an absolute path. */
  private async folderOf(id: string): Promise<string> {
    this.home ??= this.ssh
      .run(`w=${quoted(this.options.work ?? '.updraft/ssh')}; mkdir -p "$w/jobs" && cd "$w/jobs" && pwd -P`)
      .then((found) => {
        this.mustBeDone(found, 'The folder for tasks could not be made');
        return found.stdout.trim();
      });
    this.home.catch(() => {
      this.home = undefined;
    });
    return path.posix.join(await this.home, id);
  }

  private async look(ids: string[], signal: AbortSignal): Promise<Observation[]> {
    const jobs = path.posix.dirname(await this.folderOf('any'));
    // What is being stopped at either end of the look may have looked as if it had ended by itself.
    const [before, found] = [new Set(this.stopping.keys()), await this.ssh.run(statesScript(jobs, ids), { signal })];
    this.mustBeDone(found, 'The tasks could not be looked at');
    return found.stdout
      .split('\n')
      .filter(Boolean)
      .map(observationOf)
      .filter(({ id, phase }) => phase !== 'ended' || !(before.has(id) || this.stopping.has(id)));
  }

  private mustBeDone({ code, stderr }: Finished, what: string): void {
    if (code !== 0)
      throw new UserError('CommandNotStarted', `${what} on ${this.options.host}: ${stderr.split('\n').at(-1) || `code ${code}`}.`);
  }
}

function observationOf(line: string): Observation {
  const [id = '', ...words] = line.split(' ');
  const isStopped = words[0] === 'stopped';
  const [state, code, rank, kills] = isStopped ? words.slice(1) : words;
  if (state === 'running') return { id, phase: 'running' };
  if (state === 'missing') return { id, phase: 'unknown', why: 'Its folder is gone.' };
  if (state !== 'ended') return { id, phase: 'ended', cause: isStopped ? 'canceled' : 'lost' };
  const cause = isStopped ? 'canceled' : code !== '0' && Number(kills) > 0 ? 'memory' : 'exit';
  return {
    id,
    phase: 'ended',
    cause,
    code: Number(code),
    ...(rank === '-' ? {} : { rank: Number(rank) }),
  } satisfies Ended;
}
