import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import { isTerminal, type Job } from '../../src/protocol/job.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';
import { configOf, type ServeOptions } from '../../src/server/config.ts';
import { type ControlPlane, startControlPlane } from '../../src/server/controlPlane.ts';
import type { Clock } from '../../src/server/schedules/clock.ts';
import { placeOf } from '../unit/store/postgresServer.ts';

/** A real control plane with its runner, in this process, on a data folder of its own. */
export interface TestPlane extends ControlPlane {
  client: PlaneClient;
  folder: string;
  /** Ends the plane and removes its folder. */
  remove(): Promise<void>;
}

export async function startPlane(
  options: ServeOptions = {},
  folder = mkdtempSync(path.join(tmpdir(), 'updraft-')),
  environment?: Record<string, string>,
  clock?: Clock,
): Promise<TestPlane> {
  const config = configOf({ dataFolder: folder, idleMinutes: 0, ...onPostgres(folder), ...options }, environment);
  const plane = await startControlPlane(config, '0.0.0-test', silentLogger, clock);
  return {
    ...plane,
    client: new PlaneClient(plane),
    folder,
    async remove() {
      await plane.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With UPDRAFT_TEST_STORE=postgres the suites run on planes that keep jobs and metrics in PostgreSQL. */
export function onPostgres(folder: string): ServeOptions {
  if (process.env.UPDRAFT_TEST_STORE !== 'postgres') return {};
  const { url, schema } = placeOf(folder);
  const secretsKeyFile = path.join(folder, 'key-for-secrets');
  if (!existsSync(secretsKeyFile)) writeFileSync(secretsKeyFile, randomBytes(32).toString('base64'));
  return { database: `${url}?schema=${schema}`, secretsKeyFile };
}

/** Waits for the change after which `test` holds of the job. */
export async function jobWhen(
  client: PlaneClient,
  name: string,
  test: (job: Job) => boolean = (job) => isTerminal(job.properties.status!),
): Promise<Job> {
  const changes = new ChangeStream(client.http, { kinds: ['job'] });
  try {
    return await new Promise<Job>((resolve, reject) => {
      const look = () => client.getJob(name).then((job) => test(job) && resolve(job), reject);
      changes.onDidChangeState((state) => state === 'live' && look());
      changes.onDidChange((change) => change.id === name && look());
    });
  } finally {
    changes.dispose();
  }
}

/** An environment without any package: commands run with the machine's own programs. Answers its id. */
export async function shellEnvironment(client: PlaneClient): Promise<string> {
  await client.putAsset('environments', 'shell', '1', { image: 'ubuntu:22.04' });
  return assetId(defaultWorkspace, 'environments', 'shell', '1');
}

/** A command component; answers its id. */
export async function component(client: PlaneClient, name: string, spec: Record<string, unknown>): Promise<string> {
  await client.putAsset('components', name, '1', { componentSpec: { name, version: '1', type: 'command', ...spec } });
  return assetId(defaultWorkspace, 'components', name, '1');
}

export const logOf = async (client: PlaneClient, job: string): Promise<string> =>
  Buffer.from(await client.readLog(job, logFile)).toString('utf8');
