import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { speedEstimate } from '../../../src/catalog/speedEstimate.ts';

const small = { parameters: 100e6, weightBytes: 100e6, speed: { read: 1000, write: 100 } };
const large = { parameters: 8e9, weightBytes: 5e9, speed: { read: 20, write: 3 } };

describe('the estimate of a speed', () => {
  it('goes with the bytes that are read for each token, and with the weights that a prompt is multiplied by', () => {
    assert.deepEqual(speedEstimate({ parameters: 200e6, weightBytes: 100e6 }, [small]), { read: 500, write: 100 });
    assert.deepEqual(speedEstimate({ parameters: 100e6, weightBytes: 200e6 }, [small]), { read: 1000, write: 50 });
  });
  it('is made from the measured model of the closest size', () => {
    assert.deepEqual(speedEstimate({ parameters: 4e9, weightBytes: 2.5e9 }, [small, large]), { read: 40, write: 6 });
  });
  it('says nothing of writing where only a model that makes vectors was measured, and nothing at all without one', () => {
    assert.deepEqual(speedEstimate(small, [{ ...small, speed: { read: 1000 } }]), { read: 1000 });
    assert.equal(speedEstimate(small, []), undefined);
    assert.equal(speedEstimate({ parameters: 10e9, weightBytes: 10e9 }, [small]), undefined);
    assert.equal(speedEstimate({ parameters: 1e6, weightBytes: 1e6 }, [small]), undefined);
    assert.equal(speedEstimate({ parameters: 0, weightBytes: 0 }, [small]), undefined);
  });
});
