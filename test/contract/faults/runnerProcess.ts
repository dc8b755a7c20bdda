import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bundle } from '../updraft.ts';

/** The built runner in a process of its own, to be killed. */
export interface RunnerProcess {
  /** Settles when it is up and asks for jobs, or has ended before. */
  up: Promise<unknown>;
  /** SIGKILL, at once; settles when the process is gone. */
  kill(): Promise<void>;
}

export function startRunnerProcess(folder: string, url: string, token: string): RunnerProcess {
  const child = spawn(process.execPath, [bundle, 'runner', '--server', url, '--data', folder], {
    env: { ...process.env, MLFLOW_TRACKING_TOKEN: token },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Its first line says that it waits for jobs. What it says later is read, so that it never waits for a reader.
  const up = Promise.race([once(child.stderr, 'data'), ended]);
  child.stderr.resume();
  return {
    up,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
