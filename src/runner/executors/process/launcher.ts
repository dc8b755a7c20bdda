import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../../base/userError.ts';
import { isAlive, type ProcessIdentity, processIdentity } from '../../../plane/processIdentity.ts';
import { exportsOf, outputFile, quoted } from '../wrapper.ts';

/** What a launcher tells of a command: the shell that runs it, and its exit code; never, when that shell was killed. */
export interface Launched {
  pid: number;
  exitCode: Promise<number>;
}

/** Milliseconds between looks at an earlier launcher, and how many of them it has to end. */
const lookEvery = 10;
const mostLooks = 500;

interface Asked {
  /** Whether one of the two words came. */
  isTold: boolean;
  started: (pid: number) => void;
  failed: (error: UserError) => void;
  ended: (code: number) => void;
}

/** Azure runs commands with bash; a machine without it has sh. */
export const shell: string = ['/bin/bash', '/usr/bin/bash'].find((file) => existsSync(file)) ?? '/bin/sh';
const isBash = shell.endsWith('bash');

/**
 * Reads names of jobs and starts each job's `launch` file in a process group of its own, which bash gives with `set -m`. The command's shell tells its end through file 3.
 */
export const loop: string = `${isBash ? 'set -m; ' : ''}while IFS= read -r job; do
  (. "./$job/launch") 3>&1 </dev/null >/dev/null 2>&1 &
  echo $! >"$job/pid"
  echo "$job started $!"
done`;

/**
 * Starts commands by way of a small shell that runs beside the runner. A process that is forked starts as a copy of its parent, and a copy of the runner costs many times
 * what a copy of a shell does. Commands outlive both.
 */
export class Launcher {
  private readonly folder: string;
  private readonly note: string;
  private readonly asked = new Map<string, Asked>();
  private loop: ChildProcess | undefined;

  /** `folder` holds a folder for each job. */
  constructor(folder: string) {
    this.folder = folder;
    this.note = path.join(folder, '..', 'launcher.json');
    mkdirSync(folder, { recursive: true });
  }

  /** Settles when the launcher of an earlier runner is gone: what it was asked for has its pid noted from then on, or is never started. */
  async takeOver(): Promise<void> {
    const earlier = readIdentity(this.note);
    if (!earlier) return;
    // It ends by itself, since nobody asks it for more.
    for (let looks = 0; isAlive(earlier) && looks < mostLooks; looks++) await delay(lookEvery);
    if (isAlive(earlier)) process.kill(earlier.pid, 'SIGKILL');
    rmSync(this.note, { force: true });
  }

  /** Starts a command for the job of that name. Throws `CommandNotStarted` when no shell can be started. */
  start(job: string, launch: LaunchFile): Promise<Launched> {
    writeFileSync(path.join(this.folder, job, 'launch'), launchFile(path.join(this.folder, job), launch), { mode: 0o600 });
    return new Promise((resolve, reject) => {
      const { promise: exitCode, resolve: ended } = Promise.withResolvers<number>();
      this.asked.set(job, { isTold: false, started: (pid) => resolve({ pid, exitCode }), failed: reject, ended });
      this.running().stdin!.write(`${job}\n`, (error) => error && this.lost(error));
    });
  }

  /** Commands go on. They hold the other end of the launcher's output, for which this process must not wait. */
  dispose(): void {
    this.loop?.stdin?.end();
    (this.loop?.stdout as Socket | undefined)?.unref();
    this.loop = undefined;
  }

  private running(): ChildProcess {
    if (this.loop) return this.loop;
    // It has no variables of its own: those of a command are in its file. Without the options, bash takes us for a login from afar and reads a person's settings.
    const child = spawn(shell, [...(isBash ? ['--norc', '--noprofile'] : []), '-c', loop], {
      cwd: this.folder,
      env: {},
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.hear(line);
    });
    child.once('error', (error) => this.lost(error));
    child.once('exit', () => this.lost(new Error('the shell that starts commands has ended')));
    child.stdin.on('error', () => {});
    child.unref();
    if (child.pid) writeFileSync(this.note, JSON.stringify(processIdentity(child.pid) ?? {}));
    this.loop = child;
    return child;
  }

  private hear(line: string): void {
    const [job = '', word, number] = line.split(' ');
    const asked = this.asked.get(job);
    if (!asked) return;
    asked[word as 'started' | 'ended'](Number(number));
    // The launcher and the command's shell both speak: a short command's last word may come before the first.
    if (asked.isTold) this.asked.delete(job);
    asked.isTold = true;
  }

  /** The next command gets another launcher. Those that run go on, and are looked at. */
  private lost(error: Error): void {
    this.loop = undefined;
    for (const { failed } of this.asked.values()) failed(notStarted(error.message));
    this.asked.clear();
  }
}

export interface LaunchFile {
  script: string;
  args: string[];
  cwd: string;
  environment: Record<string, string>;
}

/** Turns the process that reads it into the shell of a command. */
function launchFile(folder: string, { script, args, cwd, environment }: LaunchFile): string {
  const { lines, prefix } = exportsOf(environment);
  const words = [...(isBash ? [] : ['setsid']), ...prefix];
  return [
    ...lines,
    `cd ${quoted(cwd)} || exit`,
    `exec ${[...words, shell, '-c', ...[script, shell, ...args].map(quoted)].join(' ')} >>${quoted(`${folder}/${outputFile(0)}`)} 2>&1`,
    '',
  ].join('\n');
}

export const notStarted = (why: string): UserError => new UserError('CommandNotStarted', `The command could not be started: ${why}.`);

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
