import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import pg from 'pg';
import { startS3Server } from '../../scripts/s3Server.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';
import type { PostgresPlace } from '../../src/store/postgres/connection.ts';
import { placeOf } from '../unit/store/postgresServer.ts';
import { mlflowCalls } from './hookCalls.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { bundle, type Finished, updraft } from './updraft.ts';

const addressOf = ({ url, schema }: PostgresPlace) => `${url}?schema=${schema}`;

describe('a plane in PostgreSQL is checked, backed up and restored', function () {
  this.timeout(120_000);
  let folder: string;
  let plane: TestPlane;
  let place: PostgresPlace;
  let run: string;
  const planes: TestPlane[] = [];
  const clients: pg.Client[] = [];

  before(async () => {
    // Started once, it is there for all.
    await connectTo(placeOf('first'));
  });
  after(async () => {
    for (const each of clients) await each.end();
  });
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-team-store-'));
    place = placeOf(folder);
    plane = await start('data', place);
    run = await fill(plane);
  });
  afterEach(async () => {
    for (const each of planes.splice(0)) await each.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(data: string, at: PostgresPlace): Promise<TestPlane> {
    mkdirSync(path.join(folder, data), { recursive: true });
    const key = path.join(folder, 'key-for-secrets');
    if (!existsSync(key)) writeFileSync(key, Buffer.alloc(32, 7).toString('base64'));
    const started = await startPlane({ team: true, database: addressOf(at), secretsKeyFile: key }, path.join(folder, data));
    planes.push(started);
    return started;
  }

  async function connectTo({ url, schema }: PostgresPlace): Promise<pg.Client> {
    for (;;) {
      const client = new pg.Client({ connectionString: url, options: `-c search_path=${schema}` });
      client.on('error', () => {});
      try {
        await client.connect();
        clients.push(client);
        return client;
      } catch (error) {
        // It is being started.
        if (!['ENOENT', 'ECONNREFUSED', '57P03'].includes((error as { code?: string }).code ?? '')) throw error;
      }
    }
  }

  /** Something of every sort; answers the run. */
  async function fill({ url, token, client }: TestPlane): Promise<string> {
    const mlflow = mlflowCalls({ url, token });
    await client.http.json('POST', '/updraft/team/members', { kind: 'user', name: 'ann@example.org', role: 'Contributor' });
    const made = await mlflow.ok('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
    const id = made.run.info.run_id as string;
    await mlflow.ok('POST', 'runs/log-batch', { run_id: id, params: [{ key: 'odd', value: 'a "b"\\,\n\u0000\u0001ü🚀\u2028' }] });
    for (let step = 0; step < 40; step++) {
      const metrics = Array.from({ length: 1000 }, (_, i) => ({
        key: 'loss',
        value: Math.sin(i),
        timestamp: step * 1000 + i,
        step: step * 1000 + i,
      }));
      await mlflow.ok('POST', 'runs/log-batch', { run_id: id, metrics });
    }
    await mlflow.ok('POST', 'runs/log-metric', { run_id: id, key: 'odd', value: 'NaN', timestamp: 1, step: 1 });
    for (const name of ['model.bin', 'notes.txt']) {
      const to = `/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/${name}`;
      const { status } = await fetch(url + to, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}` },
        body: `${name} ${'x'.repeat(5000)}`,
      });
      assert.equal(status, 200);
    }
    await client.appendLog(id, logFile, 0, new TextEncoder().encode('a line of the log\n'));
    return id;
  }

  const command = (words: string[], data = 'data', at = place): Promise<Finished> =>
    updraft(path.join(folder, data), ['store', ...words, '--data', path.join(folder, data)], {
      env: { UPDRAFT_DATABASE: undefined, ...(words.includes('--database') ? {} : { UPDRAFT_DATABASE: addressOf(at) }) },
    });
  const withDatabase = (at: PostgresPlace) => ['--database', addressOf(at)];
  /** Files of contents that are kept. */
  const contentsOf = (data: string) => globSync(path.join(folder, data, 'blobs/*/*')).filter((file) => /[0-9a-f]{60}/.test(file));
  /** All rows, as PostgreSQL writes them, by table. */
  async function rowsOf(at: PostgresPlace): Promise<Record<string, string[]>> {
    const client = await connectTo(at);
    const { rows: tables } = await client.query('SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY 1', [at.schema]);
    const found: Record<string, string[]> = {};
    for (const { name } of tables)
      found[name] = (await client.query(`SELECT t::text AS line FROM "${name}" t ORDER BY 1`)).rows.map(({ line }) => line);
    return found;
  }

  it('is right as it is, and each damage is told with its place', async () => {
    const whole = await command(['check', '--contents', ...withDatabase(place)]);
    assert.match(whole.stdout, /Everything is as it should be/, whole.stderr);
    assert.match(whole.stdout, /metrics +40001 points/);
    assert.match(whole.stdout, /audit +[1-9]\d* lines/);
    assert.equal(whole.code, 0);
    await plane.stop();
    const client = await connectTo(place);
    const { rows } = await client.query('DELETE FROM changes WHERE seq = (SELECT max(seq) - 3 FROM changes) RETURNING seq');
    await client.query(
      "UPDATE entities SET body = replace(body, '/updraft/team/members', '/updraft/team/nothing') WHERE kind = 'auditLine'",
    );
    await client.query("UPDATE metric_data SET data = '\\x0102' WHERE id = (SELECT min(id) FROM metric_data)");
    const [one, other] = contentsOf('data');
    rmSync(one!);
    writeFileSync(other!, 'y'.repeat(5010));
    truncateSync(other!, 5010);
    const found = await command(['check', '--contents', ...withDatabase(place)]);
    assert.equal(found.code, 1);
    assert.match(found.stdout, new RegExp(`change log: change ${rows[0].seq} is missing`));
    assert.match(found.stdout, /audit log: Line \d+ was changed/);
    assert.match(found.stdout, /metric "loss" of job [\w-]+: /);
    assert.match(found.stdout, /file ".*(?:model.bin|notes.txt)": its content is missing/);
    assert.match(found.stdout, /file ".*(?:model.bin|notes.txt)": (?:its content was changed|\d+ bytes instead of \d+)/);
    assert.doesNotMatch(found.stdout + found.stderr, /\n {4}at /);
  });

  it('comes back whole in an empty database, with a new epoch that readers notice', async () => {
    const target = path.join(folder, 'backup');
    const status = await plane.client.status();
    const config = path.join(folder, 'team.yml');
    writeFileSync(config, 'auditDays: 30\n');
    const made = await command(['backup', target, '--config', config]);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /rows of \d+ tables, and 2 files/);
    const then = await rowsOf(place);
    const mlflow = mlflowCalls(plane);
    // What comes later is not in it.
    await mlflow.ok('POST', 'runs/set-tag', { run_id: run, key: 'later', value: '1' });
    const later = await plane.client.status();
    assert.ok(later.seq > status.seq);

    const other = placeOf(path.join(folder, 'restored'));
    const restored = await command(['restore', target, ...withDatabase(other)], 'restored', other);
    assert.equal(restored.code, 0, restored.stderr);
    const now = await rowsOf(other);
    assert.equal(now.epochs!.length, then.epochs!.length + 1);
    for (const [table, rows] of Object.entries(then))
      if (!['epochs', 'leases', 'plane'].includes(table)) assert.deepEqual(now[table], rows, table);
    assert.match(
      (await command(['check', '--contents', ...withDatabase(other)], 'restored', other)).stdout,
      /Everything is as it should be/,
    );

    const next = await start('restored', other);
    assert.equal(next.token, plane.token);
    const again = mlflowCalls(next);
    const read = (await again.ok('GET', `runs/get?run_id=${run}`)).run;
    assert.equal(read.data.params[0].value, 'a "b"\\,\n\u0000\u0001ü🚀\u2028');
    assert.deepEqual(
      read.data.tags.filter(({ key }: { key: string }) => key === 'later'),
      [],
    );
    assert.equal(Buffer.from(await next.client.readLog(run, logFile)).toString(), 'a line of the log\n');
    // Numbers go on where they were, so that no new row takes the place of an old one.
    await again.ok('POST', 'experiments/create', { name: 'after the restore' });
    await again.ok('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
    const follow = (since: { plane: string; epoch: string; seq: number }) => new ChangeStream(new PlaneClient(next).http, { since });
    const ahead = follow({ plane: later.id, epoch: later.epoch, seq: later.seq });
    await new Promise<void>((resolve) => ahead.onDidReset(() => resolve()));
    ahead.dispose();
    const behind = follow({ plane: status.id, epoch: status.epoch, seq: status.seq - 1 });
    let resets = 0;
    behind.onDidReset(() => resets++);
    await new Promise<void>((resolve) => behind.onDidChange(() => resolve()));
    behind.dispose();
    assert.equal(resets, 0);
  });

  it('is not restored over another, nor from what is damaged, and then nothing is written', async () => {
    const target = path.join(folder, 'backup');
    assert.equal((await command(['backup', target, ...withDatabase(place)])).code, 0);
    const again = await command(['backup', target, ...withDatabase(place)]);
    assert.match(again.stderr, /exists already/);
    const over = await command(['restore', target, ...withDatabase(place)]);
    assert.equal(over.code, 1);
    assert.match(over.stderr, /is not empty/);
    const other = placeOf(path.join(folder, 'other'));
    const refused = async (message: RegExp) => {
      const found = await command(['restore', target, ...withDatabase(other)], 'other', other);
      assert.notEqual(found.code, 0);
      assert.match(found.stderr, message);
      assert.doesNotMatch(found.stderr, /\n {4}at /);
      assert.deepEqual(await rowsOf(other), {});
    };
    const [content] = contentsOf('backup');
    rmSync(content!);
    await refused(/The backup is damaged: the content [0-9a-f]{64} of the file/);
    truncateSync(path.join(target, 'tables/jobs.rows.gz'), 10);
    await refused(/jobs\.rows\.gz was changed since it was made/);
    rmSync(path.join(target, 'backup.json'));
    await refused(/is no backup of a control plane with a database/);
    const none = await command(['check', ...withDatabase(other)], 'other', other);
    assert.match(none.stderr, /has no control plane/);
    const away = await command(['check', ...withDatabase({ url: 'postgres://127.0.0.1:1/none', schema: 'x' })]);
    assert.match(away.stderr, /does not answer/);
  });

  it('has its contents in a bucket, and comes back with another one', async function () {
    // The first run on a machine makes the server of S3.
    this.timeout(600_000);
    const s3 = await startS3Server();
    try {
      const [one, two] = [await s3.bucket('contents'), await s3.bucket('restored')];
      const environment = ({ region, accessKeyId, secretAccessKey }: typeof one) => ({
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      });
      const key = path.join(folder, 'key-for-secrets');
      const [from, to] = [placeOf(path.join(folder, 'from')), placeOf(path.join(folder, 'to'))];
      const startWith = async (data: string, at: PostgresPlace, bucket: typeof one) => {
        mkdirSync(path.join(folder, data));
        const options = { team: true, database: addressOf(at), secretsKeyFile: key, blobs: bucket.url };
        const started = await startPlane(options, path.join(folder, data), environment(bucket));
        planes.push(started);
        return started;
      };
      const first = await startWith('from', from, one);
      const id = await fill(first);
      const run = (words: string[], at: PostgresPlace, bucket: typeof one) =>
        updraft(path.join(folder, 'nothing'), ['store', ...words], {
          env: { ...environment(bucket), UPDRAFT_DATABASE: addressOf(at), UPDRAFT_BLOBS: bucket.url },
        });
      const target = path.join(folder, 'backup');
      assert.match((await run(['backup', target], from, one)).stdout, /and 2 files/);
      const done = await run(['restore', target], to, two);
      assert.equal(done.code, 0, done.stderr);
      const checked = await run(['check', '--contents'], to, two);
      assert.match(checked.stdout, /Everything is as it should be/, checked.stdout + checked.stderr);
      const elsewhere = await run(['check'], to, await s3.bucket('empty'));
      assert.match(elsewhere.stdout, /its content is missing/);
      const next = await startWith('to', to, two);
      const artifact = `/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/model.bin`;
      const answer = await fetch(next.url + artifact, { headers: { authorization: `Bearer ${next.token}` } });
      assert.equal(await answer.text(), `model.bin ${'x'.repeat(5000)}`);
    } finally {
      for (const each of planes.splice(0)) await each.stop();
      await s3.stop();
    }
  });

  it('leaves what says that it is not whole, where the backup is killed', async () => {
    const target = path.join(folder, 'backup');
    // The backup waits for this table.
    const client = await connectTo(place);
    await client.query('BEGIN; LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE');
    const begun = until(folder, () =>
      readdirSync(folder).some((name) => name.startsWith('backup.part-') && existsSync(path.join(folder, name, 'tables'))),
    );
    const child: ChildProcess = spawn(
      process.execPath,
      [bundle, 'store', 'backup', target, ...withDatabase(place), '--data', path.join(folder, 'data')],
      { stdio: 'ignore' },
    );
    await begun;
    child.kill('SIGKILL');
    await once(child, 'exit');
    await client.query('ROLLBACK');
    assert.equal(existsSync(target), false);
    const [part] = readdirSync(folder).filter((name) => name.startsWith('backup.part-'));
    const other = placeOf(path.join(folder, 'other'));
    const found = await command(['restore', path.join(folder, part!), ...withDatabase(other)], 'other', other);
    assert.match(found.stderr, /did not come to its end/);
    assert.deepEqual(await rowsOf(other), {});
  });
});

/** Settles when this holds, looked at whenever something in the folder or below it changes. */
function until(folder: string, test: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, { recursive: true }, () => {
      if (!test()) return;
      watcher.close();
      resolve();
    });
  });
}
