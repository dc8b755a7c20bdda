import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatBytes, formatDuration, plural } from '../../../src/base/text.ts';

describe('text for people', () => {
  it('shows bytes', () => {
    assert.deepEqual([0, 999, 1500, 12_300_000, 3e12].map(formatBytes), ['0 B', '999 B', '1.5 kB', '12 MB', '3.0 TB']);
  });

  it('shows durations', () => {
    assert.deepEqual([400, 12_400, 185_000, 7_800_000].map(formatDuration), ['0.4 s', '12 s', '3 min 5 s', '2 h 10 min']);
  });

  it('never rounds up to 60 seconds', () => {
    assert.equal(formatDuration(59_700), '1 min 0 s');
  });

  it('counts', () => {
    assert.deepEqual([plural(1, 'job'), plural(0, 'job'), plural(2, 'entry', 'entries')], ['1 job', '0 jobs', '2 entries']);
  });
});
