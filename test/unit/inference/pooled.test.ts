import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Pooling } from '../../../src/catalog/embeddingRecipe.ts';
import { normalized, pooled } from '../../../src/inference/worker/pooled.ts';

describe('one vector from those of all tokens', () => {
  const vectors = { data: Float32Array.of(1, 2, 3, -4, 8, 2), tokens: 3, width: 2 };
  for (const [pooling, wanted] of [
    ['cls_token', [1, 2]],
    ['lasttoken', [8, 2]],
    ['max_tokens', [8, 2]],
    ['mean_tokens', [4, 0]],
    ['mean_sqrt_len_tokens', [12 / Math.sqrt(3), 0]],
    ['weightedmean_tokens', [(1 + 2 * 3 + 3 * 8) / 6, (2 - 2 * 4 + 3 * 2) / 6]],
  ] as [Pooling, number[]][])
    it(`is their ${pooling}`, () => {
      assert.deepEqual(
        [...pooled(vectors, [pooling])].map((each) => each.toFixed(5)),
        wanted.map((each) => each.toFixed(5)),
      );
    });

  it('is several behind each other', () => {
    assert.deepEqual([...pooled(vectors, ['cls_token', 'mean_tokens'])], [1, 2, 4, 0]);
  });

  it('is one unit long, but for zeros', () => {
    assert.deepEqual([...normalized(Float32Array.of(3, 4))], [Math.fround(0.6), Math.fround(0.8)]);
    assert.deepEqual([...normalized(Float32Array.of(0, 0))], [0, 0]);
  });
});
