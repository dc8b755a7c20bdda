import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ansiSpans, plainText } from '../../../webview/shared/log/ansi.ts';
import { LogText } from '../../../webview/shared/log/logText.ts';

describe('the text of a log', () => {
  const linesOf = (...pieces: (string | Uint8Array)[]) => {
    const text = new LogText();
    for (const piece of pieces) text.append(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece);
    return text.lines();
  };

  it('is the same however its bytes are cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat()), (written, cuts) => {
        const bytes = new TextEncoder().encode(written);
        const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        assert.deepEqual(linesOf(...pieces), linesOf(bytes));
      }),
    );
  });

  it('keeps of a progress bar what it shows last', () => {
    assert.deepEqual(linesOf(' 10 %\r 55 %\r100 %\n', 'done\r\n', 'more'), ['100 %', 'done', 'more']);
  });

  it('has the colours of the theme and no other control sequence', () => {
    assert.deepEqual(ansiSpans('a\x1b[1;31mb\x1b[0mc\x1b[2K\x1b]0;title\x07d'), [
      { text: 'a', look: '' },
      { text: 'b', look: 'fg-red bold' },
      { text: 'c', look: '' },
      { text: 'd', look: '' },
    ]);
    assert.deepEqual(ansiSpans('\x1b[38;5;9mx\x1b[38;2;1;2;3my'), [
      { text: 'x', look: 'fg-bright-red' },
      { text: 'y', look: 'fg-bright-red' },
    ]);
    assert.equal(plainText('\x1b[36mepoch\x1b[0m 1'), 'epoch 1');
  });

  it('shows every character that is not part of a sequence', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\x1b[31m', '\x1b[0m', 'a', ' ', '\x1b[', '[0m', '\x1b')), (parts) => {
        const line = parts.join('');
        assert.equal(
          ansiSpans(line)
            .map((span) => span.text)
            .join(''),
          plainText(line),
        );
      }),
    );
  });
});
