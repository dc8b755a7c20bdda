import assert from 'node:assert/strict';
import fs, { promises } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { BlobFolder, type Disk } from '../../../src/store/folder/blobFolder.ts';
import { LogFolder } from '../../../src/store/folder/logFolder.ts';
import { temporaryFolder } from '../../contract/stores/temporaryFolder.ts';

describe('an acknowledged write', () => {
  let folder: string;
  let remove: () => void;
  /** What the disk was told to keep, in order: names relative to the data folder. */
  let kept: string[];
  beforeEach(() => {
    ({ folder, remove } = temporaryFolder());
    kept = [];
  });
  afterEach(() => remove());

  const note = (what: string) => kept.push(what.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'UNFINISHED'));
  const named = (file: fs.PathLike) => path.relative(folder, String(file)) || '.';
  /** A disk that takes a few bytes of a write at a time, and notes what is flushed and renamed. */
  const disk: Disk = {
    ...promises,
    open: async (file, ...rest) => {
      const handle = await promises.open(file, ...rest);
      const write = handle.write.bind(handle) as (bytes: Uint8Array, at: number, length: number) => Promise<unknown>;
      const sync = handle.sync.bind(handle);
      handle.write = ((bytes: Uint8Array, at: number) => write(bytes, at, Math.min(3, bytes.byteLength - at))) as never;
      handle.sync = async () => {
        await sync();
        note(`flush ${named(file as string)}`);
      };
      return handle;
    },
    rename: async (from, to) => {
      await promises.rename(from, to);
      note(`rename ${named(from)} ${named(to)}`);
    },
  };

  it('of a content has every byte, though the disk takes fewer than it is given', async () => {
    const blobs = new BlobFolder(path.join(folder, 'blobs'), disk);
    const { sha256, size } = await blobs.put(new Blob(['0123456789']).stream());
    assert.equal(size, 10);
    assert.equal(await blobs.size(sha256), 10);
    assert.equal(await text(await blobs.read(sha256)), '0123456789');
  });

  it('of a content is answered when bytes, name and folders are on the disk', async () => {
    const blobs = new BlobFolder(path.join(folder, 'blobs'), disk);
    const { sha256 } = await blobs.put(new Blob(['content']).stream());
    const home = `blobs/${sha256.slice(0, 2)}`;
    assert.deepEqual(kept, [
      'flush blobs/tmp/UNFINISHED',
      'flush blobs',
      'flush .',
      `rename blobs/tmp/UNFINISHED ${home}/${sha256}`,
      `flush ${home}`,
    ]);
    kept.length = 0;
    await blobs.put(new Blob(['content']).stream());
    assert.deepEqual(kept, ['flush blobs/tmp/UNFINISHED', `rename blobs/tmp/UNFINISHED ${home}/${sha256}`, `flush ${home}`]);
  });

  it('of a content that the disk does not take at all is none', async () => {
    const open: Disk['open'] = async (...given) => {
      const handle = await promises.open(...given);
      handle.write = (async () => ({ bytesWritten: 0 })) as never;
      return handle;
    };
    const blobs = new BlobFolder(path.join(folder, 'blobs'), { ...promises, open });
    await assert.rejects(blobs.put(new Blob(['content']).stream()), /took no byte/);
  });

  it('of a log has every byte, and the names of a new log are on the disk', async () => {
    const logs = new LogFolder(path.join(folder, 'logs'), {
      ...fs,
      writeSync: ((handle: number, bytes: Uint8Array, at: number) =>
        fs.writeSync(handle, bytes, at, Math.min(3, bytes.byteLength - at))) as typeof fs.writeSync,
      fdatasync: ((handle: number, done: fs.NoParamCallback) => {
        note('flush log');
        fs.fdatasync(handle, done);
      }) as typeof fs.fdatasync,
      flushFolder: async (each) => {
        note(`flush ${named(each)}`);
      },
    });
    assert.equal(await logs.append('job', 'user_logs/std_log.txt', 0, Buffer.from('first line\n')), 11);
    assert.deepEqual(kept.sort(), ['flush .', 'flush log', 'flush logs', 'flush logs/job', 'flush logs/job/user_logs']);
    kept.length = 0;
    assert.equal(await logs.append('job', 'user_logs/std_log.txt', 11, Buffer.from('second line\n')), 23);
    assert.deepEqual(kept, ['flush log']);
    kept.length = 0;
    await logs.append('other', 'log.txt', 0, Buffer.from('line\n'));
    assert.deepEqual(kept.sort(), ['flush log', 'flush logs', 'flush logs/other']);
    assert.equal(await text(await logs.read('job', 'user_logs/std_log.txt')), 'first line\nsecond line\n');
  });

  it('of a log whose name could not be flushed is not acknowledged', async () => {
    let isBroken = true;
    const logs = new LogFolder(path.join(folder, 'logs'), {
      ...fs,
      flushFolder: async () => {
        if (isBroken) throw new Error('EIO: i/o error, fsync');
      },
    });
    await assert.rejects(logs.append('job', 'log.txt', 0, Buffer.from('line\n')), /EIO/);
    isBroken = false;
    assert.equal(await logs.append('job', 'log.txt', 0, Buffer.from('line\n')), 5);
  });
});
