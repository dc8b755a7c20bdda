import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { DiskNames } from '../../../src/exchange/folder/diskNames.ts';

const part = fc.oneof(
  fc.constantFrom(
    'CON',
    'con.txt',
    'a:b',
    'dot.',
    'A',
    'a',
    '..',
    '.',
    '',
    ' x',
    'x ',
    'LPT1',
    '%',
    '%41',
    '\u0000',
    'é',
    'e\u0301',
    '\ud800',
    'a~2',
    'a%~2',
  ),
  fc.string({ unit: 'binary', maxLength: 400 }).map((text) => text.replaceAll('/', '')),
);

describe('names on a disk', () => {
  it('stay as they are where every disk takes them', () => {
    const names = new DiskNames();
    for (const name of ['artifacts/model.pkl', 'logs/user_logs/std_log.txt', 'a b/ü.txt', '.hidden', 'x~1'])
      assert.equal(names.of(name), name);
    assert.deepEqual(names.changed, {});
  });

  it('are ones that every disk takes, tell all true names apart, and lead back to them', async () => {
    await fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
          { maxLength: 30 },
        ),
        (all) => {
          const names = new DiskNames();
          const folded = new Set<string>();
          for (const name of all) {
            const onDisk = names.of(name);
            assert.equal(names.of(name), onDisk, 'the same every time');
            assert.equal(Object.hasOwn(names.changed, onDisk) ? names.changed[onDisk] : onDisk, name);
            folded.add(onDisk.normalize('NFC').toLowerCase());
            for (const each of onDisk.split('/')) {
              assert.doesNotMatch(each, /[\u0000-\u001f\u007f<>:"\\|?*]|[. ]$|^ |^$/);
              assert.doesNotMatch(each, /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i);
              assert.ok(Buffer.byteLength(each) <= 200 && each.isWellFormed(), each);
            }
          }
          assert.equal(folded.size, all.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
