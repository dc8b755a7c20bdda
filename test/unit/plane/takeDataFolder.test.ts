import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { isTaken, ownerOf } from '../../../src/plane/lock.ts';
import { processIdentity } from '../../../src/plane/processIdentity.ts';
import { takeDataFolder } from '../../../src/plane/takeDataFolder.ts';

const claimant = path.join(import.meta.dirname, 'claimant.ts');

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  claims: number;
  stderr: string;
}

function race(folder: string, tries: number, deadly: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [claimant, folder, String(tries), String(deadly)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, claims: Number(stdout), stderr }));
  });
}

describe('the claim of a data folder', () => {
  let folder: string;
  const file = (name: string) => path.join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is refused while somebody has it, with who that is, and free afterwards', () => {
    const claim = takeDataFolder(folder);
    assert.throws(() => takeDataFolder(folder), { code: 'DataFolderInUse', message: new RegExp(`process ${process.pid}`) });
    assert.ok(isTaken(folder));
    claim.release();
    assert.ok(!isTaken(folder));
    claim.release();
    takeDataFolder(folder).release();
    assert.ok(!existsSync(file('plane.pid')));
  });

  it('holds whatever of its files is cut off at any byte', () => {
    const claim = takeDataFolder(folder);
    const whole = readFileSync(file('plane.pid'));
    assert.deepEqual(ownerOf(folder), processIdentity(process.pid));
    for (let size = whole.length - 1; size >= 0; size--) {
      truncateSync(file('plane.pid'), size);
      assert.ok(isTaken(folder), `${size} bytes may be the beginning of a living owner's name`);
      if (size % 16 === 0) assert.throws(() => takeDataFolder(folder), { code: 'DataFolderInUse', message: /^Another control plane uses/ });
    }
    rmSync(file('plane.pid'));
    assert.throws(() => takeDataFolder(folder), { code: 'DataFolderInUse' });
    claim.release();
  });

  it('is free when its owner was killed, whatever that left', async () => {
    assert.equal((await race(folder, 1, 1)).signal, 'SIGKILL');
    const whole = readFileSync(file('plane.pid'));
    assert.ok(!isTaken(folder));
    for (let size = whole.length; size >= 0; size--) {
      writeFileSync(file('plane.pid'), whole.subarray(0, size));
      takeDataFolder(folder).release();
    }
  });

  it('does not mind what others wrote into its file', () => {
    for (const content of ['x', 'SQLite format 3\0', 'x'.repeat(5000)]) {
      writeFileSync(file('plane.lock'), content);
      const claim = takeDataFolder(folder);
      assert.throws(() => takeDataFolder(folder), { code: 'DataFolderInUse' });
      claim.release();
    }
  });

  it('is had by one of many processes at a time, some of which are killed while they have it', async () => {
    const processes = await Promise.all([0, 0, 0, 1, 2, 3].map((deadly) => race(folder, 12, deadly)));
    for (const { code, signal, stderr } of processes) assert.ok(code === 0 || signal === 'SIGKILL', `ended with ${code}: ${stderr}`);
    assert.ok(processes.reduce((sum, { claims }) => sum + claims, 0) > 0);
    takeDataFolder(folder).release();
  });
});
