import assert from 'node:assert/strict';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { stderrTail } from '../../../src/runner/logTail.ts';
import { temporaryFolder } from '../../contract/stores/temporaryFolder.ts';

describe('the last lines of standard error', () => {
  let folder: string;
  let remove: () => void;
  beforeEach(() => {
    ({ folder, remove } = temporaryFolder());
  });
  afterEach(() => remove());
  const file = () => path.join(folder, 'stderr.log');

  it('are those before the end', () => {
    assert.deepEqual(stderrTail(folder), []);
    writeFileSync(file(), '');
    assert.deepEqual(stderrTail(folder), []);
    writeFileSync(file(), 'one\r\ntwo\nthree\n\n');
    assert.deepEqual(stderrTail(folder), ['one', 'two', 'three']);
    assert.deepEqual(stderrTail(folder, 2), ['two', 'three']);
  });

  it('of gigabytes are found without reading the rest', () => {
    writeFileSync(file(), 'first\n');
    truncateSync(file(), 2 ** 31 + 1);
    appendFileSync(file(), '\nlast but one\nlast\n');
    const before = process.memoryUsage.rss();
    assert.deepEqual(stderrTail(folder, 2), ['last but one', 'last']);
    assert.ok(process.memoryUsage.rss() - before < 50_000_000);
  });
});
