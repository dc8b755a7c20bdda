import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { cpus, platform, totalmem } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { taskVariable } from '../../../plane/ownVariables.ts';
import { isAlive, type ProcessIdentity, processIdentity } from '../../../plane/processIdentity.ts';
import type { ComputeFacts, Ended, Executor, Handle, Launch, Observation, Place, Task } from '../executor.ts';
import { Submissions } from '../submissions.ts';
import { commandOf, outputFile, wrapper } from '../wrapper.ts';
import { Launcher, loop, notStarted, shell } from './launcher.ts';
import { killsIn, memoryKills } from './memoryKills.ts';
import { processesOf } from './processTable.ts';

/** Milliseconds between looks at a process, which may end without a word: when it is killed, or when an earlier runner started it. */
const lookEvery = 200;
/** Milliseconds between looks at the output of a process, and the most bytes of one piece. */
const readEvery = 150;
const pieceSize = 512 * 1024;
/** Milliseconds between looks at processes that were asked to end, and after which those that can't be killed are given up. */
const endEvery = 25;
const patience = 5000;

interface Tracked {
  handle: Handle;
  end: Ended | undefined;
  /** Set while it is being stopped: the end is told when all of it is gone. */
  stopping: Promise<void> | undefined;
}

/**
 * Commands as processes of this machine, each in a process group of its own, its output in files, so that it goes on without the runner. Its shell notes its pid before
 * and its exit code after, in the task's folder; that is how the next runner finds it again.
 */
export class ProcessExecutor implements Executor {
  readonly engine = 'process';
  readonly isHere = true;
  private readonly folder: string;
  private readonly discard: (folder: string) => void | Promise<void>;
  private readonly launcher: Launcher;
  private readonly ready: Promise<void>;
  private readonly tasks = new Map<string, Tracked>();
  private readonly submissions = new Submissions();
  /** Called with the id of a task that was taken up or has ended. */
  private readonly listeners = new Set<(id: string) => void>();

  /** `folder` gets a folder for each task, which `discard` takes away. */
  constructor(folder: string, discard: (folder: string) => void | Promise<void> = (each) => rm(each, { recursive: true, force: true })) {
    this.folder = folder;
    this.discard = discard;
    this.launcher = new Launcher(folder);
    // What the launcher of an earlier runner was asked for last may still be on its way.
    this.ready = this.launcher.takeOver();
    this.ready.catch(() => {});
  }

  async probe(): Promise<ComputeFacts> {
    return { system: platform(), cores: cpus().length, memoryBytes: totalmem(), reachesPlane: undefined };
  }

  check(): [] {
    return [];
  }

  async place(id: string): Promise<Place> {
    const folder = this.folderOf(id);
    mkdirSync(folder, { recursive: true });
    return { here: folder, there: folder };
  }

  submit(task: Task, launch: Launch, signal: AbortSignal): Promise<Handle> {
    return this.submissions.once(task.id, () => this.start(task, launch, signal));
  }

  private async start(task: Task, launch: Launch, signal: AbortSignal): Promise<Handle> {
    const found = await this.find(task.id);
    if (found) return found;
    signal.throwIfAborted();
    const folder = this.folderOf(task.id);
    mkdirSync(folder, { recursive: true });
    // Before the command is: a runner that dies in between leaves no command without a note.
    writeFileSync(path.join(folder, 'task.json'), task.note);
    const kills = memoryKills();
    const { pid, exitCode } = await this.launcher.start(task.id, {
      script: wrapper({ notePid: 'echo $$ >"$1/pid"', began: ': >"$1/launch"', ended: 'echo "${1##*/} ended $2" >&3' }, launch.spread),
      args: [folder, commandOf(launch, folder, shell)],
      cwd: launch.cwd,
      environment: { ...launch.variables, [taskVariable]: folder },
    });
    const handle: Handle = {
      id: task.id,
      engine: this.engine,
      native: {
        ...(processIdentity(pid) ?? { pid, startTime: '', bootId: '' }),
        ...(kills ? { memoryCounter: kills.counter, memoryKills: kills.count } : {}),
      },
      startedAt: Date.now(),
      note: task.note,
    };
    writeFileSync(path.join(folder, 'process.json'), JSON.stringify({ ...handle.native, startedAt: handle.startedAt }));
    const tracked = this.track(handle);
    // When the launcher is gone without a word, `look` finds the code.
    exitCode.then(
      (code) => this.end(tracked, this.endWith(tracked, code)),
      () => {},
    );
    return handle;
  }

  async find(id: string): Promise<Handle | undefined> {
    await this.ready;
    const tracked = this.tasks.get(id);
    if (tracked) return tracked.handle;
    const noted = this.read(id);
    return noted && this.track(noted).handle;
  }

