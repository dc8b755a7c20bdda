import assert from 'node:assert/strict';
import fs, { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'mocha';
import { BlobFolder } from '../../../src/store/blobFolder.ts';
import { LogFolder } from '../../../src/store/logFolder.ts';
import { GroupCommit } from '../../../src/store/sqlite/groupCommit.ts';

/** The system's own error, at the two places where bytes leave this process. */
async function whileDiskIsFull<T>(folder: string, run: () => Promise<T>): Promise<T> {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const handle = await open(folder, 'r');
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  const { write } = prototype;
  const { writeSync } = fs;
  prototype.write = () => Promise.reject(full);
  fs.writeSync = () => {
    throw full;
  };
  syncBuiltinESMExports();
  try {
    return await run();
  } finally {
    prototype.write = write;
    fs.writeSync = writeSync;
    syncBuiltinESMExports();
  }
}

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
    const blobs = new BlobFolder(path.join(folder, 'blobs'));
    const write = () => blobs.write(new Blob(['content']).stream());
    await assert.rejects(whileDiskIsFull(folder, write), { code: 'DiskFull' });
    assert.deepEqual(readdirSync(path.join(folder, 'blobs/tmp')), []);
    assert.equal((await write()).size, 7);
  });

  it('says so for a log, which goes on where it stood', async () => {
    const logs = new LogFolder(path.join(folder, 'logs'));
    await logs.append('job', 'log.txt', 0, Buffer.from('one\n'));
    await assert.rejects(
      whileDiskIsFull(folder, () => logs.append('job', 'log.txt', 4, Buffer.from('two\n'))),
      { code: 'DiskFull' },
    );
    assert.equal(await logs.append('job', 'log.txt', 4, Buffer.from('two\n')), 8);
    assert.equal(Buffer.from((await logs.read('job', 'log.txt'))!).toString(), 'one\ntwo\n');
  });
});
