import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, watch } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, UserError } from '../../base/userError.ts';
import { taskVariable } from '../../plane/ownVariables.ts';
import { isAlive } from '../../plane/processIdentity.ts';
import { syncFolderOf } from '../folder/syncFolder.ts';
import { readState } from '../folder/syncState.ts';
import { isRunning } from './isRunning.ts';

export interface EnsureSyncOptions {
  dataFolder: string;
  /** Program and arguments that run `updraft`. */
  command: string[];
  environment: Record<string, string | undefined>;
  /** What opens control planes, by address, besides what `updraft login` has kept. They go through the standard input of the process: nobody else sees them. */
  tokens: Readonly<Record<string, string>>;
  /** A process that was started on demand ends before, so that it has these tokens. */
  anew?: boolean;
}

/** Bytes of a log that is begun anew. */
const mostLog = 5_000_000;
/** Milliseconds between two looks whether a process has ended. */
const lookEvery = 20;

/** What the process has from the one that starts it, as one line of JSON. */
export interface StartMessage {
  tokens: Record<string, string>;
}

/** Finds the process that sends, or starts one that outlives this one and ends when there is nothing left to do. Throws with the last lines of its log. */
export async function ensureSync(options: EnsureSyncOptions): Promise<void> {
  const folder = syncFolderOf(options.dataFolder);
  const before = readState(folder);
  if (isRunning(before)) {
    if (!options.anew || !before?.process?.isOnDemand) return;
    await end(before.process);
  }
  await start(options);
}

/** Ends the process that sends, if there is one; answers whether there was. What waits is taken up by the next one. */
export async function endSync(dataFolder: string): Promise<boolean> {
  const state = readState(syncFolderOf(dataFolder));
  if (!state?.process || !isRunning(state)) return false;
  await end(state.process);
  return true;
}

async function end(identity: Parameters<typeof isAlive>[0]): Promise<void> {
  try {
    process.kill(identity.pid, 'SIGTERM');
  } catch {
    // It is gone already.
  }
  while (isAlive(identity)) await delay(lookEvery);
}

async function start({ dataFolder, command, environment, tokens }: EnsureSyncOptions): Promise<void> {
  const folder = syncFolderOf(dataFolder);
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  const before = statSync(folder.log, { throwIfNoEntry: false })?.size ?? 0;
  const logStart = before > mostLog ? 0 : before;
  const log = openSync(folder.log, before > mostLog ? 'w' : 'a', 0o600);
  const [program, ...args] = command;
  // What opens a control plane comes by the pipe, and what names one is for the command that asked.
  const { [taskVariable]: _task, MLFLOW_TRACKING_TOKEN: _token, UPDRAFT_SERVER: _server, ...env } = environment;
  const child = spawn(program!, [...args, 'sync', 'run', '--on-demand', '--data', dataFolder], {
    detached: true,
    stdio: ['pipe', log, log],
    cwd: folder.path,
    windowsHide: true,
    env,
  });
  closeSync(log);
  child.unref();
  // It may end before it has read them.
  child.stdin!.on('error', () => {});
  child.stdin!.end(`${JSON.stringify({ tokens } satisfies StartMessage)}\n`);
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => {
      watcher.close();
      child.removeAllListeners();
      act();
    };
    const look = (isGone: boolean) => {
      try {
        // Also another one that was faster.
        if (isRunning(readState(folder))) settle(resolve);
        else if (isGone) {
          const tail = readFileSync(folder.log).subarray(logStart).toString('utf8').trim().split('\n').slice(-5).join('\n');
          settle(() =>
            reject(new UserError('CommandFailed', `The process that sends jobs did not start: ${tail}`, `Its log is ${folder.log}.`)),
          );
        }
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const watcher = watch(folder.path, () => look(false));
    child.on('error', (error) =>
      settle(() => reject(new UserError('CommandFailed', `The process that sends jobs did not start: ${messageOf(error)}`))),
    );
    child.on('exit', () => look(true));
    look(false);
  });
}
