import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ModelFacts } from '../../../src/catalog/modelFacts.ts';
import { contextFor } from '../../../src/inference/contextFor.ts';

const facts = (weightBytes: number, contextLength: number, cacheBytesPerToken: number): ModelFacts => ({
  format: 'gguf',
  parameters: 1,
  quantization: 'Q4_K_M',
  weightBytes,
  contextLength,
  cacheBytesPerToken,
  hasChatTemplate: true,
  isAdapter: false,
});

describe('the context of a model', () => {
  it('is as long as the model was made for, several times over where it is small', () => {
    assert.deepEqual(contextFor(facts(98e6, 8192, 23_040), { memory: 24e9, available: 20e9 }), { contextSize: 8192, sequences: 4 });
    assert.deepEqual(contextFor(facts(3e6, 256, 2048), { memory: 24e9, available: 20e9 }), { contextSize: 256, sequences: 4 });
  });
  it('leaves most of a small machine alone', () => {
    assert.deepEqual(contextFor(facts(98e6, 8192, 23_040), { memory: 8e9, available: 5e9 }), { contextSize: 8192, sequences: 2 });
  });
  it('of a large model is one, and shorter where memory ends', () => {
    assert.deepEqual(contextFor(facts(4.4e9, 131_072, 131_072), { memory: 16e9, available: 8e9 }), { contextSize: 5888, sequences: 1 });
    assert.deepEqual(contextFor(facts(4.4e9, 131_072, 131_072), { memory: 16e9, available: 4.7e9 }), { contextSize: 768, sequences: 1 });
  });
  it('follows the memory of the GPU where the model is whole on it, and both memories where it is not', () => {
    const gpu = { name: 'GPU', memory: 80e9, available: 79e9 };
    assert.deepEqual(contextFor(facts(4.4e9, 131_072, 131_072), { memory: 16e9, available: 8e9, gpu }), {
      contextSize: 8192,
      sequences: 3,
    });
    const small = { name: 'GPU', memory: 4e9, available: 3e9 };
    assert.deepEqual(contextFor(facts(4.4e9, 131_072, 131_072), { memory: 16e9, available: 8e9, gpu: small }), {
      contextSize: 3840,
      sequences: 1,
    });
  });
});
