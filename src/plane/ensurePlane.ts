import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, UserError } from '../base/userError.ts';
import { PlaneClient } from '../client/planeClient.ts';
import type { PlaneLock } from '../protocol/plane.ts';
import { isOutdated } from './isOutdated.ts';
import { isTaken, ownerOf, readLock } from './lock.ts';
import { planeEnvironment } from './ownVariables.ts';
import { processIdentity } from './processIdentity.ts';

/** The plane of a data folder if it is up: its process lives and answers with its own id. */
export async function findPlane(dataFolder: string): Promise<PlaneLock | undefined> {
  const lock = readLock(dataFolder);
  if (!lock || !processIdentity(lock.pid)) return undefined;
  const health = await new PlaneClient(lock).health().catch(() => undefined);
  return health?.id === lock.id ? lock : undefined;
}

export interface StartOptions {
  dataFolder: string;
  /** Program and arguments that run `updraft`, to which `serve --data …` is added. */
  command: string[];
  /** Of that program. */
  version: string;
  /** Further options of `serve`. */
  options?: string[];
  environment: Record<string, string | undefined>;
  signal?: AbortSignal;
}

/** Finds the plane or starts one that outlives this process, also in place of an outdated one. Throws `PlaneNotStarted` with the last lines of its log. */
export async function ensurePlane(options: StartOptions): Promise<PlaneLock> {
  const found = await findPlane(options.dataFolder);
  if (found && !isOutdated(found, options.version)) return found;
  if (found) await end(found);
  return start(options);
}

/** Milliseconds that a plane has to end itself. */
const grace = 10_000;
/** Milliseconds that another caller's plane has to be ready, and between two looks at it. */
const patience = 120_000;
const lookEvery = 250;

/** Ends a plane by its process: another caller may have put a new one at the same address already. Its jobs go on, and the next plane finds them. */
async function end({ pid }: PlaneLock): Promise<void> {
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name);
    } catch {
      // Gone already.
    }
  };
  signal('SIGTERM');
  const insist = setTimeout(() => signal('SIGKILL'), grace);
  while (processIdentity(pid)) await delay(20);
  clearTimeout(insist);
}

async function start({ dataFolder, command, options = [], environment, signal }: StartOptions): Promise<PlaneLock> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const logFile = path.join(dataFolder, 'serve.log');
  const logStart = existsSync(logFile) ? statSync(logFile).size : 0;
  const log = openSync(logFile, 'a', 0o600);
  const [program, ...args] = command;
  const child = spawn(program!, [...args, 'serve', '--data', dataFolder, ...options], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: dataFolder,
    windowsHide: true,
    env: planeEnvironment(environment),
  });
  closeSync(log);
  child.unref();

  return new Promise<PlaneLock>((resolve, reject) => {
    const watcher = watch(dataFolder, () => check());
    const settle = (act: () => void) => {
      watcher.close();
      clearInterval(again);
      child.removeAllListeners();
      signal?.removeEventListener('abort', aborted);
      act();
    };
    const aborted = () => settle(() => reject(signal!.reason));
    const failed = (why: string) =>
      settle(() => reject(new UserError('PlaneNotStarted', `The control plane did not start: ${why}`, `Its log is ${logFile}.`)));
    let ended: { code: number | null; at: number } | undefined;
    let again: NodeJS.Timeout | undefined;
    const look = async () => {
      const lock = await findPlane(dataFolder);
      if (lock) {
        // Another starter was faster. Ours must not come up later, when that plane has been told to end.
        if (lock.pid !== child.pid) child.kill();
        return settle(() => resolve(lock));
      }
      // Ours may have ended because someone else's was faster; then theirs is as good, once it is ready.
      if (!ended) return;
      if (isTaken(dataFolder)) {
        const owner = ownerOf(dataFolder);
        const who = typeof owner === 'object' ? `process ${owner.pid}` : 'another process';
        if (Date.now() - ended.at > patience) failed(`${who} has the data folder and does not answer.`);
        return;
      }
      const tail = readFileSync(logFile).subarray(logStart).toString('utf8').trim().split('\n').slice(-8).join('\n');
      failed(tail || `it ended with code ${ended.code}.`);
    };
    const check = () => {
      look().catch((error) => settle(() => reject(error)));
    };
    signal?.addEventListener('abort', aborted);
    child.on('error', (error) => failed(messageOf(error)));
    child.on('exit', (code) => {
      ended = { code, at: Date.now() };
      // A plane that dies before it is ready changes no file.
      again = setInterval(check, lookEvery);
      check();
    });
    check();
  });
}
