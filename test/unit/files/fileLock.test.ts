import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withFileLock } from '../../../src/files/fileLock.ts';

describe('a lock on a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is for one at a time: the others are told that they wait, come later, and may give up', async () => {
    const file = path.join(folder, 'locks', 'one');
    const order: string[] = [];
    const hold = Promise.withResolvers<void>();
    const waits = Promise.withResolvers<void>();
    const first = withFileLock(file, async () => {
      order.push('first begins');
      await hold.promise;
      order.push('first ends');
    });
    const second = withFileLock(file, async () => void order.push('second'), { onWait: () => waits.resolve() });
    const stop = new AbortController();
    const third = withFileLock(file, async () => void order.push('third'), { signal: stop.signal });
    await waits.promise;
    stop.abort(new Error('enough'));
    await assert.rejects(third, /enough/);
    hold.resolve();
    await Promise.all([first, second]);
    assert.deepEqual(order, ['first begins', 'first ends', 'second']);
  });

  it('is free again after work that failed', async () => {
    const file = path.join(folder, 'one');
    await assert.rejects(
      withFileLock(file, () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await withFileLock(file, async () => 1), 1);
  });
});
