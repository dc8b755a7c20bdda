import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { placeOf } from '../../../src/client/deployModel.ts';

describe('where a model is deployed', () => {
  for (const [model, version, endpoint, deployment] of [
    ['orders', '1', 'orders', 'version-1'],
    ['My model, v2.5', '2026.1', 'My-model-v2-5', 'version-2026-1'],
    ['é', '1', 'model', 'version-1'],
    ['7b', '1', 'model-7b', 'version-1'],
    [`${'a'.repeat(31)}-b`, '1', 'a'.repeat(31), 'version-1'],
  ] as const)
    it(`is ${endpoint} for ${model.slice(0, 20)}`, () => {
      const place = placeOf(model, version);
      assert.deepEqual(place, { endpoint, deployment });
      for (const name of Object.values(place)) assert.match(name, /^[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]$/);
    });
});
