import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { laterPart, loadLaterParts } from '../../../src/base/laterPart.ts';

describe('a later part', () => {
  it('is loaded once, when it is first asked for, and again when that failed', async () => {
    let loads = 0;
    const part = laterPart(async () => {
      if (++loads === 1) throw new Error('the file is not there');
      return 'loaded';
    });
    assert.equal(loads, 0);
    await assert.rejects(part(), /not there/);
    assert.deepEqual(await Promise.all([part(), part()]), ['loaded', 'loaded']);
    assert.equal(loads, 2);
  });

  it('is loaded with all others, also when another one declares it', async () => {
    const loaded: string[] = [];
    laterPart(async () => {
      loaded.push('outer');
      laterPart(async () => loaded.push('inner'));
    });
    await loadLaterParts();
    assert.deepEqual(loaded, ['outer', 'inner']);
  });

  it('keeps no other from being loaded when it can not be', async () => {
    let isThere = false;
    let isLoaded = false;
    laterPart(async () => {
      if (!isThere) throw new Error('the file is not there');
    });
    laterPart(async () => {
      isLoaded = true;
    });
    await assert.rejects(loadLaterParts(), /not there/);
    assert.ok(isLoaded);
    isThere = true;
    await loadLaterParts();
  });
});
