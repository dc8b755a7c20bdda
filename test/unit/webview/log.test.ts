import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ansiSpans, plainText } from '../../../webview/shared/log/ansi.ts';
import { levelOf } from '../../../webview/shared/log/level.ts';
import { LogText } from '../../../webview/shared/log/logText.ts';
import { type LogQuery, mostMatches, noQuery, searchLines } from '../../../webview/shared/log/searchLines.ts';
import { webLinks } from '../../../webview/shared/log/webLinks.ts';

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
    assert.deepEqual(ansiSpans('\x1b[38;5;9mx'), [{ text: 'x', look: 'fg-bright-red' }]);
    assert.equal(plainText('\x1b[36mepoch\x1b[0m 1'), 'epoch 1');
  });

  it('has 256 and all colours, written with semicolons or colons', () => {
    assert.deepEqual(ansiSpans('\x1b[38;5;208ma\x1b[38;2;1;2;3mb\x1b[38:2::255:0:16mc\x1b[48;5;244md\x1b[39;49me'), [
      { text: 'a', look: 'fg-own', color: '#ff8700' },
      { text: 'b', look: 'fg-own', color: '#010203' },
      { text: 'c', look: 'fg-own', color: '#ff0010' },
      { text: 'd', look: '', color: '#ff0010', background: '#808080' },
      { text: 'e', look: '' },
    ]);
    // What is no colour changes nothing.
    assert.deepEqual(ansiSpans('\x1b[38;5;999mx\x1b[38;2;1;2my\x1b[38mz'), [
      { text: 'x', look: '' },
      { text: 'y', look: '' },
      { text: 'z', look: '' },
    ]);
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

describe('a search in a log', () => {
  const lines = ['Loss 1', 'loss 2\x1b[31m, loss\x1b[0m', 'a (b) [c] a.c', '', 'abc', 'İ loss'];
  const search = (text: string, options: Partial<LogQuery> = {}) => searchLines(lines, { ...noQuery, text, ...options });
  const found = (...args: Parameters<typeof search>) => search(...args).matches.map(({ line, start, end }) => [line, start, end]);

  it('finds text in any case, or in just this one, beside colours and characters of other lengths', () => {
    assert.deepEqual(found('LOSS'), [
      [0, 0, 4],
      [1, 0, 4],
      [1, 8, 12],
      [5, 2, 6],
    ]);
    assert.deepEqual(found('Loss', { matchCase: true }), [[0, 0, 4]]);
    assert.deepEqual(found('a.c'), [[2, 10, 13]]);
    for (const text of ['(b)', '[c]', '-', '/', '}', '\\', '^$|?*+']) assert.doesNotThrow(() => search(text));
  });

  it('finds by a regular expression, also one that matches nothing or is none', () => {
    assert.deepEqual(found('a.c', { isRegex: true }), [
      [2, 10, 13],
      [4, 0, 3],
    ]);
    assert.deepEqual(found('x*', { isRegex: true }), []);
    assert.deepEqual(found('(', { isRegex: true }), []);
    assert.equal(search('(', { isRegex: true, isFilter: true }).only, undefined);
  });

  it('leaves the lines that match, all of them', () => {
    assert.deepEqual(search('loss', { isFilter: true }).only, [0, 1, 5]);
    const many = Array.from({ length: 30_000 }, (_, index) => `line ${index}`);
    const { matches, only } = searchLines(many, { ...noQuery, text: 'line', isFilter: true });
    assert.deepEqual([matches.length, only!.length], [mostMatches, 30_000]);
  });
});

describe('a line of a log', () => {
  it('is an error or a warning as loggers and Python write them', () => {
    const levels: Record<string, string[]> = {
      error: [
        '2026-01-02 10:00:00,123 ERROR train: no data',
        '[ERROR] x',
        'CRITICAL:root:x',
        'error: no such option',
        'error[E0425]: cannot find value',
        'Traceback (most recent call last):',
        'ValueError: no data',
        'torch.cuda.OutOfMemoryError: CUDA out of memory',
      ],
      warning: ['WARNING:root:slow', '2026/01/02 [WARN] slow', 'warning: unused', '/a/b.py:12: UserWarning: old', 'FutureWarning: x'],
      none: ['0 errors, 0 warnings', 'the error rate is 0.1', 'TERROR', 'no-ERROR-here', 'loss=0.1', 'MyErrors: none', ''],
    };
    for (const [level, texts] of Object.entries(levels)) for (const text of texts) assert.equal(levelOf(text) ?? 'none', level, text);
  });

  it('has links to the web alone, without what ends a sentence', () => {
    const urls = (text: string) => webLinks(text).map(({ url }) => url);
    assert.deepEqual(urls('see https://a.b/c?d=e#f, or (http://x.y/z_(1)).'), ['https://a.b/c?d=e#f', 'http://x.y/z_(1)']);
    assert.deepEqual(urls('javascript:alert(1) file:///etc/passwd command:x data:text/html,x ftp://a.b vscode://a/b'), []);
    assert.deepEqual(urls('https://a.b/\u202ec "https://q.r" <https://s.t>'), ['https://a.b/', 'https://q.r', 'https://s.t']);
    assert.deepEqual(urls('https://'), []);
    const text = 'at https://a.b now';
    assert.deepEqual(webLinks(text), [{ start: 3, end: 14, url: 'https://a.b' }]);
  });
});
