import { spawn } from 'node:child_process';
import { bundle } from '../updraft.ts';

/** The built runner in a process of its own, to be killed. */
export interface RunnerProcess {
  /** SIGKILL, at once; settles when the process is gone. */
  kill(): Promise<void>;
}

export function startRunnerProcess(folder: string, url: string, token: string): RunnerProcess {
  const child = spawn(process.execPath, [bundle, 'runner', '--server', url, '--data', folder], {
    env: { ...process.env, MLFLOW_TRACKING_TOKEN: token },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
