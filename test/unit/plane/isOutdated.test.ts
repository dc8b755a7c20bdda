import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { isOutdated } from '../../../src/plane/isOutdated.ts';
import type { PlaneLock } from '../../../src/protocol/plane.ts';

describe('an outdated plane', () => {
  let folder: string;
  let lock: PlaneLock;
  const startedAt = new Date('2027-01-02T03:04:05Z');
  const later = (ms: number) => new Date(startedAt.getTime() + ms);
  const now = later(60_000).getTime();

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-outdated-'));
    const program = path.join(folder, 'updraft.mjs');
    writeFileSync(program, '');
    utimesSync(program, later(-1000), later(-1000));
    lock = { pid: 1, url: '', token: '', id: '', version: '1.9.0', startedAt: startedAt.toISOString(), program, onDemand: true };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('runs an older version, by its numbers', () => {
    assert.deepEqual(
      ['1.9.0', '1.10.0', '2.0.0', '1.8.9', '0.10.0'].map((ours) => isOutdated(lock, ours, now)),
      [false, true, true, false, false],
    );
  });

  it('runs a program that was written or removed since', () => {
    const copy = path.join(folder, 'copy.mjs');
    writeFileSync(copy, '');
    const written = (at: Date) => {
      utimesSync(copy, at, at);
      return isOutdated({ ...lock, program: copy }, '1.9.0', now);
    };
    assert.deepEqual([written(later(-1000)), written(later(1000)), written(later(86_400_000))], [false, true, false]);
    assert.equal(isOutdated({ ...lock, program: path.join(folder, 'gone.mjs') }, '1.9.0', now), true);
  });

  it('is none where a person started it', () => {
    assert.equal(isOutdated({ ...lock, onDemand: false }, '9.0.0', now), false);
  });
});
