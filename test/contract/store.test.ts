import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Blobs } from '../../src/store/blobs.ts';
import { BlobFolder } from '../../src/store/folder/blobFolder.ts';
import { backupStore, restoreStore } from '../../src/store/maintenance/backupStore.ts';
import { checkStore } from '../../src/store/maintenance/checkStore.ts';
import { storeParts } from '../../src/store/maintenance/storeParts.ts';
import { startPlane, type TestPlane } from './plane.ts';

describe('a store', function () {
  this.timeout(30_000);
  let plane: TestPlane;
  let run: string;
  const folders: string[] = [];
  const extra = (name: string): string => {
    const folder = `${plane.folder}-${name}`;
    folders.push(folder);
    return folder;
  };
  const post = async (route: string, body: unknown): Promise<any> => {
    const response = await fetch(`${plane.url}/api/2.0/mlflow/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const log = (from: number, count: number) =>
    post('runs/log-batch', {
      run_id: run,
      metrics: Array.from({ length: count }, (_, i) => ({ key: 'loss', value: Math.sin(from + i), timestamp: from + i, step: from + i })),
    });

  beforeEach(async () => {
    plane = await startPlane({ withRunner: false });
    run = (await post('runs/create', { experiment_id: '0', start_time: 1 })).body.run.info.run_id;
    await fetch(`${plane.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/notes.txt`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${plane.token}` },
      body: 'kept',
    });
  });
  afterEach(async () => {
    await plane.remove();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('is backed up while it is written to, and restored with everything in it', async () => {
    for (let from = 0; from < 20_000; from += 1000) assert.equal((await log(from, 1000)).status, 200);
    let writing = true;
    const writer = (async () => {
      for (let from = 20_000; writing; from += 10) await log(from, 10);
    })();
    const backup = extra('backup');
    const { blobs } = await backupStore(plane.folder, backup);
    writing = false;
    await writer;
    assert.equal(blobs, 1);
    assert.deepEqual((await checkStore(plane.folder, true)).problems, []);

    const restored = extra('restored');
    const { check, moved } = await restoreStore(backup, restored, false);
    assert.equal(moved, undefined);
    assert.ok(check.points >= 20_000);
    await assert.rejects(restoreStore(backup, restored, false), { code: 'Conflict' });
    const again = await restoreStore(backup, restored, true);
    assert.ok(readdirSync(again.moved!).includes('updraft.db'));

    const other = await startPlane({ withRunner: false }, restored);
    try {
      const { series } = await other.client.metricSeries(run, ['loss'], 100_000);
      assert.equal(series[0]!.total, check.points);
      const notes = await fetch(`${other.url}/updraft/artifacts/${run}/notes.txt`, { headers: { authorization: `Bearer ${other.token}` } });
      assert.equal(await notes.text(), 'kept');
    } finally {
      await other.stop();
    }
  });

  it('is backed up whole while contents lose their names and are removed', async () => {
    const artifact = `${plane.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts`;
    const headers = { authorization: `Bearer ${plane.token}` };
    await fetch(`${artifact}/gone.txt`, { method: 'PUT', headers, body: 'gone in the middle' });
    await plane.client.appendLog(run, 'user_logs/std_log.txt', 0, Buffer.from('a line\n'));
    const blobs = new BlobFolder(path.join(plane.folder, 'blobs'));
    const gone = createHash('sha256').update('gone in the middle').digest('hex');
    // As it is about to be copied, another process removes it.
    let reads = 0;
    const busy: Blobs = {
      put: (...given) => blobs.put(...given),
      file: (...given) => blobs.file(...given),
      size: (...given) => blobs.size(...given),
      has: (...given) => blobs.has(...given),
      hold: (...given) => blobs.hold(...given),
      sweep: (...given) => blobs.sweep(...given),
      read: async (...given) => {
        if (given[0] === gone && reads++ === 0) {
          await fetch(`${artifact}/gone.txt`, { method: 'DELETE', headers });
          await blobs.sweep((sha256) => sha256 !== gone, Date.now() + 60_000);
        }
        return blobs.read(...given);
      },
    };
    const backup = extra('backup');
    assert.equal((await backupStore(plane.folder, backup, { ...storeParts(plane.folder), blobs: busy })).blobs, 1);
    assert.equal(reads, 1);
    assert.deepEqual((await checkStore(backup, true)).problems, []);
    const restored = extra('restored');
    await restoreStore(backup, restored, false);
    assert.equal(await text(await storeParts(restored).logs.read(run, 'user_logs/std_log.txt')), 'a line\n');
    assert.equal(await storeParts(restored).blobs.size(gone), undefined);
  });

  it('that lacks a content is not taken for whole', async () => {
    const { blobs } = storeParts(plane.folder);
    await blobs.sweep(() => false, Date.now() + 60_000);
    await assert.rejects(backupStore(plane.folder, extra('backup')), { code: 'NotFound', message: /notes\.txt" is missing/ });
  });

  it('says what is damaged, and never restores from it', async () => {
    await log(0, 1000);
    const backup = extra('backup');
    await backupStore(plane.folder, backup);
    await assert.rejects(backupStore(plane.folder, backup), { code: 'Conflict' });
    const file = readdirSync(path.join(backup, 'blobs'), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(backup, 'blobs', name))
      .find((name) => statSync(name).isFile())!;
    writeFileSync(file, 'lost');
    assert.match((await checkStore(backup, true)).problems.join(), /notes\.txt": its content was changed/);
    await assert.rejects(restoreStore(backup, extra('new'), false), { code: 'InvalidValue', message: /damaged/ });
    rmSync(file);
    assert.match((await checkStore(backup)).problems.join(), /notes\.txt": its content is missing/);

    const manifest = JSON.parse(readFileSync(path.join(backup, 'backup.json'), 'utf8'));
    writeFileSync(path.join(backup, 'backup.json'), JSON.stringify({ ...manifest, format: 999 }));
    await assert.rejects(restoreStore(backup, extra('newer'), false), { code: 'DataFolderNewer' });
    await assert.rejects(restoreStore(extra('nothing'), extra('else'), false), { code: 'NotFound', message: /is no backup/ });
  });

  it('finds a chunk whose bytes were changed', async () => {
    for (let from = 0; from < 20_000; from += 1000) await log(from, 1000);
    const { folder } = plane;
    await plane.stop();
    const db = new DatabaseSync(path.join(folder, 'updraft.db'));
    db.exec("UPDATE metric_data SET data = x'0102030405' WHERE id = (SELECT min(id) FROM metric_data)");
    db.close();
    const { problems } = await checkStore(folder);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^metric "loss" of job \w+: a chunk of \d+ points can't be read/);
  });

  it('refuses a data folder of a newer Updraft', async () => {
    await plane.stop();
    const db = new DatabaseSync(path.join(plane.folder, 'updraft.db'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    await assert.rejects(checkStore(plane.folder), { code: 'DataFolderNewer' });
    await assert.rejects(startPlane({}, plane.folder), { code: 'DataFolderNewer' });
  });

  it('takes plain metrics by the short way and gives everything else its ordinary answer', async () => {
    assert.deepEqual((await post('runs/log-metric', { run_id: run, key: 'acc', value: 0.5, timestamp: 1, step: 2 })).body, {});
    const refused = [
      [{ run_id: run, metrics: [{ key: 'a', value: 'x', timestamp: 1 }] }, 400, 'INVALID_PARAMETER_VALUE'],
      [{ run_id: run, metrics: [{ key: '../a', value: 1, timestamp: 1 }] }, 400, 'INVALID_PARAMETER_VALUE'],
      [{ run_id: run, metrics: [{ key: 'a', value: 1, timestamp: 1, step: 2 ** 64 }] }, 400, 'INVALID_PARAMETER_VALUE'],
      [{ run_id: run, metrics: Array(1001).fill({ key: 'a', value: 1, timestamp: 1 }) }, 400, 'INVALID_PARAMETER_VALUE'],
      [{ run_id: 'absent', metrics: [{ key: 'a', value: 1, timestamp: 1 }] }, 404, 'RESOURCE_DOES_NOT_EXIST'],
    ] as const;
    for (const [body, status, code] of refused) {
      const answer = await post('runs/log-batch', body);
      assert.deepEqual([answer.status, answer.body.error_code], [status, code]);
    }
    await post('runs/log-batch', {
      run_id: run,
      metrics: [{ key: 'nan', value: 'NaN', timestamp: 1 }],
      params: [{ key: 'p', value: '1' }],
    });
    await post('runs/delete', { run_id: run });
    const deleted = await post('runs/log-metric', { run_id: run, key: 'acc', value: 0.6, timestamp: 1, step: 3 });
    assert.match(deleted.body.message, /must be in the 'active' state/);
    const wrong = await fetch(`${plane.url}/api/2.0/mlflow/runs/log-metric`, {
      method: 'POST',
      headers: { authorization: 'Bearer wrong', 'content-type': 'application/json' },
      body: JSON.stringify({ run_id: run, key: 'acc', value: 1, timestamp: 1 }),
    });
    assert.equal(wrong.status, 401);
    const { series } = await plane.client.metricSeries(run, ['acc', 'nan']);
    assert.deepEqual(
      series.map(({ values }) => values),
      [[0.5], [null]],
    );
  });
});
