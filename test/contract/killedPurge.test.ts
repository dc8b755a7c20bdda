import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { deleteWorkspace, listDeletedWorkspaces } from '../../src/client/workspaces.ts';
import { fill } from './filledWorkspace.ts';
import { onPostgres } from './plane.ts';
import { type PlaneProcess, startPlaneProcess } from './planeProcess.ts';
import { allRows, ownedBy, rowsOf } from './rowsOfWorkspaces.ts';
import { teamCalls } from './team.ts';

/** More than go in a few pieces. */
const runs = 600;

describe('a plane that is killed while it purges a workspace', function () {
  this.timeout(120_000);
  let folder: string;
  let process: PlaneProcess;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-purge-'));
    process = await start();
  });
  afterEach(async () => {
    await process.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (): Promise<PlaneProcess> => {
    const { database, secretsKeyFile } = onPostgres(folder);
    return startPlaneProcess(folder, [
      '--team',
      ...(database === undefined ? [] : ['--database', database]),
      ...(secretsKeyFile === undefined ? [] : ['--secrets-key-file', secretsKeyFile]),
    ]);
  };

  it('goes on when it is there again, and others lose nothing', async () => {
    for (const name of ['vision', 'speech']) await teamCalls(process).makeWorkspace(name);
    const [client] = await Promise.all([fill(process, 'vision'), fill(process, 'speech')]);
    const { experiment_id } = await client.http.json<{ experiment_id: string }>('POST', '/api/2.0/mlflow/experiments/create', {
      name: 'many',
    });
    for (let begun = 0; begun < runs; begun += 50)
      await Promise.all(
        Array.from({ length: 50 }, () => client.http.json('POST', '/api/2.0/mlflow/runs/create', { experiment_id, start_time: 1 })),
      );
    const before = await allRows(folder);
    const [vision, speech] = [ownedBy(before, 'vision'), ownedBy(before, 'speech')];
    const feed = new ChangeStream(process.client.http, { kinds: ['workspace'] });
    await feed.settled;
    const isPurging = new Promise<void>((resolve) =>
      feed.onDidChange(async () => {
        const [found] = await listDeletedWorkspaces(process.client).catch(() => []);
        if (found?.state === 'Purging' && (await allRows(folder)).get('resources')!.some(({ kind }) => kind === 'purgedWorkspaces'))
          resolve();
      }),
    );
    await deleteWorkspace(process.client, 'vision', { isForGood: true });
    await isPurging;
    await process.kill();
    feed.dispose();
    const between = await allRows(folder);
    assert.notDeepEqual(rowsOf(between, vision), {}, 'it was killed too late');
    process = await start();
    const client2 = process.client;
    const again = new ChangeStream(client2.http, { kinds: ['workspace'] });
    await new Promise<void>((resolve) => {
      const look = async () => {
        if ((await listDeletedWorkspaces(client2)).length === 0) resolve();
      };
      again.onDidChangeState((state) => state === 'live' && look());
      again.onDidChange(look);
    });
    again.dispose();
    const now = await allRows(folder);
    assert.deepEqual(rowsOf(now, vision), {});
    assert.deepEqual(rowsOf(now, speech), rowsOf(between, speech));
  });
});
