import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { mapParallel } from '../../src/base/parallel.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { downloadJob } from '../../src/download/downloadJob.ts';
import { downloadFolder } from '../../src/download/downloadUri.ts';
import { blobContainer } from '../../src/protocol/asset.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';
import { ContentCache } from '../../src/runner/contentCache.ts';
import { materialise } from '../../src/runner/inputs.ts';
import { uploadData } from '../../src/submit/upload.ts';
import { blobSource, downloadFile } from '../../src/transfer/downloadFile.ts';
import { uploadFile } from '../../src/transfer/uploadFile.ts';
import { cuttingProxy, type Fate } from './cuttingProxy.ts';
import { jobWhen, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { runnerElsewhere } from './runnerElsewhere.ts';

/** Settles when there is nothing in a folder: the plane hears of the last cut a little later than the client. */
const isEmpty = (folder: string) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (readdirSync(folder).length > 0) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(folder, look);
    look();
  });
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a network that is cut', function () {
  this.timeout(60_000);
  let plane: TestPlane;
  let folder: string;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    folder = mkdtempSync(path.join(plane.folder, 'local-'));
  });
  after(() => plane.remove());

  /** Runs `work` with a client behind such a network. */
  async function over<T>(fateOf: (connection: number) => Fate | undefined, work: (client: PlaneClient) => Promise<T>): Promise<T> {
    const proxy = await cuttingProxy(plane.url, fateOf);
    try {
      return await work(new PlaneClient({ url: proxy.url, token: plane.token }));
    } finally {
      await proxy.close();
    }
  }
  const put = async (name: string, bytes: Uint8Array) => (await plane.client.writeBlob(blobContainer, name, bytes as BodyInit)).sha256;
  const get = async (name: string) => Buffer.from(await (await plane.client.readBlob(blobContainer, name)).arrayBuffer());
  const everyByte = (last: number, step: number) => Array.from({ length: Math.ceil(last / step) }, (_, i) => i * step);

  it('at any byte of an answer does not keep a file from arriving', async () => {
    const bytes = randomBytes(1500);
    const sha256 = await put('small.bin', bytes);
    await mapParallel(everyByte(2200, 23), 25, (cut) =>
      over(
        (connection) => (connection === 0 ? { cutDown: cut } : undefined),
        async (client) => {
          const target = path.join(folder, 'any', String(cut), 'small.bin');
          await downloadFile(blobSource(client, blobContainer, 'small.bin', { size: 1500, sha256 }), target);
          assert.deepEqual(readFileSync(target), bytes, `cut at ${cut}`);
          assert.deepEqual(readdirSync(path.dirname(target)), ['small.bin']);
        },
      ),
    );
  });

  it('again and again lets a download go on where it stood', async () => {
    const bytes = randomBytes(3_000_000);
    const sha256 = await put('large.bin', bytes);
    const target = path.join(folder, 'large.bin');
    const proxy = await cuttingProxy(plane.url, () => ({ cutDown: 400_000 }));
    try {
      const client = new PlaneClient({ url: proxy.url, token: plane.token });
      await downloadFile(blobSource(client, blobContainer, 'large.bin', { size: bytes.byteLength, sha256 }), target);
    } finally {
      await proxy.close();
    }
    assert.deepEqual(readFileSync(target), bytes);
    // 3,000,000 bytes, at most 400,000 a connection: none of them twice.
    assert.ok(proxy.connections() <= 10, `${proxy.connections()} connections`);
  });

  it('at any byte of a request does not keep a file from being stored, and nothing else is', async () => {
    const bytes = randomBytes(1500);
    writeFileSync(path.join(folder, 'up.bin'), bytes);
    await mapParallel(everyByte(2600, 41), 25, (cut) =>
      over(
        (connection) => (connection === 0 ? { cutUp: cut } : undefined),
        async (client) => {
          assert.equal(await uploadFile(client, blobContainer, `up/${cut}.bin`, path.join(folder, 'up.bin')), sha256Of(bytes));
          assert.deepEqual(await get(`up/${cut}.bin`), bytes);
        },
      ),
    );
  });

  it('in the middle of a large upload leaves nothing on the plane until all of it is there', async () => {
    const bytes = randomBytes(6_000_000);
    const file = path.join(folder, 'large-up.bin');
    writeFileSync(file, bytes);
    await over(
      () => ({ cutUp: 2_000_000 }),
      (client) => assert.rejects(uploadFile(client, blobContainer, 'large-up/it.bin', file), { code: 'PlaneUnreachable' }),
    );
    assert.deepEqual((await plane.client.listBlobs(blobContainer, 'large-up')).entries, []);
    await isEmpty(path.join(plane.folder, 'blobs/tmp'));
    await over(
      (connection) => (connection === 0 ? { cutUp: 2_000_000 } : undefined),
      async (client) => assert.equal(await uploadFile(client, blobContainer, 'large-up/it.bin', file), sha256Of(bytes)),
    );
    assert.deepEqual(await get('large-up/it.bin'), bytes);
  });

  it('does not keep data from being submitted or outputs from being downloaded', async () => {
    const data = path.join(folder, 'data');
    mkdirSync(path.join(data, 'sub'), { recursive: true });
    for (let i = 0; i < 20; i++) writeFileSync(path.join(data, i % 2 ? 'sub' : '.', `${i}.txt`), `file ${i}\n`.repeat(5000));
    const uri = await over(
      (connection) => (connection % 2 === 0 ? { cutUp: 150_000 } : undefined),
      (client) => uploadData(client, data, { onProgress: () => {} }),
    );
    const target = path.join(folder, 'back');
    const prefix = uri.slice(uri.indexOf('/paths/') + '/paths/'.length);
    const count = await over(
      (connection) => (connection % 2 === 0 ? { cutDown: 100_000 } : undefined),
      (client) => downloadFolder(client, blobContainer, prefix, target),
    );
    assert.equal(count, 20);
    for (let i = 0; i < 20; i++)
      assert.equal(readFileSync(path.join(target, i % 2 ? 'sub' : '.', `${i}.txt`), 'utf8'), `file ${i}\n`.repeat(5000));
    assert.equal(readdirSync(target, { recursive: true }).length, 21);
  });

  it("does not keep a job's log from being downloaded", async () => {
    const { run } = await plane.client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
      start_time: 1,
    });
    const name = run.info.run_id;
    const log = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `line ${i}\n`).join(''));
    await plane.client.appendLog(name, logFile, 0, log);
    const job = await plane.client.getJob(name);
    const target = path.join(folder, 'job');
    const count = await over(
      () => ({ cutDown: 150_000 }),
      (client) => downloadJob(client, job, target),
    );
    assert.equal(count, 1);
    assert.deepEqual(readFileSync(path.join(target, 'artifacts', logFile)), log);
    assert.deepEqual(readdirSync(path.join(target, 'artifacts/user_logs')), ['std_log.txt']);
  });

  it('for good ends in an error that says so, and nothing is left', async () => {
    const target = path.join(folder, 'never', 'small.bin');
    await over(
      () => ({ cutDown: 0 }),
      async (client) => {
        await assert.rejects(downloadFile(blobSource(client, blobContainer, 'small.bin', {}), target), { code: 'PlaneUnreachable' });
      },
    );
    assert.deepEqual(readdirSync(path.dirname(target)), []);
  });

  it('is no reason to take other content for the right one', async () => {
    await put('replaced.bin', Buffer.from('new content'));
    const target = path.join(folder, 'replaced', 'file');
    const source = blobSource(plane.client, blobContainer, 'replaced.bin', { size: 11, sha256: sha256Of(Buffer.from('old content')) });
    await assert.rejects(downloadFile(source, target), { code: 'InputUnavailable', message: /other content/ });
    assert.deepEqual(readdirSync(path.dirname(target)), []);
  });

  it('lets a file of any web server go on, or start again where that has another one by now', async () => {
    let body = randomBytes(200_000);
    let tag = '"one"';
    const asked: (string | undefined)[] = [];
    const server = createServer((request: IncomingMessage, response: ServerResponse) => {
      const { range } = request.headers;
      asked.push(range);
      if (asked.length === 3) {
        body = randomBytes(150_000);
        tag = '"two"';
      }
      const start = range && request.headers['if-range'] === tag ? Number(/\d+/.exec(range)![0]) : 0;
      response.writeHead(start > 0 ? 206 : 200, { etag: tag, 'content-length': body.byteLength - start });
      if (asked.length > 3) return void response.end(body.subarray(start));
      response.write(body.subarray(start, start + 50_000), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.bin`;
    const cache = new ContentCache(path.join(folder, 'web-cache'));
    const file = await materialise(plane.client, 'in', { jobInputType: 'uri_file', uri: url }, path.join(folder, 'web'), cache, false);
    server.close();
    assert.deepEqual(readFileSync(file), body);
    assert.equal(asked[0], undefined);
    assert.equal(asked[1], 'bytes=50000-');
  });

  it('that stalls does not hold who cancels', async () => {
    const sha256 = await put('stalled.bin', randomBytes(500_000));
    const proxy = await cuttingProxy(plane.url, () => ({ stallDown: 100_000 }));
    const target = path.join(folder, 'stalled', 'file');
    const cancel = new AbortController();
    const client = new PlaneClient({ url: proxy.url, token: plane.token });
    const done = downloadFile(blobSource(client, blobContainer, 'stalled.bin', { size: 500_000, sha256 }), target, cancel.signal);
    done.catch(() => {});
    await proxy.stalled;
    cancel.abort(new Error('no longer wanted'));
    await assert.rejects(done, { message: 'no longer wanted' });
    await proxy.close();
    assert.deepEqual(readdirSync(path.dirname(target)), []);
  });

  it('that stalls does not hold who gives up a submission', async () => {
    const data = path.join(folder, 'given-up');
    mkdirSync(data);
    for (let i = 0; i < 10; i++) writeFileSync(path.join(data, `${i}.bin`), randomBytes(1000));
    const proxy = await cuttingProxy(plane.url, () => ({ stallDown: 1 }));
    const cancel = new AbortController();
    const client = new PlaneClient({ url: proxy.url, token: plane.token });
    const done = uploadData(client, data, { onProgress: () => {}, signal: cancel.signal });
    done.catch(() => {});
    await proxy.stalled;
    cancel.abort(new Error('no longer wanted'));
    await assert.rejects(done, { message: 'no longer wanted' });
    await proxy.close();
  });

  it('and stalls does not hold a job that is canceled while its input comes', async () => {
    const input = randomBytes(500_000);
    await put('inputs/data.bin', input);
    const environmentId = await shellEnvironment(plane.client);
    const proxy = await cuttingProxy(plane.url, () => ({ stallDown: 300_000 }));
    const atPlane = new PlaneClient(plane);
    // Contents alone come over the bad network.
    const fetch = (url: string, init?: RequestInit) =>
      globalThis.fetch(/\/updraft\/blobs\/[^?]*data\.bin/.test(url) ? url.replace(plane.url, proxy.url) : url, init);
    const runnerFolder = path.join(plane.folder, 'elsewhere');
    const runner = runnerElsewhere(plane, 'elsewhere', { client: new PlaneClient({ ...plane, fetch }) });
    await atPlane.putJob('waits_for_input', {
      jobType: 'Command',
      environmentId,
      command: 'true',
      inputs: { data: { jobInputType: 'uri_file', uri: 'azureml://datastores/workspaceblobstore/paths/inputs/data.bin' } },
    });
    await proxy.stalled;
    await atPlane.cancelJob('waits_for_input');
    const job = await jobWhen(atPlane, 'waits_for_input');
    assert.equal(job.properties.status, 'Canceled');
    await isEmpty(path.join(runnerFolder, 'cache'));
    await runner.dispose();
    await proxy.close();
    rmSync(runnerFolder, { recursive: true, force: true });
  });
});
