import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive, type ProcessIdentity, processIdentity } from '../../plane/processIdentity.ts';
import { stderrTail } from '../logTail.ts';
import { type Launcher, loop, notStarted } from './launcher.ts';

/** How a command ended. `interrupted`: it is gone and left no exit code, as after a power cut. */
export type Ending = { code: number } | 'interrupted';

interface Started extends ProcessIdentity {
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Size of the job's log when the command started; unknown when the runner died before its note. */
  logOffset?: number | undefined;
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

/** Milliseconds between looks at a process, which may end without a word: when it is killed, or when an earlier runner started it. */
const lookEvery = 200;
/** Milliseconds a command has to end itself after SIGTERM. */
const grace = 10_000;

/**
 * Notes the shell's pid before and the exit code after, empties the file that it came from, and tells the launcher. The command has a subshell of its own, whatever it does with `exec`, `exit` and traps,
 * and none of the way to the launcher.
 */
const script = `echo $$ >"$1/pid"; : >"$1/launch"; (updraft_command=$2; shift 2; eval "$updraft_command") 3>&-; set -- "$1" $?; echo $2 >"$1/exit"; echo "\${1##*/} ended $2" >&3; exit $2`;

/**
 * A command in a process group of its own, its output in files, so that it goes on without the runner. The shell that runs it notes its pid before and
 * its exit code after, in `folder`; that is how the next runner finds it again.
 */
export class CommandProcess {
  readonly startedAt: number;
  readonly logOffset: number | undefined;
  readonly ended: Promise<Ending>;
  private readonly pid: number;

  /** `told` is the exit code, for who hears of it. Others look. */
  private constructor(folder: string, started: Started, told?: Promise<number>) {
    this.pid = started.pid;
    this.startedAt = started.startedAt;
    this.logOffset = started.logOffset;
    const look = (): Ending | undefined => noted(folder) ?? (started.bootId && isAlive(started) ? undefined : 'interrupted');
    this.ended = new Promise((resolve, reject) => {
      const first = told ? undefined : look();
      if (first) return resolve(first);
      const timer = setInterval(() => {
        const ending = look();
        if (!ending) return;
        clearInterval(timer);
        // Its last act may have been to write the code, between our two looks.
        if (hasBegun(folder)) resolve(noted(folder) ?? ending);
        else reject(notStarted(stderrTail(folder)[0]?.replace(/^.*: line \d+: /, '') ?? 'its shell has ended at once'));
      }, lookEvery).unref();
      told?.then((code) => {
        clearInterval(timer);
        resolve({ code });
      }, reject);
    });
  }

  /** Throws `CommandNotStarted`, or `ended` does, when its shell can't be started. */
  static async start(
    folder: string,
    { command, cwd, environment, preface, logOffset }: Launch,
    launcher: Launcher,
  ): Promise<CommandProcess> {
    writeFileSync(path.join(folder, 'stdout.log'), preface);
    writeFileSync(path.join(folder, 'stderr.log'), '');
    const { pid, exitCode } = await launcher.start(path.basename(folder), { script, args: [folder, command], cwd, environment });
    const started: Started = { startTime: '', bootId: '', ...processIdentity(pid), pid, startedAt: Date.now(), logOffset };
    writeFileSync(path.join(folder, 'process.json'), JSON.stringify(started));
    return new CommandProcess(folder, started, exitCode);
  }

  /** The command that an earlier runner started in `folder`, whether it still runs or not; undefined when none was. */
  static adopt(folder: string): CommandProcess | undefined {
    const started = readStarted(folder);
    return started && new CommandProcess(folder, started);
  }

  /** Ends the whole group: asks first, then insists. Settles when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), grace);
    await this.ended.catch(() => {});
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

function readStarted(folder: string): Started | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'process.json'), 'utf8'));
  } catch {
    if (!existsSync(path.join(folder, 'pid'))) return undefined;
    // The runner died between the start and its note: the shell's own note has the pid, and the folder's name is among its arguments, unless it is the launcher's still.
    const pid = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
    const identity = [folder, loop].some((each) => argumentsOf(pid).includes(each)) ? processIdentity(pid) : undefined;
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

/** Whether a command's shell ever ran; it may have been too much for the system, as with arguments that are too long. */
const hasBegun = (folder: string): boolean => !statSync(path.join(folder, 'launch'), { throwIfNoEntry: false })?.size;

/** The code that the shell noted; undefined before it did, or when the note is cut off. */
function noted(folder: string): { code: number } | undefined {
  try {
    const match = /^(\d+)\n$/.exec(readFileSync(path.join(folder, 'exit'), 'utf8'));
    return match ? { code: Number(match[1]) } : undefined;
  } catch {
    return undefined;
  }
}
