import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type S3Server, startS3Server } from '../../scripts/s3Server.ts';
import { downloadJob } from '../../src/download/downloadJob.ts';
import { workspacePath } from '../../src/protocol/arm.ts';
import { blobContainer } from '../../src/protocol/asset.ts';
import { checkStore } from '../../src/store/maintenance/checkStore.ts';
import { openBucket } from '../../src/store/s3/bucket.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen, logOf, shellEnvironment, startPlane } from './plane.ts';
import { writeIn } from './writeIn.ts';

describe('a control plane whose contents are in a bucket of S3', () => {
  let server: S3Server;
  let folder: string;
  let work: string;
  let environment: Record<string, string>;
  let url: string;
  before(async function () {
    // The first run on a machine makes the server.
    this.timeout(600_000);
    server = await startS3Server();
    [folder, work] = [mkdtempSync(path.join(tmpdir(), 'updraft-')), mkdtempSync(path.join(tmpdir(), 'updraft-work-'))];
    const bucket = await server.bucket('contents');
    url = bucket.url;
    environment = {
      ...(process.env as Record<string, string>),
      AWS_REGION: bucket.region,
      AWS_ACCESS_KEY_ID: bucket.accessKeyId,
      AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
    };
  });
  after(async () => {
    await server?.stop();
    for (const each of [folder, work]) if (each) rmSync(each, { recursive: true, force: true });
  });

  it('keeps the code and outputs of a job there, and finds them after a new start without its own folder', async () => {
    const plane = await startPlane({ blobs: url }, folder, environment);
    await shellEnvironment(plane.client);
    writeIn(work, 'say.txt', 'from the snapshot');
    const file = writeIn(
      work,
      'job.yml',
      `type: command
code: .
command: cat say.txt; echo "key=[$AWS_SECRET_ACCESS_KEY]"; echo result > \${{outputs.out}}/result.txt
environment: azureml:shell:1
outputs: {out: {type: uri_folder}}
`,
    );
    const { name } = (await submitJob({ client: plane.client, file })).job;
    const job = await jobWhen(plane.client, name);
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    const log = await logOf(plane.client, name);
    assert.match(log, /from the snapshot/);
    // What opens the bucket is not for jobs.
    assert.match(log, /key=\[\]/);
    await plane.stop();
    rmSync(path.join(folder, 'blobs-of-bucket'), { recursive: true });
    const again = await startPlane({ blobs: `${url}/` }, folder, environment);
    await downloadJob(again.client, job, path.join(work, 'got'));
    assert.equal(readFileSync(path.join(work, 'got/named-outputs/out/result.txt'), 'utf8'), 'result\n');
    await again.stop();
  });

  it('is not started where its contents would be missing', async () => {
    await assert.rejects(startPlane({}, folder, environment), { code: 'InvalidArgument', message: /are in http.*contents/ });
    await assert.rejects(startPlane({ blobs: `${url}-other` }, folder, environment), {
      code: 'InvalidArgument',
      message: /not in .*-other/,
    });
    await assert.rejects(checkStore(folder, true), { code: 'NotImplemented', message: /neither checked nor copied/ });
    const own = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    const local = await startPlane({}, own, environment);
    await shellEnvironment(local.client);
    const { name } = (await submitJob({ client: local.client, file: path.join(work, 'job.yml') })).job;
    await jobWhen(local.client, name);
    await local.stop();
    await assert.rejects(startPlane({ blobs: url }, own, environment), { message: /does not move them to a bucket/ });
    rmSync(own, { recursive: true, force: true });
  });

  it('says what is wrong with an address, a key or a bucket before it takes anything', async () => {
    const own = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    const start = (blobs: string, more: Record<string, string> = {}) => startPlane({ blobs }, own, { ...environment, ...more });
    await assert.rejects(start('s3://'), { code: 'InvalidValue', hint: /s3:\/\/NAME/ });
    await assert.rejects(start('https://example.org/a/b'), { code: 'InvalidValue' });
    await assert.rejects(start(url, { AWS_SECRET_ACCESS_KEY: '' }), { message: /no key for the bucket/ });
    await assert.rejects(start(`${url}-that-is-not-there`), { message: /There is no bucket contents-that-is-not-there/ });
    if (server.name === 'versitygw') await assert.rejects(start(url, { AWS_SECRET_ACCESS_KEY: 'wrong' }), { code: 'Forbidden' });
    assert.equal(readFileSync(path.join(folder, 'contents'), 'utf8'), url);
    rmSync(own, { recursive: true, force: true });
  });

  it("tells Azure's clients to try again while the bucket is away", async () => {
    const own = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    const away = await startS3Server();
    const plane = await startPlane({ blobs: (await away.bucket('contents')).url, withRunner: false }, own, environment);
    try {
      const { sasToken } = await plane.client.http.json<{ sasToken: string }>(
        'POST',
        `${workspacePath(plane.client.workspace)}/datastores/workspaceblobstore/listSecrets`,
        {},
      );
      await away.stop();
      const answer = await fetch(`${plane.url}/${blobContainer}/late.txt?${sasToken}`, {
        method: 'PUT',
        body: 'late',
        headers: { 'x-ms-blob-type': 'BlockBlob' },
      });
      assert.deepEqual([answer.status, answer.headers.get('x-ms-error-code')], [503, 'ServerBusy']);
      assert.match(await answer.text(), /The store of contents at 127\.0\.0\.1:\d+ can&apos;t be reached/);
    } finally {
      await plane.remove();
    }
  });

  it('has nothing left of what asked whether the bucket can be used', async () => {
    const { url: address, ...key } = { url, region: environment.AWS_REGION!, accessKeyId: environment.AWS_ACCESS_KEY_ID! };
    const bucket = openBucket({ url: address, ...key, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY! });
    assert.deepEqual((await bucket.listObjects('/', 'held/check')) ?? [], []);
  });
});
