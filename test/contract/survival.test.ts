import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { ensurePlane, findPlane } from '../../src/plane/ensurePlane.ts';
import { jobWhen, logOf, shellEnvironment } from './plane.ts';

const root = path.resolve(import.meta.dirname, '../..');
const bundle = path.join(root, 'dist/updraft.mjs');

/** The built control plane in a process of its own, to be killed. */
async function start(folder: string): Promise<{ client: PlaneClient; kill(): Promise<void> }> {
  const child: ChildProcess = spawn(process.execPath, [bundle, 'serve', '--data', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}`)));
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    client: new PlaneClient((await findPlane(folder))!),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('survival', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-survival-'));
  });
  after(async () => {
    const lock = await findPlane(folder);
    if (lock) await new PlaneClient(lock).stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps a running job through kill -9 of the plane: same address, one execution, whole log', async () => {
    let plane = await start(folder);
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
    plane = await start(folder);
    assert.equal(plane.client.http.url, url);
    spawn('touch', [gate]);
    const job = await jobWhen(plane.client, 'survivor');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal(readFileSync(marks, 'utf8'), 'x\n');
    assert.match(await logOf(plane.client, 'survivor'), /^before\nafter\n$/m);
    await plane.kill();
  });

  it('says that a job was interrupted when its process is gone', async () => {
    let plane = await start(folder);
    const environmentId = await shellEnvironment(plane.client);
    await plane.client.putJob('lost', { jobType: 'Command', environmentId, command: 'sleep 300' });
    await jobWhen(plane.client, 'lost', (job) => job.properties.status === 'Running');
    await plane.kill();
    const group = JSON.parse(readFileSync(path.join(folder, 'runner/jobs/lost/process.json'), 'utf8')).pid;
    process.kill(-group, 'SIGKILL');
    plane = await start(folder);
    const job = await jobWhen(plane.client, 'lost');
    assert.equal(job.properties.error?.code, 'Interrupted');
    await plane.kill();
  });

  it('loses no acknowledged write and doubles none when it is killed under writers', async () => {
    const acknowledged = new Set<number>();
    let next = 0;
    for (let round = 0; round < 5; round++) {
      const plane = await start(folder);
      if (round === 0) await plane.client.putJob('written', { jobType: 'Command', command: '', environmentId: '' });
      let killed = false;
      const writers = Array.from({ length: 8 }, async () => {
        while (!killed) {
          const step = next++;
          try {
            await plane.client.logBatch('written', { metrics: [{ key: 'm', value: step, timestamp: step, step }] });
            acknowledged.add(step);
          } catch {
            return;
          }
        }
      });
      // The kill falls between two answers, wherever the plane then is in its work.
      const enough = acknowledged.size + 40 + Math.floor(Math.random() * 80);
      while (acknowledged.size < enough) await new Promise((resolve) => setImmediate(resolve));
      await plane.kill();
      killed = true;
      await Promise.all(writers);
    }
    const plane = await start(folder);
    const { series } = await plane.client.metricSeries('written', ['m'], 100_000);
    const steps = series[0]!.steps;
    assert.equal(new Set(steps).size, steps.length);
    const present = new Set(steps);
    assert.deepEqual(
      [...acknowledged].filter((step) => !present.has(step)),
      [],
    );
    await plane.kill();
  });

  it('is found or started once by many at the same time', async () => {
    const locks = await Promise.all(
      Array.from({ length: 4 }, () => ensurePlane({ dataFolder: folder, command: [process.execPath, bundle] })),
    );
    assert.equal(new Set(locks.map((lock) => lock.pid)).size, 1);
    await new PlaneClient(locks[0]!).stop();
  });
});
