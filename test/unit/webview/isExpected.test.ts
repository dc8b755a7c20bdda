import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isExpected } from '../../../webview/playground/isExpected.ts';

describe('an answer to a test case', () => {
  const cases: [answer: string, expected: string, isSo: boolean][] = [
    ['blue', 'blue', true],
    [' blue\n', 'blue', true],
    ['Blue', 'blue', false],
    ['{"b": [1, {"y": 2, "x": 1}], "a": "1"}', '{ "a": "1", "b": [1, {"x": 1, "y": 2}] }', true],
    ['{"a": 1}', '{"a": "1"}', false],
    ['[1, 2]', '[2, 1]', false],
    ['1.0', '1', false],
    ['{"a": 1', '{"a": 1}', false],
  ];
  for (const [answer, expected, isSo] of cases)
    it(`${answer.trim()} is ${isSo ? '' : 'not '}${expected}`, () => assert.equal(isExpected(answer, expected), isSo));
});
