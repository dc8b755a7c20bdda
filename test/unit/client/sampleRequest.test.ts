import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { requestOf, signatureInputs } from '../../../src/client/sampleRequest.ts';

describe('a request to begin with', () => {
  it('has the shape of the signature that MLflow has written', () => {
    const columns = signatureInputs(
      [
        'flavors:',
        '  sklearn: {}',
        'signature:',
        `  inputs: '[{"type": "double", "name": "it''s wide", "required": true}, {"type": "string", "name":`,
        `    "colour", "required": true}, {"type": "boolean", "name": "old", "required": true}]'`,
        `  outputs: '[{"type": "long", "required": true}]'`,
        'utc_time_created: now',
      ].join('\n'),
    );
    assert.deepEqual(requestOf(columns!), {
      input_data: { columns: ["it's wide", 'colour', 'old'], index: [0], data: [[0, 'text', true]] },
    });
    const tensor = signatureInputs(
      `signature:\n  inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2, 3]}}]'\n`,
    );
    assert.deepEqual(requestOf(tensor!), {
      input_data: [
        [
          [0, 0, 0],
          [0, 0, 0],
        ],
      ],
    });
  });

  it('is not taken from what is no signature', () => {
    for (const text of [
      '',
      'signature: null\n',
      "signature:\n  inputs: '[{'\n",
      "signature:\n  inputs: '[]'\n",
      "signature:\n  inputs: '{}'\n",
    ])
      assert.equal(signatureInputs(text), undefined, text);
    assert.deepEqual(requestOf([{ 'tensor-spec': { shape: ['x', -5, 1e9] } }]).input_data, [[Array(1000).fill(0)]]);
  });
});
