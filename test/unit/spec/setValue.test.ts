import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { setValue } from '../../../src/spec/setValue.ts';

describe('setValue', () => {
  const cases: [string, string, string, string][] = [
    ['replaces a value', 'a: 1\nb: 2\n', 'a=3', 'a: 3\nb: 2\n'],
    ['makes the maps that are not there', 'a: 1\n', 'tags.owner.name=me', 'a: 1\ntags:\n  owner:\n    name: me\n'],
    ['fills a map that is empty', 'inputs:\nb: 2\n', 'inputs.x=1', 'inputs:\n  x: 1\nb: 2\n'],
    ['takes lists and maps', 'a: 1\n', 'b=[1, {x: y}]', 'a: 1\nb: [ 1, { x: y } ]\n'],
    ['takes what is no YAML as text', 'a: 1\n', 'b=@x: y: z', 'a: 1\nb: "@x: y: z"\n'],
    [
      'leaves everything else as it is written',
      '# why\na: 010\nb: 1_000 # much\nc: yes\ne: 12345678901234567890\nf: "q"\ng: 1.50\n',
      'f=r',
      '# why\na: 010\nb: 1_000 # much\nc: yes\ne: 12345678901234567890\nf: r\ng: 1.50\n',
    ],
    ['changes the key that counts of two', 'a: 1\na: 2\n', 'a=3', 'a: 3\n'],
  ];
  for (const [what, before, assignment, after] of cases) it(what, () => assert.equal(setValue(before, assignment), after));

  it('says what is wrong', () => {
    assert.throws(() => setValue('a: 1\n', 'a'), /has no "="/);
    assert.throws(() => setValue('a: 1\n', 'a.b=2'), /"a" is a plain value, not a map/);
    assert.throws(() => setValue('a: [1\n', 'b=2'), /no valid YAML/);
  });
});
