import { spawn } from 'node:child_process';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { bundle } from './updraft.ts';

/** The built control plane in a process of its own, to be killed. */
export interface PlaneProcess {
  client: PlaneClient;
  /** SIGKILL, at once; settles when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; settles when the process is gone. */
  stop(): Promise<void>;
}

export async function startPlaneProcess(
  folder: string,
  options: string[] = [],
  environment: Record<string, string | undefined> = {},
): Promise<PlaneProcess> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [bundle, 'serve', '--data', folder, ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${log}`)));
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    client: new PlaneClient((await findPlane(folder))!),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
