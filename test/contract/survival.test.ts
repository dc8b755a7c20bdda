import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { ensurePlane, findPlane } from '../../src/plane/ensurePlane.ts';
import { isAlive } from '../../src/plane/processIdentity.ts';
import { killUnderWriters } from './killUnderWriters.ts';
import { jobWhen, logOf, shellEnvironment } from './plane.ts';
import { startPlaneProcess } from './planeProcess.ts';
import { bundle } from './updraft.ts';

describe('survival', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-survival-'));
  });
  after(async () => {
    const lock = await findPlane(folder);
    if (lock) await new PlaneClient(lock).stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('keeps a running job through kill -9 of the plane: same address, one execution, whole log', async () => {
    let plane = await startPlaneProcess(folder);
    const { url } = plane.client.http;
    const environmentId = await shellEnvironment(plane.client);
    const gate = path.join(folder, 'gate');
    const marks = path.join(folder, 'marks');
    await plane.client.putJob('survivor', {
      jobType: 'Command',
      environmentId,
      command: `echo before; echo x >> ${marks}; until [ -e ${gate} ]; do read -t 0.05 < <(:) || true; done; echo after`,
    });
    await jobWhen(plane.client, 'survivor', (job) => job.properties.status === 'Running');
    await plane.kill();
    plane = await startPlaneProcess(folder);
    assert.equal(plane.client.http.url, url);
    writeFileSync(gate, '');
    const job = await jobWhen(plane.client, 'survivor');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal(readFileSync(marks, 'utf8'), 'x\n');
    assert.match(await logOf(plane.client, 'survivor'), /^before\nafter\n$/m);
    await plane.kill();
  });

  it('ends when it is told to, while a job runs, which goes on', async () => {
    let plane = await startPlaneProcess(folder);
    const environmentId = await shellEnvironment(plane.client);
    const gate = path.join(folder, 'gate of the end');
    await plane.client.putJob('lasting', {
      jobType: 'Command',
      environmentId,
      command: `until [ -e '${gate}' ]; do read -t 0.05 < <(:) || true; done; echo after`,
    });
    await jobWhen(plane.client, 'lasting', (job) => job.properties.status === 'Running');
    await plane.stop();
    writeFileSync(gate, '');
    plane = await startPlaneProcess(folder);
    const job = await jobWhen(plane.client, 'lasting');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    await plane.stop();
  });

  it('says that a job was interrupted when its process is gone', async () => {
    let plane = await startPlaneProcess(folder);
    const environmentId = await shellEnvironment(plane.client);
    await plane.client.putJob('lost', { jobType: 'Command', environmentId, command: 'sleep 300' });
    await jobWhen(plane.client, 'lost', (job) => job.properties.status === 'Running');
    await plane.kill();
    const group = JSON.parse(readFileSync(path.join(folder, 'runner/jobs/lost/process.json'), 'utf8')).pid;
    process.kill(-group, 'SIGKILL');
    plane = await startPlaneProcess(folder);
    const job = await jobWhen(plane.client, 'lost');
    assert.equal(job.properties.error?.code, 'Interrupted');
    await plane.kill();
  });

  it('says so after the machine was restarted, whoever has the pid by now', async () => {
    let plane = await startPlaneProcess(folder);
    const environmentId = await shellEnvironment(plane.client);
    await plane.client.putJob('rebooted', { jobType: 'Command', environmentId, command: 'sleep 300' });
    await jobWhen(plane.client, 'rebooted', (job) => job.properties.status === 'Running');
    await plane.kill();
    const file = path.join(folder, 'runner/jobs/rebooted/process.json');
    const started = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...started, bootId: 'an earlier one' }));
    plane = await startPlaneProcess(folder);
    const { properties } = await jobWhen(plane.client, 'rebooted');
    assert.equal(properties.status, 'Failed');
    assert.match(properties.error!.message, /interrupted: the machine was restarted/);
    assert.ok(isAlive(started), 'A process of someone else is left alone.');
    process.kill(-started.pid, 'SIGKILL');
    await plane.kill();
  });

  it('loses no acknowledged write and doubles none when it is killed under writers', async () => {
    const { acknowledged, lost, doubled } = await killUnderWriters(path.join(folder, 'writers'), 20);
    assert.ok(acknowledged > 400);
    assert.deepEqual({ lost, doubled }, { lost: [], doubled: [] });
  });

  it('keeps a running job through kill -9 of its runner', async () => {
    const plane = await startPlaneProcess(folder, ['--no-runner']);
    const { url } = plane.client.http;
    const { token } = (await findPlane(folder))!;
    const runner = () =>
      spawn(process.execPath, [bundle, 'runner', '--server', url, '--data', folder], {
        env: { ...process.env, MLFLOW_TRACKING_TOKEN: token },
        stdio: 'ignore',
      });
    const environmentId = await shellEnvironment(plane.client);
    const [gate, marks] = [path.join(folder, 'runner-gate'), path.join(folder, 'runner-marks')];
    let killed = runner();
    await plane.client.putJob('orphan', {
      jobType: 'Command',
      environmentId,
      command: `echo before; echo x >> ${marks}; until [ -e ${gate} ]; do read -t 0.05 < <(:) || true; done; echo after`,
    });
    await jobWhen(plane.client, 'orphan', (job) => job.properties.status === 'Running');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    killed = runner();
    writeFileSync(gate, '');
    const job = await jobWhen(plane.client, 'orphan');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal(readFileSync(marks, 'utf8'), 'x\n');
    assert.match(await logOf(plane.client, 'orphan'), /^before\nafter\n$/m);
    killed.kill();
    await once(killed, 'exit');
    await plane.kill();
  });

  const found = (program = bundle, version = '0.0.1') =>
    ensurePlane({ dataFolder: folder, command: [process.execPath, program], version, environment: process.env });

  it('is found or started once by many at the same time', async () => {
    const locks = await Promise.all(Array.from({ length: 4 }, () => found()));
    assert.equal(new Set(locks.map((lock) => lock.pid)).size, 1);
    await new PlaneClient(locks[0]!).stop();
  });

  it('is replaced after an update of the program that started it, by many at the same time; its jobs go on', async () => {
    const program = path.join(folder, 'program');
    cpSync(path.dirname(bundle), program, { recursive: true, filter: (file) => !/\/(?:extension|language|webview)/.test(file) });
    const entry = path.join(program, 'updraft.mjs');
    const [first, other] = [await found(entry), await found()];
    assert.equal(other.pid, first.pid, 'another program of the same version takes what it finds');
    const client = new PlaneClient(first);
    const gate = path.join(folder, 'gate of the update');
    const environmentId = await shellEnvironment(client);
    await client.putJob('updated', {
      jobType: 'Command',
      environmentId,
      command: `until [ -e '${gate}' ]; do read -t 0.05 < <(:) || true; done; echo "arenas: \${MALLOC_ARENA_MAX-as usual}"`,
    });
    await jobWhen(client, 'updated', (job) => job.properties.status === 'Running');
    const now = new Date();
    utimesSync(entry, now, now);
    const second = await Promise.all(Array.from({ length: 4 }, () => found(entry)));
    assert.equal(new Set(second.map((lock) => lock.pid)).size, 1);
    assert.notEqual(second[0]!.pid, first.pid);
    assert.equal(second[0]!.url, first.url);
    const [third, fourth] = [await found(bundle, '99.0.0'), await found(bundle, '0.0.1')];
    assert.notEqual(third.pid, second[0]!.pid, 'a newer version replaces an older one');
    assert.equal(fourth.pid, third.pid, 'an older version takes a newer one');
    writeFileSync(gate, '');
    const job = await jobWhen(new PlaneClient(third), 'updated');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.match(await logOf(new PlaneClient(third), 'updated'), /^arenas: as usual$/m);
    await new PlaneClient(third).stop();
  });

  it('is left as it is where a person started it', async () => {
    const plane = await startPlaneProcess(folder);
    assert.equal((await found(bundle, '99.0.0')).pid, (await findPlane(folder))!.pid);
    await plane.kill();
  });
});