  placed(): Promise<string[]> {
    return readdir(this.folder);
  }

  async *observe(handles: () => Handle[], signal: AbortSignal): AsyncIterable<Observation> {
    for (let due = 0; !signal.aborted; ) {
      const isDue = Date.now() >= due;
      if (isDue) due = Date.now() + lookEvery;
      const asked = handles();
      if (asked.length === 0) return;
      const ended: Ended[] = [];
      for (const handle of asked) {
        const tracked = this.track(handle);
        if (isDue) this.look(tracked);
        if (tracked.end) ended.push(tracked.end);
      }
      yield* ended;
      if (ended.length === 0) await this.newsWithin(Math.max(0, due - Date.now()), signal);
    }
  }

  async *logs(handle: Handle, rank: number, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const tracked = this.track(handle);
    const file = path.join(this.folderOf(handle.id), outputFile(rank));
    for (let offset = from; !signal.aborted; ) {
      // Asked before the file is read: what was written before the end is read.
      const isOver = tracked.end !== undefined;
      const piece = pieceOf(file, offset);
      offset += piece.byteLength;
      if (piece.byteLength) yield piece;
      else if (isOver) return;
      else await this.newsWithin(readEvery, signal, handle.id);
    }
  }

  async stop(handle: Handle, graceMs: number): Promise<void> {
    const tracked = this.track(handle);
    this.look(tracked);
    // Of what ended by itself before, nothing is told anew.
    if (tracked.end) return this.endRest(handle);
    tracked.stopping ??= this.endAll(handle, graceMs).then(() => {
      const code = noted(this.folderOf(handle.id));
      this.settle(tracked, { id: handle.id, phase: 'ended', cause: 'canceled', ...(code === undefined ? {} : { code }) });
    });
    await tracked.stopping;
  }

  /** Outputs lie where they are looked for. */
  async collect(): Promise<void> {}

  async remove(id: string): Promise<void> {
    this.tasks.delete(id);
    await this.discard(this.folderOf(id));
  }

  dispose(): void {
    this.launcher.dispose();
  }

  private folderOf(id: string): string {
    return path.join(this.folder, id);
  }

  private track(handle: Handle): Tracked {
    let tracked = this.tasks.get(handle.id);
    if (!tracked) {
      tracked = { handle, end: undefined, stopping: undefined };
      this.tasks.set(handle.id, tracked);
      this.tell(handle.id);
    }
    return tracked;
  }

  private tell(id: string): void {
    for (const listener of this.listeners) listener(id);
  }

