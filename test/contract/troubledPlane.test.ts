import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { silentLogger } from '../../src/base/logger.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { type Runner, startRunner } from '../../src/runner/runner.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

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
    const { PATH = '', HOME = '' } = process.env;
    runner = startRunner({
      client: new PlaneClient({ ...plane, fetch }),
      planeUrl: plane.url,
      token: plane.token,
      folder: path.join(plane.folder, 'elsewhere'),
      environment: { PATH, HOME },
      logger: silentLogger,
    });
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
