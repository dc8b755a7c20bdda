import type { UserError } from '../../base/userError.ts';

/**
 * Runs commands somewhere: on this machine, on another one, on a cluster. One object speaks to one compute and follows all of its tasks. Everything that is
 * slow or may meet a cut connection can be called again: nothing is started twice, and no output is lost or doubled.
 *
 * What differs from a plain "submit and wait", and why:
 * - `place` comes before `submit`, so that the files of the next tasks are brought while others run.
 * - `logs` counts bytes. The plane's log has as many bytes as it was sent, so its size alone says where to go on, and there is no note that could disagree with it.
 * - `collect` brings outputs to this machine. The runner checks and uploads them in one way for every engine.
 */
export interface Executor {
  /** Names the kind of engine in handles: `process`, `ssh`. */
  readonly engine: string;
  /** Whether commands run on this very machine and see its programs, environments and files. */
  readonly isHere: boolean;
  /** What the compute is like. Throws `ComputeUnreachable` when it does not answer, `Unauthorized` when it refuses. */
  probe(signal: AbortSignal): Promise<ComputeFacts>;
  /** What the engine can't do of a task. Nothing is started for it. */
  check(task: Task): UserError[];
  /** Where the files of a task go. */
  place(id: string): Promise<Place>;
  /** Ships what was placed and starts the command. A task of this id that was started already is answered as it is. Rejects when the signal aborts before the start. */
  submit(task: Task, launch: Launch, signal: AbortSignal): Promise<Handle>;
  /** A task that was started, by its own id: for a runner that lost its notes. */
  find(id: string): Promise<Handle | undefined>;
  /** Ids of the tasks that have a place on this machine: those of earlier runners, too. */
  placed(): Promise<string[]>;
  /** News of all the tasks whose handles are asked for, until the signal aborts. Silence is told as `unknown`, never as an end. The last news of a task is `ended`, told once. */
  observe(handles: () => Handle[], signal: AbortSignal): AsyncIterable<Observation>;
  /** Output of one process of a task, as it comes, without its first `from` bytes. Ends when nothing more will come, or when the signal aborts. */
  logs(handle: Handle, rank: number, from: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Asks the command and everything that it started to end, insists after `graceMs`, and settles when all is gone. Harmless for what has ended. */
  stop(handle: Handle, graceMs: number): Promise<void>;
  /** Brings what the command left in the folders `outputs`, `code/outputs` and `code/logs` of its place to the place on this machine. */
  collect(handle: Handle): Promise<void>;
  /** Deletes everything that is left of a task, here and there. */
  remove(id: string): Promise<void>;
  /** Lets go of connections and helpers. Commands go on. */
  dispose(): void;
}

export interface ComputeFacts {
  system: string;
  cores: number;
  /** Undefined where the system does not tell. */
  memoryBytes: number | undefined;
  /** Whether a command there gets an answer from the control plane; undefined when nobody asked. */
  reachesPlane: boolean | undefined;
}

/** What is known of a task before its files are there. */
export interface Task {
  id: string;
  /** Packages that its environment is made of, where there are any. */
  packages: string[] | undefined;
  /** Kept beside the task and given back with its handle: whatever the runner needs to go on with it. */
  note: string;
}

/** Two names of one folder: `here` on this machine, `there` for the command. */
export interface Place {
  here: string;
  there: string;
}

/** A command line with all that its processes need, paths as they are where it runs. */
export interface Launch {
  command: string;
  cwd: string;
  variables: Record<string, string>;
  spread: Spread | undefined;
}

/** A command that runs as several processes at once. */
export interface Spread {
  /** The variables of each process, by rank. */
  processes: Record<string, string>[];
  /** The first of them: the command has ended when these have. The others only serve them, and are ended then. */
  awaited: number;
  /** `mpirun` starts the processes where the command finds one. Then their output is one, that of rank 0. */
  byMpirun: boolean;
}

/** Names a started task for good; JSON. */
export interface Handle {
  id: string;
  engine: string;
  /** How the engine itself names it. */
  native: Record<string, string | number>;
  /** Milliseconds since 1970. */
  startedAt: number;
  note: string;
}

/**
 * Why a task ended. `exit`: by itself, with a code. `memory`: the system killed a process of it because memory ran out, whatever the code is. `canceled`: we stopped it.
 * `stage`: it could not be started. `lost`: it is gone without a code, as after a power cut.
 */
export type Cause = 'exit' | 'memory' | 'canceled' | 'stage' | 'lost';

export type Observation =
  /** `unknown`: the compute does not answer. */
  { id: string; phase: 'running' | 'unknown'; why?: string } | Ended;

export interface Ended {
  id: string;
  phase: 'ended';
  cause: Cause;
  /** What the command's shell noted: above 128 the number of a signal. */
  code?: number;
  /** The process that failed first, of a command that is spread over several. */
  rank?: number;
  why?: string;
}
