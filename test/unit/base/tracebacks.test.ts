import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { lastException, reasonLine } from '../../../src/base/tracebacks.ts';

const said = (text: string) => lastException(text.split('\n'));

describe('the exception of a traceback', () => {
  it('is the line behind the last frame, whatever comes before and after', () => {
    assert.equal(
      said(`epoch 1
Traceback (most recent call last):
  File "train.py", line 3, in <module>
    load()
    ~~~~^^
  File "train.py", line 2, in load
    raise ValueError("no data")
ValueError: no data
bye`),
      'ValueError: no data',
    );
  });

  it('is that of the last one of a chain', () => {
    assert.equal(
      said(`Traceback (most recent call last):
  File "a.py", line 1, in <module>
    1/0
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
    raise mine.Broken
mine.Broken`),
      'mine.Broken',
    );
  });

  it('is found where there is no header, and behind the marks of ranks and of groups', () => {
    assert.equal(
      said(`  File "a.py", line 1\n    print(\n         ^\nSyntaxError: '(' was never closed`),
      "SyntaxError: '(' was never closed",
    );
    assert.equal(
      said(`[rank1]: Traceback (most recent call last):
[rank1]:   File "a.py", line 1, in <module>
[rank1]:     raise KeyError("x")
[rank1]: KeyError: 'x'
[W1126] left`),
      "KeyError: 'x'",
    );
    assert.equal(
      said(`  + Exception Group Traceback (most recent call last):
  |   File "a.py", line 1, in <module>
  |     raise ExceptionGroup("two", [])
  | ExceptionGroup: two (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "a.py", line 2, in <module>
    |     raise TypeError("inner")
    | TypeError: inner
    +------------------------------------`),
      'TypeError: inner',
    );
  });

  it('is none in a text without frames', () => {
    assert.equal(said('Error: it is no Python\nbye'), undefined);
    assert.equal(reasonLine(['fine', 'Error: it is no Python', 'bye']), 1);
    assert.equal(reasonLine(['fine']), undefined);
  });
});
