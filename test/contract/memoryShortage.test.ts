import assert from 'node:assert/strict';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { runProcess } from './updraft.ts';

/** More than a runner needs, less than the command wants. */
const limit = 300 * 1024 * 1024;

/** A control group below that of this process, with little memory; undefined where this user may not make one. */
function limitedGroup(): { folder: string; remove: () => Promise<void> } | undefined {
  try {
    for (const line of readFileSync('/proc/self/cgroup', 'utf8').split('\n')) {
      const [, controllers, own] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (controllers === undefined || (controllers !== '' && !controllers.split(',').includes('memory'))) continue;
      const parent = controllers === '' ? `/sys/fs/cgroup${own}` : `/sys/fs/cgroup/memory${own}`;
      const file = controllers === '' ? 'memory.max' : 'memory.limit_in_bytes';
      const folder = path.join(parent, `updraft-test-${process.pid}`);
      mkdirSync(folder);
      const remove = () => removeGroup(folder);
      try {
        accessSync(path.join(folder, file), constants.W_OK);
        writeFileSync(path.join(folder, file), String(limit));
        return { folder, remove };
      } catch {
        rmdirSync(folder);
      }
    }
  } catch {
    // No control groups, or none that this user may change.
  }
  return undefined;
}

/** Removes a group once nobody is in it: what the command's executor started ends after it, in its own time. The kernel tells nobody of that. */
async function removeGroup(folder: string): Promise<void> {
  while (readFileSync(path.join(folder, 'cgroup.procs'), 'utf8') !== '') await pause(20);
  // The last one may still be leaving.
  for (let tries = 1; ; tries++)
    try {
      return rmdirSync(folder);
    } catch (error) {
      if (tries === 50) throw error;
      await pause(20);
    }
}

describe('a shortage of memory', () => {
  it('is told as the reason, also where only a part of the command was killed and the code says nothing', async function () {
    const group = limitedGroup();
    // Only the owner of a control group can make memory run out for one command alone.
    if (!group) return this.skip();
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-hungry-'));
    try {
      const run = (command: string) =>
        runProcess(process.execPath, [path.join(import.meta.dirname, 'limitedExecutor.ts'), folder, group.folder, command]);
      const { stdout, stderr } = await run('head -c 900000000 /dev/zero | tail >hungry; exit 5');
      assert.deepEqual(JSON.parse(stdout || JSON.stringify(stderr)), { id: 'hungry', phase: 'ended', cause: 'memory', code: 5 });
    } finally {
      await group.remove();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  });
});
