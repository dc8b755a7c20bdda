import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { apiOfChat, apiOfSignature, type EndpointApi, swaggerOf } from '../../../src/serving/endpointApi.ts';

const url = 'http://127.0.0.1:4000/endpoints/iris';
const iris = apiOfSignature(
  'blue',
  [
    { type: 'double', name: 'width' },
    { type: 'double', name: 'length' },
  ],
  [{ type: 'long' }],
);

/** Where a document points to. */
const refs = (document: object): string[] => [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, at]) => at!);
const at = (document: object, path: string): unknown =>
  path.split('/').reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], document);

describe('what an endpoint says of itself', () => {
  it('is the signature of an MLflow model, as Swagger 2.0', () => {
    const document = swaggerOf(iris, url, 2) as Record<string, unknown>;
    assert.deepEqual(
      [document.swagger, document.host, document.basePath, document.schemes],
      ['2.0', '127.0.0.1:4000', '/endpoints/iris', ['http']],
    );
    assert.deepEqual(Object.keys(document.paths as object), ['/score']);
    const { ServiceInput: input, ServiceOutput: output } = document.definitions as Record<string, any>;
    assert.deepEqual(input.properties.input_data.properties.columns.items.enum, ['width', 'length']);
    assert.deepEqual(input.properties.input_data.properties.data.items.items, { type: 'number', format: 'double' });
    assert.deepEqual(input.example, { input_data: { columns: ['width', 'length'], index: [0], data: [[0, 0]] } });
    assert.deepEqual(output, { type: 'array', items: { type: 'integer', format: 'int64' } });
  });

  it('points to what is there, in both versions', () => {
    for (const api of [iris, apiOfChat('blue')])
      for (const version of [2, 3] as const) {
        const document = swaggerOf(api, url, version);
        assert.ok(refs(document).length >= 3);
        for (const each of refs(document)) assert.ok(at(document, each), each);
      }
  });

  it("is OpenAI's API of a language model, as OpenAPI 3.0", () => {
    const document = swaggerOf(apiOfChat('blue'), url, 3) as Record<string, unknown>;
    assert.deepEqual([document.openapi, document.servers], ['3.0.3', [{ url }]]);
    assert.deepEqual(Object.keys(document.paths as object), ['/score', '/v1/chat/completions']);
  });

  const answers: [what: string, outputs: Parameters<typeof apiOfSignature>[2], output: EndpointApi['output']][] = [
    ['nothing that is known', undefined, {}],
    [
      'a tensor',
      [{ 'tensor-spec': { dtype: 'float32', shape: [-1, 2] } }],
      { type: 'array', items: { type: 'array', items: { type: 'number' } } },
    ],
    [
      'columns',
      [
        { name: 'label', type: 'string' },
        { name: 'odd', type: { type: 'object' } },
      ],
      { type: 'array', items: { type: 'object', properties: { label: { type: 'string' }, odd: {} } } },
    ],
  ];
  for (const [what, outputs, output] of answers)
    it(`says that ${what} is answered`, () => assert.deepEqual(apiOfSignature('blue', [{ type: 'long' }], outputs).output, output));

  it('has rows of any values where columns are of several types, and tensors of sane depth', () => {
    const mixed = apiOfSignature('blue', [{ type: 'long' }, { type: 'string' }], undefined).input as any;
    assert.deepEqual(mixed.properties.input_data.properties.columns.items.enum, ['0', '1']);
    assert.deepEqual(mixed.properties.input_data.properties.data.items.items, {});
    const deep = apiOfSignature('blue', [{ type: 'long' }], [{ 'tensor-spec': { dtype: 'int64', shape: Array(1000).fill(1) } }]).output;
    assert.ok(JSON.stringify(deep).length < 1000);
  });
});
