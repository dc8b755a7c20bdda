import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { grammarSchema, looseGrammarSchema } from '../../../src/inference/grammarSchema.ts';

describe('the schema of a grammar', () => {
  it('takes what Pydantic writes', () => {
    const schema = grammarSchema({
      title: 'Order',
      type: 'object',
      $defs: { Colour: { enum: ['red', 'blue'], title: 'Colour' } },
      properties: {
        colour: { $ref: '#/$defs/Colour' },
        day: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }], default: null, title: 'Day' },
        mail: { type: 'string', format: 'email' },
      },
      required: ['colour'],
    });
    assert.deepEqual(schema, {
      type: 'object',
      $defs: { Colour: { enum: ['red', 'blue'] } },
      properties: {
        colour: { $ref: '#/$defs/Colour' },
        day: { oneOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
        mail: { type: 'string' },
      },
      required: ['colour'],
    });
  });

  it('reads definitions as older schemas have them', () => {
    assert.deepEqual(grammarSchema({ $ref: '#/definitions/a', definitions: { a: { type: 'null' } } }), {
      $ref: '#/$defs/a',
      $defs: { a: { type: 'null' } },
    });
  });

  const refused: [what: string, schema: unknown, message: RegExp][] = [
    [
      'a pattern',
      { type: 'object', properties: { a: { type: 'string', pattern: 'x+' } } },
      /schema\.properties\.a\.pattern is not supported/,
    ],
    ['allOf', { allOf: [] }, /schema\.allOf is not supported/],
    ['a reference to elsewhere', { $ref: 'https://example.org/schema.json' }, /\$ref points elsewhere/],
    ['no schema', 'string', /is no JSON Schema object/],
    ['a oneOf that is no list', { oneOf: {} }, /oneOf is no list/],
    ['a length that no grammar can spell out', { type: 'string', minLength: 1e9 }, /more than 20000 parts/],
    [
      'counts that multiply',
      { type: 'array', maxItems: 300, items: { type: 'array', maxItems: 300, items: { type: 'null' } } },
      /more than 20000 parts/,
    ],
  ];
  for (const [what, schema, message] of refused)
    it(`refuses ${what}, and says where`, () => assert.throws(() => grammarSchema(schema), message));

  it('refuses one that is nested without end', () => {
    let schema: object = { type: 'null' };
    for (let depth = 0; depth < 200; depth++) schema = { type: 'array', items: schema };
    assert.throws(() => grammarSchema(schema), /nested more than 64 deep/);
  });

  it('of a tool leaves out what a grammar can not hold: the tool checks its arguments itself', () => {
    const schema = {
      type: 'object',
      properties: {
        path: { type: 'string', pattern: '^/', maxLength: 1e9 },
        other: { $ref: 'https://example.org/schema.json' },
        count: { type: 'integer', minimum: 1 },
      },
    };
    assert.deepEqual(looseGrammarSchema(schema, 'tool'), {
      type: 'object',
      properties: { path: { type: 'string' }, other: {}, count: { type: 'integer' } },
    });
    assert.throws(() => looseGrammarSchema('no schema', 'tool'), /is no JSON Schema object/);
  });
});
