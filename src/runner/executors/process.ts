import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isAlive, type ProcessIdentity, processIdentity } from '../../plane/processIdentity.ts';

/** How a command ended. `interrupted`: it is gone and left no exit code, as after a power cut. */
export type Ending = { code: number } | 'interrupted';

interface Started extends ProcessIdentity {
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Size of the job's log when the command started; unknown when the runner died before its note. */
  logOffset?: number;
}

export interface Launch {
  command: string;
  cwd: string;
  environment: Record<string, string>;
  /** What stands in the output before the command's own. */
  preface: Uint8Array;
  /** Size of the job's log before the preface. */
  logOffset: number;
}

/** Milliseconds between looks at a process that this runner did not start itself, which tells nobody when it ends. */
const lookEvery = 200;
/** Milliseconds a command has to end itself after SIGTERM. */
const grace = 10_000;

/** Notes the shell's pid before and the exit code after. The command has a subshell of its own, whatever it does with `exec`, `exit` and traps. */
const script = `echo $$ >"$1/pid"; (updraft_command=$2; shift 2; eval "$updraft_command"); set -- "$1" $?; echo $2 >"$1/exit"; exit $2`;

/**
 * A command in a process group of its own, its output in files, so that it goes on without the runner. The shell that runs it notes its pid before and
 * its exit code after, in `folder`; that is how the next runner finds it again.
 */
export class CommandProcess {
  readonly startedAt: number;
  readonly logOffset: number | undefined;
  readonly ended: Promise<Ending>;
  private readonly pid: number;

  private constructor({ pid, startedAt, logOffset }: Pick<Started, 'pid' | 'startedAt' | 'logOffset'>, ended: Promise<Ending>) {
    this.pid = pid;
    this.startedAt = startedAt;
    this.logOffset = logOffset;
    this.ended = ended;
  }

  /** Throws the system's error when the shell can't be started. */
  static async start(folder: string, { command, cwd, environment, preface, logOffset }: Launch): Promise<CommandProcess> {
    const out = openSync(path.join(folder, 'stdout.log'), 'w');
    const err = openSync(path.join(folder, 'stderr.log'), 'w');
    let child: ChildProcess;
    try {
      writeSync(out, preface);
      child = spawn(shell(), ['-c', script, 'bash', folder, command], {
        cwd,
        env: environment,
        detached: true,
        stdio: ['ignore', out, err],
      });
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    } finally {
      closeSync(out);
      closeSync(err);
    }
    const started = { pid: child.pid!, startedAt: Date.now(), logOffset };
    const ended = new Promise<Ending>((resolve) =>
      child.once('exit', (code) => resolve(code === null ? (exitCode(folder) ?? 'interrupted') : { code })),
    );
    writeFileSync(path.join(folder, 'process.json'), JSON.stringify({ ...started, ...processIdentity(child.pid!) }));
    return new CommandProcess(started, ended);
  }

  /** The command that an earlier runner started in `folder`, whether it still runs or not; undefined when none was. */
  static adopt(folder: string): CommandProcess | undefined {
    if (!existsSync(path.join(folder, 'pid'))) return undefined;
    const started = readStarted(folder);
    const look = (): Ending | undefined => exitCode(folder) ?? (started.bootId && isAlive(started) ? undefined : 'interrupted');
    const ended = new Promise<Ending>((resolve) => {
      const first = look();
      if (first) return resolve(first);
      const timer = setInterval(() => {
        const ending = look();
        if (!ending) return;
        clearInterval(timer);
        // Its last act may have been to write the code, between our two looks.
        resolve(exitCode(folder) ?? ending);
      }, lookEvery);
    });
    return new CommandProcess(started, ended);
  }

  /** Ends the whole group: asks first, then insists. Settles when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), grace);
    await this.ended;
    clearTimeout(timer);
    // What ignored the request and outlived its leader.
    this.signal('SIGKILL');
  }

  private signal(name: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, name);
    } catch {
      // Gone already.
    }
  }
}

function readStarted(folder: string): Started {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'process.json'), 'utf8'));
  } catch {
    // The runner died between the start and its note: the shell's own note has the pid, and the folder's name is among the arguments.
    const pid = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
    const identity = argumentsOf(pid).includes(folder) ? processIdentity(pid) : undefined;
    return { pid, startTime: '', bootId: '', ...identity, startedAt: Date.now() };
  }
}

function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** The code that the shell noted; undefined before it did, or when the note is cut off. */
function exitCode(folder: string): { code: number } | undefined {
  try {
    const match = /^(\d+)\n$/.exec(readFileSync(path.join(folder, 'exit'), 'utf8'));
    return match ? { code: Number(match[1]) } : undefined;
  } catch {
    return undefined;
  }
}

/** Azure runs commands with bash; a machine without it has sh. */
const shell = (): string => ['/bin/bash', '/usr/bin/bash'].find((file) => existsSync(file)) ?? '/bin/sh';
