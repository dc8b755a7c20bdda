import { spawn } from 'node:child_process';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { bundle } from './updraft.ts';

/** The built control plane in a process of its own, to be killed. */
export interface PlaneProcess {
  client: PlaneClient;
  url: string;
  token: string;
  /** Settles when the process has said this in its log, from its start on, or has said something after which a test holds. */
  said(what: string | RegExp | (() => boolean)): Promise<void>;
  /** All that it has said. */
  log(): string;
  signal(name: NodeJS.Signals): void;
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
  const heard = new Set<() => void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    for (const each of heard) each();
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${log}`)));
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { url, token } = (await findPlane(folder))!;
  return {
    client: new PlaneClient({ url, token }),
    url,
    token,
    said: (what) =>
      new Promise((resolve) => {
        const look = () => {
          const isSaid = typeof what === 'string' ? log.includes(what) : typeof what === 'function' ? what() : what.test(log);
          if (!isSaid) return;
          heard.delete(look);
          resolve();
        };
        heard.add(look);
        look();
      }),
    log: () => log,
    signal: (name) => {
      child.kill(name);
    },
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
