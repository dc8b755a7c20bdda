import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { shortened } from '../../../src/base/text.ts';

describe('a text that has to fit', () => {
  it('is cut with an ellipsis, never through a character', () => {
    assert.equal(shortened('short', 10), 'short');
    assert.equal(shortened('a'.repeat(200), 40), `${'a'.repeat(39)}…`);
    assert.equal(shortened('word and more', 6), 'word…');
    assert.equal(shortened('👩‍👩‍👧'.repeat(5), 5), '👩‍👩‍👧'.repeat(5));
    assert.equal(shortened('👩‍👩‍👧'.repeat(6), 5), `${'👩‍👩‍👧'.repeat(4)}…`);
    assert.equal(shortened('a'.repeat(1_000_000), 3), 'aa…');
  });
});
