import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { underFaults } from './faults/underFaults.ts';
import { underKills } from './faults/underKills.ts';

describe('a pipeline on a runner whose network breaks', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-faults-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

  const network = { mostBytes: 30_000 };
  for (const kill of ['runner', 'plane'] as const)
    it(`completes, each step once, though the ${kill} is killed three times`, async () => {
      const { cuts, ...toll } = await underFaults({ folder: path.join(folder, kill), seed: 7, kill, kills: 3, network });
      assert.deepEqual(toll, { stranded: [], doubled: [], missing: [] });
      assert.ok(cuts > 10, `only ${cuts} cuts`);
    });
});

describe('pipelines and sweeps', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-kills-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

  for (const kill of ['runner', 'plane'] as const)
    it(`end as they should, each command run once, when the ${kill} is killed again and again`, async () => {
      const { jobs, ...outcome } = await underKills({ folder: path.join(folder, kill), seed: 3, kill, kills: 5 });
      assert.deepEqual(outcome, { wrong: [], doubled: [] });
      assert.ok(jobs >= 12);
    });
});
