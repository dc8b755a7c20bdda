import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { shares } from '../../../scripts/shares.ts';
import { testSeconds } from '../../../scripts/testSeconds.ts';

describe('the files of a suite among its processes', () => {
  it('are each in one group, and the groups take about as long', () => {
    const files = [
      ...Object.keys(testSeconds).filter((file) => file.startsWith('test/contract/')),
      'short.test.ts',
      'other.test.ts',
    ].sort();
    const groups = shares(files, 2);
    assert.equal(groups.length, 2);
    assert.deepEqual(groups.flat().sort(), files);
    const [one, other] = groups.map((group) => group.reduce((sum, file) => sum + (testSeconds[file] ?? 0), 0)) as [number, number];
    assert.ok(Math.abs(one - other) < 5, `${one} s and ${other} s`);
  });

  it('are no more groups than files', () => {
    assert.deepEqual(shares(['only.test.ts'], 2), [['only.test.ts']]);
  });

  it('are there under the names that the seconds of long ones are noted by', () => {
    const root = path.resolve(import.meta.dirname, '../../..');
    assert.deepEqual(
      Object.keys(testSeconds).filter((file) => !existsSync(path.join(root, file))),
      [],
    );
  });
});
