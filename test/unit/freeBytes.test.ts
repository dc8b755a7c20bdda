import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { freeBytes } from '../../src/files/freeBytes.ts';

describe('the room on a disk', () => {
  it('is told of a folder that is not there yet, as of the one that it will be made in', async () => {
    const free = await freeBytes(path.join(tmpdir(), 'no', 'such', 'folder'));
    const { bsize, blocks } = await statfs(tmpdir());
    assert.ok(free !== undefined && free > 0 && free <= bsize * blocks, String(free));
  });
});
