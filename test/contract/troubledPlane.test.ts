import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import type { Runner } from '../../src/runner/runner.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { fewVariables, runnerElsewhere } from './runnerElsewhere.ts';

/** What happens to a request instead of reaching the plane; undefined lets it through. */
type Trouble = (method: string, path: string, body: string) => Promise<Response> | undefined;

describe('a runner whose plane is in trouble', () => {
  let plane: TestPlane;
  let runner: Runner;
  let environmentId: string;
  let trouble: Trouble = () => undefined;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    environmentId = await shellEnvironment(plane.client);
    const fetch = (input: string, init?: RequestInit) =>
      trouble(init?.method ?? 'GET', new URL(input).pathname, typeof init?.body === 'string' ? init.body : '') ??
      globalThis.fetch(input, init);
    runner = runnerElsewhere(plane, 'elsewhere', { client: new PlaneClient({ ...plane, fetch }) });
  });
  after(async () => {
    await runner.dispose();
    await plane.remove();
  });

  it('goes on when the plane answers again: nothing is run twice, nothing is lost', async () => {
    const marks = path.join(plane.folder, 'marks');
    let refused = 0;
    trouble = (_method, path, body) =>
      /\/report$/.test(path) && /Completed/.test(body) && refused++ < 2 ? Promise.reject(new TypeError('fetch failed')) : undefined;
    await plane.client.putJob('patient', {
      jobType: 'Command',
      environmentId,
      command: `echo x >> ${marks}; echo done; echo 1 > \${{outputs.o}}`,
      outputs: { o: { jobOutputType: 'uri_file' } },
    });
    const job = await jobWhen(plane.client, 'patient');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal(refused, 3);
    assert.equal(readFileSync(marks, 'utf8'), 'x\n');
    assert.equal((await logOf(plane.client, 'patient')).match(/^done$/gm)?.length, 1);
  });

  it('fails a job for which the disk has no room, as soon as that can be said', async () => {
    const full = () =>
      Promise.resolve(
        Response.json(
          { error: { code: 'DiskFull', message: 'The disk that holds the data folder is full; the file was not kept.' } },
          { status: 507 },
        ),
      );
    let refused = 0;
    trouble = (method, path, body) =>
      (method === 'PUT' && path.includes('/blobs/')) || (/\/report$/.test(path) && /Failed/.test(body) && refused++ < 1)
        ? full()
        : undefined;
    await plane.client.putJob('too_big', {
      jobType: 'Command',
      environmentId,
      command: 'echo 1 > ${{outputs.o}}/file; echo 2 > ${{outputs.p}}/file',
      outputs: { o: { jobOutputType: 'uri_folder' }, p: { jobOutputType: 'uri_folder' } },
    });
    const job = await jobWhen(plane.client, 'too_big');
    assert.equal(job.properties.status, 'Failed');
    assert.equal(refused, 2);
  });
});

describe('a runner that is told to end', () => {
  let plane: TestPlane;
  const { PATH, HOME } = fewVariables();
  before(async () => {
    plane = await startPlane({ withRunner: false });
  });
  after(() => plane.remove());

  it('does so while a command is being started, which the next runner follows', async () => {
    const [gate, marks] = [path.join(plane.folder, 'gate'), path.join(plane.folder, 'marks')];
    const ended = Promise.withResolvers<void>();
    // Asked for just before the launcher is: the runner ends between the launcher's being asked and its answer.
    const first = runnerElsewhere(plane, 'runner', {
      jobVariables: async () => {
        setImmediate(() => first.dispose().then(ended.resolve, ended.reject));
        return {};
      },
    });
    await plane.client.putJob('handed_on', {
      jobType: 'Command',
      environmentId: await shellEnvironment(plane.client),
      command: `echo x >> ${marks}; until [ -e ${gate} ]; do read -t 0.05 < <(:) || true; done`,
    });
    await ended.promise;
    writeFileSync(gate, '');
    const next = runnerElsewhere(plane, 'runner');
    const job = await jobWhen(plane.client, 'handed_on');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal(readFileSync(marks, 'utf8'), 'x\n');
    await next.dispose();
  });

  it('does not wait for an environment that is being built', async () => {
    const programs = mkdtempSync(path.join(plane.folder, 'programs-'));
    const asked = path.join(programs, 'asked');
    // An installer that never comes to an end.
    writeFileSync(path.join(programs, 'uv'), `#!/bin/sh\necho > '${asked}'; exec sleep 600\n`, { mode: 0o755 });
    const runner = runnerElsewhere(plane, 'builder', { environment: { PATH: `${programs}:${PATH}`, HOME } });
    const isAsked = new Promise<void>((resolve) => {
      const watcher = watch(programs, () => {
        if (!existsSync(asked)) return;
        watcher.close();
        resolve();
      });
    });
    await plane.client.putAsset('environments', 'slow', '1', {
      image: 'ubuntu:22.04',
      condaFile: 'dependencies:\n  - python\n  - pip:\n      - never-there\n',
    });
    await plane.client.putJob('building', {
      jobType: 'Command',
      environmentId: assetId(defaultWorkspace, 'environments', 'slow', '1'),
      command: 'true',
    });
    await isAsked;
    await runner.dispose();
    assert.equal((await plane.client.getJob('building')).properties.status, 'Preparing');
  });
});
