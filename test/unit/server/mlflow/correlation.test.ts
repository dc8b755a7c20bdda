import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { correlation } from '../../../../src/server/routes/mlflow/traces/correlation.ts';

describe('correlation of filters', () => {
  const npmi = (total: number, one: number, two: number, both: number) => correlation({ total, one, two, both }).npmi;

  it('is 1 together, 0 independent, -1 apart and no number without any', () => {
    assert.equal(npmi(100, 10, 10, 10), 1);
    assert.ok(Math.abs(npmi(100, 50, 50, 25) as number) < 1e-9);
    assert.equal(npmi(100, 10, 10, 0), -1);
    assert.equal(npmi(100, 0, 10, 0), 'NaN');
    assert.equal(npmi(0, 0, 0, 0), 'NaN');
  });
});
