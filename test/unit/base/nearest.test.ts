import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { editDistance, nearest } from '../../../src/base/nearest.ts';

describe('nearest', () => {
  it('finds what was meant', () => {
    assert.equal(nearest('enviroment', ['environment', 'command', 'code']), 'environment');
    assert.equal(nearest('ouptuts', ['inputs', 'outputs']), 'outputs');
    assert.equal(nearest('Command', ['command']), 'command');
  });

  it('is silent when nothing is near', () => {
    assert.equal(nearest('kubernetes', ['command', 'code']), undefined);
    assert.equal(nearest('x', []), undefined);
  });
});

describe('editDistance', () => {
  it('counts changed, added, dropped and swapped letters', () => {
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('ab', 'ba'), 1);
    assert.equal(editDistance('', 'abc'), 3);
  });

  it('is symmetric, and zero only for equal words', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        assert.equal(editDistance(a, b), editDistance(b, a));
        assert.equal(editDistance(a, b) === 0, a === b);
      }),
    );
  });
});
