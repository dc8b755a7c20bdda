import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ByteRange } from '../../../src/store/blobs.ts';
import { LogFolder } from '../../../src/store/folder/logFolder.ts';
import type { Logs } from '../../../src/store/logs.ts';
import { openPostgresStore, type PostgresStores } from '../../../src/store/postgres/postgresStore.ts';
import { placeOf } from '../../unit/store/postgresServer.ts';
import { makeLongLog } from '../longLog.ts';
import { temporaryFolder } from './temporaryFolder.ts';

/** Each opens an empty store. `fill` makes a log of that many bytes without sending them one by one. */
const implementations: Record<
  string,
  () => { open: () => Logs; fill: (job: string, file: string, size: number) => Promise<void>; remove: () => void | Promise<void> }
> = {
  'a folder': () => {
    const { folder, remove } = temporaryFolder();
    return {
      open: () => new LogFolder(`${folder}/logs`),
      fill: (job, file, size) => makeLongLog(`${folder}/logs`, { job, file, size }),
      remove,
    };
  },
  PostgreSQL: () => {
    const { folder, remove } = temporaryFolder();
    const stores: PostgresStores[] = [];
    return {
      open() {
        const made = openPostgresStore(placeOf(folder));
        stores.push(made);
        return made.logs;
      },
      async fill(job, file, size) {
        await stores[0]!.ready();
        await makeLongLog(placeOf(folder), { job, file, size });
      },
      async remove() {
        for (const { store } of stores) await store.close();
        remove();
      },
    };
  },
};

const file = 'user_logs/std_log.txt';

