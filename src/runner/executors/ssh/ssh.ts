import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { UserError } from '../../../base/userError.ts';
import { quoted } from '../wrapper.ts';

/** A machine as OpenSSH's client knows it: a name of `~/.ssh/config` or `user@host`, and more options of `ssh`, such as `-p 2222`. */
export interface SshTarget {
  host: string;
  options?: string[];
  /** Variables of the client, such as `SSH_AUTH_SOCK` and `HOME`. */
  environment: Record<string, string>;
}

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** What `ssh` answers itself when the line can't be made or breaks. No script of ours ends with it. */
export const brokenLine = 255;

/**
 * Runs shell scripts on another machine through the system's own `ssh`, which knows the user's settings, keys, agents and jump hosts. Short scripts share one connection where the
 * client supports that. A script that runs for long has its own connection, since servers limit the sessions of one.
 */
export class Ssh {
  readonly target: SshTarget;
  private readonly controlFolder: string | undefined;
  private readonly options: string[];

  constructor(target: SshTarget) {
    this.target = target;
    // Never asks a person. A dead line is noticed in 15 s.
    this.options = [
      ...['BatchMode=yes', 'ServerAliveInterval=5', 'ServerAliveCountMax=3', 'ConnectTimeout=10'].flatMap((option) => ['-o', option]),
      ...(target.options ?? []),
    ];
    // OpenSSH for Windows can't share connections. A socket's path must be short.
    this.controlFolder = process.platform === 'win32' ? undefined : mkdtempSync(path.join(tmpdir(), 'ups-'));
  }

  /** Runs a script to its end. Throws `ComputeUnreachable` when the line can't be made or breaks, `Unauthorized` when the machine refuses. `input` goes to its standard input. */
  async run(script: string, { input, signal }: { input?: Readable; signal?: AbortSignal } = {}): Promise<Finished> {
    const child = this.spawn(script, true);
    const stop = () => child.kill();
    signal?.addEventListener('abort', stop);
    const [stdout, stderr] = [textOf(child.stdout!), textOf(child.stderr!)];
    child.stdin!.on('error', () => {});
    if (input) input.pipe(child.stdin!);
    else child.stdin!.end();
    const code = await codeOf(child);
    signal?.removeEventListener('abort', stop);
    signal?.throwIfAborted();
    const finished = { code, stdout: await stdout, stderr: (await stderr).trim() };
    if (code === brokenLine) throw this.refused(finished.stderr);
    return finished;
  }

  /** Starts a script whose output is read as it comes, on a connection of its own. */
  follow(script: string): { child: ChildProcess; code: Promise<number> } {
    const child = this.spawn(script, false);
    child.stdin!.on('error', () => {});
    child.stdin!.end();
    return { child, code: codeOf(child) };
  }

  dispose(): void {
    if (!this.controlFolder) return;
    const folder = this.controlFolder;
    const child = spawn('ssh', [...this.shared(), '-O', 'exit', this.target.host], { stdio: 'ignore', env: this.target.environment });
    child.on('error', () => {});
    child.on('close', () => rmSync(folder, { recursive: true, force: true }));
  }

  private shared(): string[] {
    if (!this.controlFolder) return this.options;
    const control = ['ControlMaster=auto', `ControlPath=${this.controlFolder}/%C`, 'ControlPersist=60'];
    return [...this.options, ...control.flatMap((option) => ['-o', option])];
  }

  /** The login shell there parses one text, whatever shell it is: quoted, so that `sh` gets the script as it is. */
  private spawn(script: string, isShared: boolean): ChildProcess {
    const options = isShared ? this.shared() : [...this.options, '-o', 'ControlPath=none'];
    return spawn('ssh', [...options, this.target.host, `exec sh -c ${quoted(script)}`], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: this.target.environment,
      windowsHide: true,
    });
  }

  private refused(said: string): UserError {
    const why = said.split('\n').at(-1) ?? '';
    if (/Permission denied|Host key verification failed|REMOTE HOST IDENTIFICATION/i.test(said))
      return new UserError(
        'Unauthorized',
        `${this.target.host} refuses the connection: ${why}`,
        `Try "ssh ${this.target.host}" in a terminal.`,
      );
    return new UserError('ComputeUnreachable', `${this.target.host} does not answer${why ? `: ${why}` : ''}.`);
  }
}

function codeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) =>
      reject(
        (error as NodeJS.ErrnoException).code === 'ENOENT'
          ? new UserError('ComputeUnreachable', 'There is no program "ssh" on the PATH.', 'Install the OpenSSH client.')
          : error,
      ),
    );
    // Killed: the line was cut from our side.
    child.on('close', (code) => resolve(code ?? brokenLine));
  });
}

async function textOf(stream: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
