import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { allPages, PlaneClient } from '../../src/client/planeClient.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { isTerminal } from '../../src/protocol/job.ts';
import { jobWhen } from '../contract/plane.ts';
import { VsCode, type VsCodeOptions } from './vscode.ts';

export const repository = resolve(import.meta.dirname, '../..');
export const fixture = (name: string) => resolve(import.meta.dirname, '../fixtures', name);

/** VS Code with the extension, and the data folder of the plane that it starts. */
export interface Session {
  vscode: VsCode;
  home: string;
  /** A client of the plane that the windows use; waits until one of them has started it. */
  client(): Promise<PlaneClient>;
  end(): Promise<void>;
}

export async function startSession(options: VsCodeOptions = {}): Promise<Session> {
  const home = await mkdtemp(join(tmpdir(), 'updraft-home-'));
  const vscode = await VsCode.start({ ...options, env: { UPDRAFT_HOME: home, ...options.env } });
  const client = async () => {
    const changes = watch(home);
    try {
      for (;;) {
        const changed = once(changes, 'change');
        const lock = await findPlane(home);
        if (lock) return new PlaneClient(lock);
        await changed;
      }
    } finally {
      changes.close();
    }
  };
  return {
    vscode,
    home,
    client,
    async end() {
      await vscode.stop();
      const lock = await findPlane(home);
      if (lock) {
        const client = new PlaneClient(lock);
        await removeJobs(client);
        await client.stop();
      }
      await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** Ends what runs and removes all jobs: a story that failed half-way may have left one that runs for ever. */
export async function removeJobs(client: PlaneClient): Promise<void> {
  const jobs = await Array.fromAsync(allPages((next) => client.listJobs({}, next)));
  await Promise.all(
    jobs.map(async ({ name, properties }) => {
      if (!isTerminal(properties.status!)) {
        await client.cancelJob(name);
        await jobWhen(client, name);
      }
      await client.deleteJob(name);
    }),
  );
}
