import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Scalar } from 'yaml';
import { isDate, scalarOf } from '../../../src/spec/scalar.ts';

/** What PyYAML's `safe_load` makes of each word. */
const values: [unknown, string[]][] = [
  [true, ['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'on', 'On', 'ON']],
  [false, ['false', 'False', 'FALSE', 'no', 'No', 'NO', 'off', 'Off', 'OFF']],
  [null, ['', '~', 'null', 'Null', 'NULL']],
  [8, ['8', '010', '+8', '0x8', '0b1000', '0_1_0']],
  [1000, ['1000', '1_000', '1000.0', '1.0e+3']],
  [90, ['90', '1:30', '1:30.']],
  [-1.5, ['-1.5', '-1.5e+0', '-1_0.5'.replace('1_0', '1')]],
  [0.0001, ['1.0e-4', '.0001']],
  [Number.POSITIVE_INFINITY, ['.inf', '+.Inf', '.INF']],
];
const texts = [
  'y',
  'n',
  'yEs',
  'tRue',
  '1e3',
  '1e-4',
  '1.0e3',
  '08',
  '0o10',
  '-.5',
  '1:60',
  '0x',
  '1,000',
  '1.2.3',
  '.',
  '-',
  '5m',
  '.iNf',
  '2024-1-2',
];

describe('scalarOf', () => {
  it('reads words and numbers as Azure’s client does', () => {
    for (const [value, sources] of values) for (const source of sources) assert.equal(scalarOf(source), value, source);
    for (const source of texts) assert.equal(scalarOf(source), source);
    assert.ok(Number.isNaN(scalarOf('.nan')));
  });

  it('tells dates from text', () => {
    const scalar = (value: string, type: Scalar.Type) => Object.assign(new Scalar(value), { type });
    for (const each of ['2024-01-02', '2024-01-02T10:00:00', '2024-1-2 10:00:00.5 Z', '2024-01-02t10:00:00+02:00']) {
      assert.ok(isDate(scalar(each, 'PLAIN')), each);
      assert.ok(!isDate(scalar(each, 'QUOTE_SINGLE')), each);
    }
    for (const each of ['2024-1-2', '2024-01-02T10:00', '20240102', '2024-01-02x']) assert.ok(!isDate(scalar(each, 'PLAIN')), each);
  });
});
