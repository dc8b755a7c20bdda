import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { type S3Server, startS3Server } from '../../../scripts/s3Server.ts';
import type { Blobs, ByteRange } from '../../../src/store/blobs.ts';
import { BlobFolder } from '../../../src/store/folder/blobFolder.ts';
import { openBucket } from '../../../src/store/s3/bucket.ts';
import { S3Blobs } from '../../../src/store/s3/s3Blobs.ts';
import { temporaryFolder } from './temporaryFolder.ts';

/** Each opens an empty store; another one on the same data is a second process. `start` is called once before. */
interface Implementation {
  start?(): Promise<{ stop(): Promise<void> }>;
  make(): Promise<{ open: () => Blobs; remove: () => void }>;
}

let server: S3Server;
let buckets = 0;
const implementations: Record<string, Implementation> = {
  'a folder': {
    async make() {
      const { folder, remove } = temporaryFolder();
      return { open: () => new BlobFolder(`${folder}/blobs`), remove };
    },
  },
  'a bucket of S3': {
    async start() {
      server = await startS3Server();
      return server;
    },
    async make() {
      const { folder, remove } = temporaryFolder();
      const bucket = await server.bucket(`contents-${++buckets}`);
      let processes = 0;
      return { open: () => new S3Blobs(openBucket(bucket), new BlobFolder(`${folder}/${++processes}`)), remove };
    },
  },
};

const addressOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const absent = addressOf(Buffer.from('never stored'));
async function* streamOf(...chunks: (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}
async function* torn(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
  throw new Error('the sender is gone');
}
/** The times of files come from a clock of the system that moves in steps, on a busy machine in long ones. */
async function untilFilesAreNewerThan(time: number): Promise<void> {
  const { folder, remove } = temporaryFolder();
  try {
    const probe = path.join(folder, 'probe');
    do await writeFile(probe, '');
    while ((await stat(probe)).mtimeMs <= time);
  } finally {
    remove();
  }
}
const later = () => Date.now() + 60_000;

for (const [name, { start, make }] of Object.entries(implementations))
  describe(`contents in ${name}`, () => {
    let started: { stop(): Promise<void> } | undefined;
    let blobs: Blobs;
    let open: () => Blobs;
    let remove: () => void;
    before(async function () {
      // The first run on a machine makes the server.
      this.timeout(600_000);
      started = await start?.();
    });
    after(() => started?.stop());
    beforeEach(async () => {
      ({ open, remove } = await make());
      blobs = open();
    });
    afterEach(() => remove());
    const textOf = async (sha256: string, range?: ByteRange) => (await buffer(await blobs.read(sha256, range))).toString();

    it('are kept under their SHA-256, whatever pieces they come in', async () => {
      const bytes = randomBytes(300_000);
      const written = await blobs.put(streamOf(bytes.subarray(0, 1), Buffer.alloc(0), bytes.subarray(1, 200_001), bytes.subarray(200_001)));
      assert.deepEqual(written, { sha256: addressOf(bytes), size: 300_000 });
      assert.deepEqual(await buffer(await blobs.read(written.sha256)), bytes);
      assert.equal(await blobs.size(written.sha256), 300_000);
      assert.deepEqual(await buffer(await open().read(written.sha256)), bytes);
    });

    it('may be empty', async () => {
      const { sha256, size } = await blobs.put(streamOf());
      assert.deepEqual([sha256, size], [addressOf(Buffer.alloc(0)), 0]);
      assert.equal(await blobs.size(sha256), 0);
      assert.equal(await textOf(sha256), '');
      assert.equal(await textOf(sha256, { start: 0, end: 10 }), '');
    });

    it('are read in ranges, up to every edge', async () => {
      const { sha256 } = await blobs.put(streamOf('0123456789'));
      const ranges: [ByteRange, string][] = [
        [{ start: 0 }, '0123456789'],
        [{ start: 0, end: 0 }, '0'],
        [{ start: 0, end: 9 }, '0123456789'],
        [{ start: 9, end: 9 }, '9'],
        [{ start: 9 }, '9'],
        [{ start: 4, end: 6 }, '456'],
        [{ start: 8, end: 1000 }, '89'],
        [{ start: 10 }, ''],
        [{ start: 10, end: 20 }, ''],
        [{ start: 2 ** 40 }, ''],
        [{ start: 5, end: 4 }, ''],
      ];
      for (const [range, expected] of ranges) assert.equal(await textOf(sha256, range), expected, JSON.stringify(range));
    });

    it('are files of this machine, for programs that read such', async () => {
      const { sha256 } = await blobs.put(streamOf('for a program'));
      assert.equal(readFileSync(await blobs.file(sha256), 'utf8'), 'for a program');
      await assert.rejects(blobs.file(absent), /There is no content/);
      await assert.rejects(blobs.file('../x'), /There is no content/);
    });

    it('that are not there have no size and are refused at once', async () => {
      assert.equal(await blobs.size(absent), undefined);
      assert.equal(await blobs.hold(absent), undefined);
      await assert.rejects(blobs.read(absent), { code: 'NotFound' });
      await assert.rejects(blobs.read(absent, { start: 5, end: 4 }), { code: 'NotFound' });
    });

    it('have no other names than a SHA-256', async () => {
      const { sha256 } = await blobs.put(streamOf('content'));
      for (const hostile of [
        '',
        '.',
        '..',
        '../../etc/passwd',
        `../${sha256}`,
        sha256.toUpperCase(),
        `${sha256}\0`,
        `${sha256} `,
        sha256.slice(1),
      ]) {
        assert.equal(await blobs.size(hostile), undefined, hostile);
        assert.equal(await blobs.hold(hostile), undefined, hostile);
        await assert.rejects(async () => blobs.read(hostile), { code: 'NotFound' }, hostile);
      }
      assert.deepEqual(await blobs.has([sha256, absent, '..', '']), new Set([sha256]));
      assert.deepEqual(await blobs.has([]), new Set());
    });

    it('of which only a part arrived are not kept', async () => {
      await assert.rejects(blobs.put(torn('half of it')), { message: 'the sender is gone' });
      assert.equal(await blobs.size(addressOf(Buffer.from('half of it'))), undefined);
      assert.equal(await blobs.sweep(() => false, later()), 0);
    });

    it('that are not what was announced are refused and not kept', async () => {
      const sha256 = addressOf(Buffer.from('right'));
      const wrong = addressOf(Buffer.from('wrong'));
      await assert.rejects(blobs.put(streamOf('wrong'), { sha256 }), { code: 'InvalidRequest', message: /has the SHA-256/ });
      await assert.rejects(blobs.put(streamOf('wrong'), { size: 4 }), { code: 'InvalidRequest', message: /more than the 4 bytes/ });
      await assert.rejects(blobs.put(streamOf('wrong'), { size: 6 }), { code: 'InvalidRequest', message: /5 bytes instead of the 6/ });
      assert.deepEqual(await blobs.has([sha256, wrong]), new Set());
      assert.deepEqual(await blobs.put(streamOf('ri', 'ght'), { sha256, size: 5 }), { sha256, size: 5 });
    });

    it('are written by many at a time, the same ones too', async () => {
      const bytes = randomBytes(100_000);
      const others = Array.from({ length: 20 }, (_, i) => Buffer.from(`other ${i}`));
      const written = await Promise.all([
        ...Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? blobs : open()).put(streamOf(bytes.subarray(0, i * 1000), bytes.subarray(i * 1000))),
        ),
        ...others.map((each) => blobs.put(streamOf(each))),
      ]);
      assert.deepEqual(new Set(written.map(({ sha256 }) => sha256)), new Set([bytes, ...others].map(addressOf)));
      assert.deepEqual(await buffer(await blobs.read(addressOf(bytes))), bytes);
    });

    it('go when nobody needs them, but not while they are young', async () => {
      const used = await blobs.put(streamOf('used'));
      const unused = await blobs.put(streamOf('unused'));
      assert.equal(await blobs.sweep(() => false), 0);
      assert.equal(await blobs.sweep(async (sha256) => sha256 === used.sha256, later()), 1);
      assert.equal(await textOf(used.sha256), 'used');
      assert.equal(await blobs.size(unused.sha256), undefined);
      assert.equal(await textOf((await blobs.put(streamOf('unused'))).sha256), 'unused');
    });

    it('stay in a sweep that they are written or held in the middle of', async () => {
      const [again, held] = await Promise.all(['again', 'held'].map((text) => blobs.put(streamOf(text))));
      const cut = Date.now();
      await untilFilesAreNewerThan(cut);
      const removed = await blobs.sweep(async (sha256) => {
        if (sha256 === again!.sha256) await open().put(streamOf('again'));
        if (sha256 === held!.sha256) assert.equal(await open().hold(sha256), 4);
        return false;
      }, cut);
      assert.equal(removed, 0);
      assert.deepEqual([await textOf(again!.sha256), await textOf(held!.sha256)], ['again', 'held']);
    });

    it('that get their name in the middle of a sweep stay', async () => {
      const { sha256 } = await blobs.put(streamOf('named late'));
      let asked = 0;
      assert.equal(await blobs.sweep(() => asked++ > 0, later()), 0);
      assert.equal(await textOf(sha256), 'named late');
    });

    it('are not disturbed by a sweep while they arrive', async () => {
      const gate = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      async function* slow(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('first ');
        begun.resolve();
        await gate.promise;
        yield Buffer.from('last');
      }
      const arriving = blobs.put(slow());
      await begun.promise;
      assert.equal(await blobs.sweep(() => false, later()), 0);
      gate.resolve();
      assert.equal(await textOf((await arriving).sha256), 'first last');
    });

    it('can be left in the middle of a read', async () => {
      const { sha256 } = await blobs.put(streamOf(randomBytes(1_000_000)));
      for await (const _chunk of await blobs.read(sha256)) break;
      assert.equal(await blobs.size(sha256), 1_000_000);
    });
  });
