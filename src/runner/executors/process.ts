import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive, type ProcessIdentity, processIdentity } from '../../plane/processIdentity.ts';

/** How a command ended. `interrupted`: it is gone and left no exit code, as after a power cut. */
export type Ending = { code: number } | 'interrupted';

interface Started extends ProcessIdentity {
  /** Milliseconds since 1970. */
  startedAt: number;
}

/** Milliseconds between looks at a process that this runner did not start itself, which tells nobody when it ends. */
const lookEvery = 200;
/** Milliseconds a command has to end itself after SIGTERM. */
const grace = 10_000;

/**
 * A command in a process group of its own, its output in files, so that it goes on without the runner. A tiny shell around it notes its pid before and
 * its exit code after, in `folder`; that is how the next runner finds it again.
 */
export class CommandProcess {
  readonly startedAt: number;
  readonly ended: Promise<Ending>;
  private readonly pid: number;

  private constructor(pid: number, startedAt: number, ended: Promise<Ending>) {
    this.pid = pid;
    this.startedAt = startedAt;
    this.ended = ended;
  }

  /** Throws the system's error when the shell can't be started. */
  static async start(folder: string, command: string, cwd: string, environment: Record<string, string>): Promise<CommandProcess> {
    const out = openSync(path.join(folder, 'stdout.log'), 'a');
    const err = openSync(path.join(folder, 'stderr.log'), 'a');
    let child: ChildProcess;
    try {
      child = spawn('/bin/sh', ['-c', 'echo $$ >"$0/pid"; "$@"; c=$?; echo $c >"$0/exit"; exit $c', folder, shell(), '-c', command], {
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
    const startedAt = Date.now();
    const ended = new Promise<Ending>((resolve) =>
      child.once('exit', (code) => resolve(exitCode(folder) ?? (code === null ? 'interrupted' : { code }))),
    );
    writeFileSync(path.join(folder, 'process.json'), JSON.stringify({ ...processIdentity(child.pid!), startedAt }));
    return new CommandProcess(child.pid!, startedAt, ended);
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
    return new CommandProcess(started.pid, started.startedAt, ended);
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
const shell = (): string => (existsSync('/bin/bash') || existsSync('/usr/bin/bash') ? 'bash' : 'sh');