for (const [name, make] of Object.entries(implementations))
  describe(`logs in ${name}`, () => {
    let logs: Logs;
    let open: () => Logs;
    let fill: (job: string, file: string, size: number) => Promise<void>;
    let remove: () => void | Promise<void>;
    beforeEach(() => {
      ({ open, fill, remove } = make());
      logs = open();
    });
    afterEach(() => remove());
    const append = (offset: number, text: string, job = 'job') => logs.append(job, file, offset, Buffer.from(text));
    const textOf = async (range?: ByteRange, job = 'job') => (await buffer(await logs.read(job, file, range))).toString();

    it('grow by appends and are the same to every reader', async () => {
      assert.equal(await append(0, 'one\n'), 4);
      assert.equal(await append(4, 'two\n'), 8);
      assert.equal(await append(8, ''), 8);
      assert.equal(await textOf(), 'one\ntwo\n');
      assert.equal(await open().size('job', file), 8);
      assert.equal(await open().append('job', file, 8, Buffer.from('three\n')), 14);
      assert.equal(await textOf(), 'one\ntwo\nthree\n');
    });

    it('take a repeated append once, and of an overlapping one what is new', async () => {
      await append(0, 'one\n');
      assert.equal(await append(0, 'one\n'), 4);
      assert.equal(await append(0, 'one\ntwo\n'), 8);
      assert.equal(await append(2, 'e'), 8);
      assert.equal(await append(2, 'e\ntwo\nthree\n'), 14);
      assert.equal(await textOf(), 'one\ntwo\nthree\n');
    });

    it('have no holes', async () => {
      await assert.rejects(append(1, 'x'), { code: 'Conflict', message: /has 0 bytes.*would leave a hole/ });
      await append(0, 'one\n');
      await assert.rejects(append(5, 'x'), { code: 'Conflict', message: /has 4 bytes/ });
      for (const offset of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
        await assert.rejects(append(offset, 'x'), { code: 'InvalidRequest' });
      assert.equal(await textOf(), 'one\n');
    });

    it('are appended to by many at a time', async () => {
      // Each sends the same text, cut at other places: what is new in it is taken, what is not yet due is refused.
      const whole = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join('');
      const send = async (step: number) => {
        for (let at = 0; at < whole.length; ) at = Math.min(await append(at, whole.slice(at, at + step)), at + step);
      };
      await Promise.all([send(100), send(333), send(1000), send(4096)]);
      assert.equal(await textOf(), whole);
      await Promise.all(Array.from({ length: 30 }, (_, i) => append(0, `${i}\n`, `job${i}`)));
      for (let i = 0; i < 30; i++) assert.equal(await textOf(undefined, `job${i}`), `${i}\n`);
    });

    it('are read in ranges, up to every edge', async () => {
      await append(0, '0123456789');
      const ranges: [ByteRange, string][] = [
        [{ start: 0, end: 0 }, '0'],
        [{ start: 0, end: 9 }, '0123456789'],
        [{ start: 9 }, '9'],
        [{ start: 4, end: 6 }, '456'],
        [{ start: 8, end: 1000 }, '89'],
        [{ start: 10 }, ''],
        [{ start: 2 ** 40, end: 2 ** 41 }, ''],
        [{ start: 5, end: 4 }, ''],
      ];
      for (const [range, expected] of ranges) assert.equal(await textOf(range), expected, JSON.stringify(range));
    });

    it('that are not there have no size and are refused at once', async () => {
      assert.equal(await logs.size('job', file), undefined);
      assert.deepEqual(await logs.list('job'), []);
      await assert.rejects(logs.read('job', file), { code: 'NotFound' });
      await append(0, 'x');
      assert.equal(await logs.size('job', 'user_logs'), undefined);
      assert.equal(await logs.size('job', `${file}/below`), undefined);
      await assert.rejects(logs.read('job', 'user_logs'), { code: 'NotFound' });
    });

    it('are listed by job with their sizes, and go with it', async () => {
      await logs.append('job', 'z.txt', 0, Buffer.from('12'));
      await logs.append('job', 'a/b/ä ö.txt', 0, Buffer.from('123'));
      await append(0, 'other', 'other');
      assert.deepEqual(await logs.list('job'), [
        { path: 'a/b/ä ö.txt', size: 3 },
        { path: 'z.txt', size: 2 },
      ]);
      await logs.remove('job');
      await logs.remove('never there');
      assert.deepEqual(await logs.list('job'), []);
      assert.equal(await textOf(undefined, 'other'), 'other');
      assert.equal(await logs.append('job', 'z.txt', 0, Buffer.from('new')), 3);
    });

    it('stay below their job, whatever they are called', async () => {
      await append(0, 'x', 'other');
      for (const [job, path] of [
        ['..', file],
        ['.', file],
        ['', file],
        ['a/b', file],
        ['a\\b', file],
        ['a\0', file],
        ['job', ''],
        ['job', '../other/x'],
        ['job', 'a/../../x'],
        ['job', '/etc/passwd'],
        ['job', 'a//b'],
        ['job', './a'],
        ['job', 'a/'],
        ['job', 'a\\..\\b'],
        ['job', 'a\0b'],
      ] as const) {
        const asked = JSON.stringify([job, path]);
        await assert.rejects(async () => logs.append(job, path, 0, Buffer.from('x')), { code: 'InvalidRequest' }, asked);
        await assert.rejects(async () => logs.read(job, path), { code: 'InvalidRequest' }, asked);
        await assert.rejects(async () => logs.size(job, path), { code: 'InvalidRequest' }, asked);
      }
      for (const job of ['..', '', '.', 'a/b']) {
        await assert.rejects(async () => logs.remove(job), { code: 'InvalidRequest' });
        await assert.rejects(async () => logs.list(job), { code: 'InvalidRequest' });
      }
      await assert.rejects(logs.append('job', 'x'.repeat(5000), 0, Buffer.from('x')), { code: 'InvalidRequest' });
      assert.equal(await logs.size('job', 'x'.repeat(5000)), undefined);
      assert.equal(await textOf(undefined, 'other'), 'x');
    });

    it('are no folders of logs', async () => {
      await logs.append('job', 'a', 0, Buffer.from('x'));
      await logs.append('job', 'b/c', 0, Buffer.from('x'));
      await assert.rejects(logs.append('job', 'a/b', 0, Buffer.from('x')), { code: 'Conflict' });
      await assert.rejects(logs.append('job', 'b', 0, Buffer.from('x')), { code: 'Conflict' });
    });

    it('of gigabytes are measured, listed, appended to and read in pieces without being held', async () => {
      const size = 2 ** 31 + 5;
      await fill('job', file, size);
      const before = process.memoryUsage().rss;
      assert.equal(await logs.size('job', file), size);
      assert.deepEqual(await logs.list('job'), [{ path: file, size }]);
      assert.equal(await append(size, 'last line\n'), size + 10);
      assert.equal(await textOf({ start: size }), 'last line\n');
      assert.equal(await textOf({ start: size + 5, end: size + 8 }), 'line');
      let seen = 0;
      for await (const chunk of await logs.read('job', file, { start: 1_000_000_000, end: 1_199_999_999 }))
        seen += (chunk as Buffer).byteLength;
      assert.equal(seen, 200_000_000);
      assert.ok(process.memoryUsage().rss - before < 100_000_000);
    });
  });
