import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { plainText } from '../../../src/extension/state/jobLog.ts';

describe('the text of a log', () => {
  it('has no colours, and of a line that rewrites itself its last form', () => {
    for (const [text, shown] of [
      ['plain\ntext\n', 'plain\ntext\n'],
      ['\x1b[31mred\x1b[0m\r\n\x1b]0;title\x07rest', 'red\nrest'],
      ['10%\r50%\r100%\ndone\n', '100%\ndone\n'],
      ['10%\r50%', '50%'],
      ['10%\r50%\r', '50%\r'],
      ['one\r\r\ntwo\r\n', 'one\ntwo\n'],
      ['\r', '\r'],
      ['\r\n', '\n'],
      ['', ''],
    ] as const)
      assert.equal(plainText(text), shown, JSON.stringify(text));
  });

  it('of a very long line is there at once', () => {
    const long = 'x'.repeat(5_000_000);
    assert.equal(plainText(`${long}\n${long}`).length, 10_000_001);
  });
});