  /** Settles at the next news, of one task or of any, after the time, or when the signal aborts. */
  private newsWithin(ms: number, signal: AbortSignal, id?: string): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', go);
        this.listeners.delete(hear);
        resolve();
      };
      const hear = (told: string) => {
        if (id === undefined || told === id) go();
      };
      const timer = setTimeout(go, ms).unref();
      signal.addEventListener('abort', go);
      this.listeners.add(hear);
      if (signal.aborted) go();
    });
  }

  /** What the notes in a task's folder stand for; undefined when it never started. */
  private read(id: string): Handle | undefined {
    const folder = this.folderOf(id);
    const started = startedIn(folder);
    if (!started) return undefined;
    const { startedAt, ...native } = started;
    let note = '';
    try {
      note = readFileSync(path.join(folder, 'task.json'), 'utf8');
    } catch {
      // A task without a note.
    }
    return { id, engine: this.engine, native: native as unknown as Handle['native'], startedAt, note };
  }

  /** Notices an end that nobody told. */
  private look(tracked: Tracked): void {
    if (tracked.end || tracked.stopping) return;
    const { handle } = tracked;
    const folder = this.folderOf(handle.id);
    const code = noted(folder);
    if (code !== undefined) return this.end(tracked, this.endWith(tracked, code));
    const { bootId } = identityOf(handle);
    if (bootId && isAlive(identityOf(handle))) return;
    // Its last act may have been to write the code, between our two looks.
    const last = noted(folder);
    if (last !== undefined) return this.end(tracked, this.endWith(tracked, last));
    const id = handle.id;
    if (!hasBegun(folder)) this.end(tracked, { id, phase: 'ended', cause: 'stage', why: whyNotBegun(folder) });
    else this.end(tracked, { id, phase: 'ended', cause: this.isMemoryShort(handle) ? 'memory' : 'lost' });
  }

  private endWith({ handle }: Tracked, code: number): Ended {
    const rank = code === 0 ? undefined : failedRank(this.folderOf(handle.id));
    const cause = code !== 0 && this.isMemoryShort(handle) ? 'memory' : 'exit';
    return { id: handle.id, phase: 'ended', cause, code, ...(rank === undefined ? {} : { rank }) };
  }

  /** Whether the system has killed a process for its memory since the task was started. */
  private isMemoryShort({ native: { memoryCounter, memoryKills: before } }: Handle): boolean {
    return typeof memoryCounter === 'string' && typeof before === 'number' && (killsIn(memoryCounter) ?? 0) > before;
  }

  private end(tracked: Tracked, end: Ended): void {
    if (tracked.end || tracked.stopping) return;
    // Where one of several processes failed, or only servers are left, some may be there still.
    const isSpread = existsSync(path.join(this.folderOf(tracked.handle.id), 'ends'));
    if (isSpread) tracked.stopping = this.endRest(tracked.handle).then(() => this.settle(tracked, end));
    else this.settle(tracked, end);
  }

  private settle(tracked: Tracked, end: Ended): void {
    tracked.stopping = undefined;
    tracked.end = end;
    this.tell(end.id);
  }

  /** Asks every process of the task but its shell, which notes the code; insists when they take too long. */
  private async endAll(handle: Handle, graceMs: number): Promise<void> {
    const members = this.members(handle);
    for (const each of members) signal(each.pid, 'SIGTERM');
    // Where nothing tells which processes there are, its group has to do.
    if (members.length === 0 && isAlive(identityOf(handle))) signal(-identityOf(handle).pid, 'SIGTERM');
    for (const until = Date.now() + graceMs; Date.now() < until; await delay(endEvery)) {
      if (!isAlive(identityOf(handle)) && !members.some(isAlive) && this.members(handle).length === 0) return;
    }
    await this.endRest(handle, members);
  }

  /** Ends what is there still, without asking. `known` may have moved away from where it can be found. */
  private async endRest(handle: Handle, known: ProcessIdentity[] = []): Promise<void> {
    const leader = identityOf(handle);
    for (const until = Date.now() + patience; Date.now() < until; await delay(endEvery)) {
      const left = [...known, ...this.members(handle), ...(noted(this.folderOf(handle.id)) === undefined ? [leader] : [])].filter(isAlive);
      if (left.length === 0) return;
      for (const { pid } of left) signal(pid, 'SIGKILL');
    }
  }

  private members(handle: Handle): ProcessIdentity[] {
    return processesOf(identityOf(handle), `${taskVariable}=${this.folderOf(handle.id)}`);
  }
}

const identityOf = ({ native }: Handle): ProcessIdentity => native as unknown as ProcessIdentity;

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

/** What a file has from a byte on, as far as it fits into one piece; empty where there is no more, or no file yet. */
function pieceOf(file: string, offset: number): Uint8Array {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array();
    throw error;
  }
  try {
    const piece = Buffer.alloc(Math.min(pieceSize, Math.max(0, fstatSync(handle).size - offset)));
    return piece.subarray(0, readSync(handle, piece, 0, piece.byteLength, offset));
  } finally {
    closeSync(handle);
  }
}

function startedIn(folder: string): (ProcessIdentity & { startedAt: number }) | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'process.json'), 'utf8'));
  } catch {
    if (!existsSync(path.join(folder, 'pid'))) return undefined;
    // The runner died between the start and its note: the shell's own note has the pid, and the folder's name is among its arguments, unless it is the launcher's still.
    const pid = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
    const identity = [folder, loop].some((each) => argumentsOf(pid).includes(each)) ? processIdentity(pid) : undefined;
    const startedAt = statSync(path.join(folder, 'pid')).mtimeMs;
    return { pid, startTime: '', bootId: '', ...identity, startedAt: Math.round(startedAt) };
  }
}

function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Whether a command's shell ever ran; it may have been too much for the system, as with arguments that are too long. */
const hasBegun = (folder: string): boolean => !statSync(path.join(folder, 'launch'), { throwIfNoEntry: false })?.size;

function whyNotBegun(folder: string): string {
  try {
    const [said = ''] = readFileSync(path.join(folder, outputFile(0)), 'utf8').split('\n');
    return notStarted(said.replace(/^.*: line \d+: /, '') || 'its shell has ended at once').message;
  } catch {
    return notStarted('its shell has ended at once').message;
  }
}

/** The code that the shell noted; undefined before it did, or when the note is cut off. */
function noted(folder: string): number | undefined {
  try {
    const match = /^(\d+)\n$/.exec(readFileSync(path.join(folder, 'exit'), 'utf8'));
    return match ? Number(match[1]) : undefined;
  } catch {
    return undefined;
  }
}

function failedRank(folder: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path.join(folder, 'failed'), 'utf8'), 10);
  } catch {
    return undefined;
  }
}
