import assert from 'node:assert/strict';
import fs, { mkdtempSync, promises, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'mocha';
import { flushFolder } from '../../../src/files/flushFolder.ts';
import { BlobFolder, type Disk } from '../../../src/store/folder/blobFolder.ts';
import { LogFolder } from '../../../src/store/folder/logFolder.ts';
import { GroupCommit } from '../../../src/store/sqlite/groupCommit.ts';

/** The system's own error. */
const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

describe('a full disk', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-full-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('refuses the write that does not fit and keeps the others of the same moment', async () => {
    const db = new DatabaseSync(':memory:');
    db.exec('CREATE TABLE t (x BLOB); PRAGMA max_page_count = 12');
    const group = new GroupCommit(db, { begin() {}, begun() {}, beforeCommit() {}, afterCommit() {}, undone() {}, failed() {} });
    const insert = (size: number) => group.run(() => db.prepare('INSERT INTO t VALUES (zeroblob(?))').run(size));
    const [small, big, after] = await Promise.allSettled([insert(10), insert(1_000_000), insert(10)]);
    assert.equal(small.status, 'fulfilled');
    assert.equal(after.status, 'fulfilled');
    assert.equal((big as PromiseRejectedResult).reason.code, 'DiskFull');
    assert.match(
      (big as PromiseRejectedResult).reason.describe(),
      /The disk that holds the data folder is full.*\nFree some space and try again\./,
    );
    assert.equal(db.prepare('SELECT count(*) AS n FROM t').get()!.n, 2);
    db.exec('PRAGMA max_page_count = 10000');
    await insert(1_000_000);
    db.close();
  });

  it('keeps nothing of a file that does not fit', async () => {
    let isFull = true;
    const open: Disk['open'] = async (...given) => {
      const handle = await promises.open(...given);
      const write = handle.write.bind(handle) as (bytes: Uint8Array, at: number) => Promise<unknown>;
      handle.write = ((bytes: Uint8Array, at: number) => (isFull ? Promise.reject(full()) : write(bytes, at))) as never;
      return handle;
    };
    const blobs = new BlobFolder(path.join(folder, 'blobs'), { ...promises, open });
    const write = () => blobs.put(new Blob(['content']).stream());
    await assert.rejects(write(), { code: 'DiskFull' });
    assert.deepEqual(readdirSync(path.join(folder, 'blobs/tmp')), []);
    isFull = false;
    assert.equal((await write()).size, 7);
  });

  it('says so for a log, which goes on where it stood', async () => {
    let room = 4;
    const writeSync = ((handle: number, bytes: Uint8Array, at: number) => {
      const fitting = Math.min(room, bytes.byteLength - at);
      if (fitting === 0) throw full();
      room -= fitting;
      return fs.writeSync(handle, bytes, at, fitting);
    }) as typeof fs.writeSync;
    const logs = new LogFolder(path.join(folder, 'logs'), { ...fs, writeSync, flushFolder });
    await logs.append('job', 'log.txt', 0, Buffer.from('one\n'));
    room = 1;
    await assert.rejects(logs.append('job', 'log.txt', 4, Buffer.from('two\n')), { code: 'DiskFull' });
    room = 100;
    assert.equal(await logs.append('job', 'log.txt', 4, Buffer.from('two\n')), 8);
    assert.equal(await text(await logs.read('job', 'log.txt')), 'one\ntwo\n');
  });
});
