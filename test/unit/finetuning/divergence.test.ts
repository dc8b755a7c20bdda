import assert from 'node:assert/strict';
import fc from 'fast-check';
import { divergenceOf } from '../../../src/finetuning/verify/divergence.ts';

const logOf = (probabilities: number[]) => Float32Array.from(probabilities, Math.log);

describe('divergenceOf', () => {
  it('is that of Kullback and Leibler, from logits of any height', () => {
    const { divergence, isSameToken } = divergenceOf(
      logOf([0.5, 0.25, 0.25]).map((each) => each + 7),
      logOf([0.25, 0.25, 0.5]),
    );
    assert.ok(Math.abs(divergence - 0.25 * Math.log(2)) < 1e-6);
    assert.equal(isSameToken, false);
  });

  it('is next to nothing between equals, and never less', () => {
    const distribution = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }).map((weights) => {
      const sum = weights.reduce((a, b) => a + b, 0);
      return logOf(weights.map((each) => each / sum));
    });
    fc.assert(
      fc.property(distribution, distribution, (a, b) => {
        assert.ok(Math.abs(divergenceOf(a, a).divergence) < 1e-6);
        assert.ok(divergenceOf(a, b).divergence > -1e-6);
      }),
    );
  });

  it('is no number where a training has failed, and a token that never comes adds nothing', () => {
    assert.ok(Number.isNaN(divergenceOf(Float32Array.of(Number.NaN, 1), logOf([0.5, 0.5])).divergence));
    assert.equal(divergenceOf(Float32Array.of(0, Number.NEGATIVE_INFINITY), Float32Array.of(0, Number.NEGATIVE_INFINITY)).divergence, 0);
  });
});
