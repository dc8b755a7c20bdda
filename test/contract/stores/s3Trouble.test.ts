import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { buffer, text } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { type S3Server, startS3Server } from '../../../scripts/s3Server.ts';
import { BlobFolder } from '../../../src/store/folder/blobFolder.ts';
import { type BucketOptions, openBucket } from '../../../src/store/s3/bucket.ts';
import { S3Blobs } from '../../../src/store/s3/s3Blobs.ts';
import { temporaryFolder } from './temporaryFolder.ts';

type Send = (url: string, init: RequestInit) => Promise<Response>;
const plain: Send = (url, init) => fetch(url, init);
const later = () => Date.now() + 60_000;
async function* streamOf(content: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

describe('a bucket of S3 in trouble', () => {
  let server: S3Server;
  let folder: string;
  let remove: () => void;
  let bucket: BucketOptions;
  let count = 0;
  before(async function () {
    this.timeout(600_000);
    server = await startS3Server();
  });
  after(() => server?.stop());
  beforeEach(async () => {
    ({ folder, remove } = temporaryFolder());
    bucket = await server.bucket(`trouble-${++count}`);
  });
  afterEach(() => remove());

  /** Another process, with a folder of its own, whose requests go through `send`. */
  const opened = (send: Send = plain) =>
    new S3Blobs(openBucket({ ...bucket, fetch: send as typeof fetch }), new BlobFolder(`${folder}/${Math.random()}`));

  it('is asked again while it is busy', async () => {
    const busy = new Map<string, number>();
    const blobs = opened(async (url, init) => {
      const key = `${init.method} ${url}`;
      const times = (busy.get(key) ?? 0) + 1;
      busy.set(key, times);
      return times <= 2 ? new Response('<Error><Code>SlowDown</Code></Error>', { status: 503 }) : await plain(url, init);
    });
    const { sha256 } = await blobs.put(streamOf('patience'));
    assert.equal(await text(await opened().read(sha256)), 'patience');
  });

  it('may cut an answer at any byte: the rest is read from there', async () => {
    const bytes = randomBytes(300_000);
    const { sha256 } = await opened().put(streamOf(bytes));
    const cuts = [0, 1, 77_777];
    const ranges: (string | null)[] = [];
    const blobs = opened(async (url, init) => {
      const answer = await plain(url, init);
      if (init.method !== 'GET' || !url.includes('sha256/')) return answer;
      ranges.push(new Headers(init.headers).get('range'));
      const cut = cuts.shift();
      if (cut === undefined) return answer;
      const whole = new Uint8Array(await answer.arrayBuffer());
      let isCut = false;
      const body = new ReadableStream({
        pull(controller) {
          if (isCut) return controller.error(new Error('cut'));
          isCut = true;
          if (cut > 0) controller.enqueue(whole.subarray(0, cut));
          else controller.error(new Error('cut'));
        },
      });
      return new Response(body, { status: answer.status, headers: answer.headers });
    });
    assert.deepEqual(await buffer(await blobs.read(sha256)), bytes);
    assert.deepEqual(ranges, ['bytes=0-299999', 'bytes=0-299999', 'bytes=1-299999', 'bytes=77778-299999']);
    assert.deepEqual(await buffer(await opened().read(sha256, { start: 100, end: 199 })), bytes.subarray(100, 200));
  });

  it('that ends an answer too early again and again is told, not taken for the whole', async () => {
    const { sha256 } = await opened().put(streamOf('all of it'));
    const blobs = opened(async (url, init) => {
      const answer = await plain(url, init);
      return init.method === 'GET' && url.includes('sha256/') ? new Response('', { status: answer.status }) : answer;
    });
    await assert.rejects(async () => text(await blobs.read(sha256)), { code: 'StoreUnreachable', message: /ended too early/ });
    await assert.rejects(blobs.file(sha256), { code: 'StoreUnreachable' });
  });

  it('that refuses the key says so, and what to look at', async () => {
    const blobs = opened(async () => new Response('<Error><Code>SignatureDoesNotMatch</Code></Error>', { status: 403 }));
    await assert.rejects(blobs.put(streamOf('x')), {
      code: 'Forbidden',
      message: /refuses the access key: SignatureDoesNotMatch/,
      hint: /its secret/,
    });
  });

  it('that is away says where it was looked for', async () => {
    const blobs = opened(async () => {
      throw Object.assign(new TypeError('fetch failed'), { cause: new Error('connect ECONNREFUSED') });
    });
    await assert.rejects(blobs.put(streamOf('x')), {
      code: 'StoreUnreachable',
      message: /127\.0\.0\.1:\d+ can't be reached: connect ECONNREFUSED/,
    });
  });

  it('keeps what somebody holds after a sweep has said that it removes it', async () => {
    const { sha256 } = await opened().put(streamOf('held in time'));
    let held: Promise<number | undefined> | undefined;
    const sweeper = opened(async (url, init) => {
      const answer = await plain(url, init);
      // The notice is there, and the sweep has not yet looked again.
      if (init.method === 'PUT' && url.includes('/removing/')) {
        let isMarked = () => {};
        const marked = new Promise<void>((resolve) => (isMarked = resolve));
        held = opened(async (to, more) => {
          const written = await plain(to, more);
          if (more.method === 'PUT' && to.includes('/held/')) isMarked();
          return written;
        }).hold(sha256);
        await marked;
      }
      return answer;
    });
    assert.equal(await sweeper.sweep(() => false, later()), 0);
    assert.equal(await held, 12);
    assert.equal(await text(await opened().read(sha256)), 'held in time');
  });

  it('lets who comes too late know, who sends it again', async () => {
    const { sha256 } = await opened().put(streamOf('too late'));
    let late: Promise<number | undefined> | undefined;
    let again: Promise<unknown> | undefined;
    const sweeper = opened(async (url, init) => {
      if (init.method === 'DELETE' && url.includes('/sha256/')) {
        // The sweep has looked for the last time. Both find the content, and the notice.
        let found = () => {};
        const both = new Promise<void>((resolve) => (found = resolve));
        let waiting = 0;
        const waits: Send = async (to, more) => {
          const answer = await plain(to, more);
          if (more.method === 'GET' && to.includes('removing') && ++waiting === 2) found();
          return answer;
        };
        late = opened(waits).hold(sha256);
        again = opened(waits).put(streamOf('too late'));
        await both;
      }
      return plain(url, init);
    });
    assert.equal(await sweeper.sweep(() => false, later()), 1);
    assert.deepEqual(await again, { sha256, size: 8 });
    // It looks when the notice is gone: the content may have come again by then.
    assert.ok([undefined, 8].includes(await late));
    assert.equal(await text(await opened().read(sha256)), 'too late');
  });

  it('gets a content whose copy here is touched while it is sent', async () => {
    for (const size of [300_000, 70 << 20]) {
      const bytes = randomBytes(size);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      let touched = 0;
      const blobs = opened(async (url, init) => {
        // Somebody else has sent the same, or reads it as a file.
        if (init.method === 'PUT' && url.includes('sha256/') && touched++ < 2) await blobs.file(sha256);
        return await plain(url, init);
      });
      await blobs.put(streamOf(bytes));
      assert.ok(touched >= 2);
      assert.equal((await buffer(await opened().read(sha256))).compare(bytes), 0);
    }
  }).timeout(60_000);

  it('takes large contents in parts', async () => {
    const bytes = randomBytes(65 << 20);
    const { sha256 } = await opened().put(streamOf(bytes));
    assert.equal(await opened().size(sha256), bytes.length);
    assert.ok(bytes.equals(await buffer(await opened().read(sha256))));
  }).timeout(60_000);
});
