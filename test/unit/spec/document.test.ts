import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { parseCommon } from '../../../src/spec/commonYaml.ts';
import { SpecDocument } from '../../../src/spec/document.ts';
import { lastOfEqualKeys, readAsClient } from '../../../src/spec/parseBlock.ts';
import { parseOlder } from '../../../src/spec/parseOlder.ts';

const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpora/azureml-examples/files');
const files = globSync('**/*.{yml,yaml}', { cwd: corpus }).sort();
const read = (file: string) => readFileSync(path.join(corpus, file), 'utf8');

/** All that can be seen of a document: its blocks, values, what is wrong with it, and where its scalars stand. */
function seen(document: SpecDocument) {
  const scalars: unknown[] = [];
  const visit = (node: unknown): void => {
    if (isScalar(node)) scalars.push([node.value, node.range?.[0], node.range?.[1]]);
    else if (isSeq(node)) node.items.forEach(visit);
    else if (isMap(node))
      for (const { key, value } of node.items) {
        visit(key);
        visit(value);
      }
  };
  visit(document.root);
  return {
    blocks: document.blocks.map(({ kind, start, line, text, key }) => ({ kind, start, line, text, key })),
    value: document.toValue(document.root),
    diagnostics: document.diagnostics,
    scalars,
    lines: Array.from({ length: document.lineCount }, (_, line) => document.lineStart(line)),
  };
}

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Value, place and kind of each scalar. */
function scalars(root: unknown) {
  const found: unknown[] = [];
  const visit = (node: unknown): void => {
    // Where a value that is not there stands is anyone's choice.
    if (isScalar(node)) found.push(node.source ? [node.value, node.range?.[0], node.range?.[1], node.type] : node.value);
    else if (isSeq(node)) node.items.forEach(visit);
    else if (isMap(node))
      for (const { key, value } of node.items) {
        visit(key);
        visit(value);
      }
  };
  visit(root);
  return found;
}

const pieces = [
  '\n',
  ' ',
  '  ',
  ':',
  ': ',
  '- ',
  '#',
  'a',
  'x: 1\n',
  '\n  y: 2\n',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  '|',
  '\t',
  '\r\n',
  '&a ',
  '*a',
  '---\n',
  'jobs:\n',
  '\u0000',
  '${{',
  '}}',
];

/** Quoted text that goes on further left is fine for Azure's client, and so for us. */
function parsedByPackage(text: string, options: { merge?: boolean; uniqueKeys?: boolean } = {}): Document {
  const document = parseDocument(text, { ...options, logLevel: 'silent' });
  const older = document.errors.length > 0 ? parseOlder(text) : undefined;
  return older?.errors.length === 0 ? older : document;
}

describe('SpecDocument', () => {
  it('reads the corpus as if it were whole files', () => {
    let cutUp = 0;
    for (const file of files) {
      const text = read(file);
      const whole = parsedByPackage(text, { merge: true, uniqueKeys: false });
      const document = new SpecDocument(file, text);
      assert.equal(document.hasSyntaxErrors, whole.errors.length > 0, file);
      if (whole.errors.length > 0) continue;
      readAsClient(whole.contents);
      lastOfEqualKeys(whole.contents);
      assert.deepEqual(document.toValue(document.root), whole.toJS() ?? undefined, file);
      if (document.blocks.length > 1) cutUp++;
    }
    assert.ok(cutUp > files.length * 0.9, `${cutUp} of ${files.length} are cut into blocks`);
  });

  it('is the same after edits as when read anew', () => {
    const next = numbers(7);
    for (let round = 0; round < 120; round++) {
      const document = new SpecDocument('/x.yml', read(files[next(files.length)]!));
      for (let edit = 0; edit < 12; edit++) {
        const start = next(document.text.length + 1);
        const end = Math.min(document.text.length, next(4) ? start + next(3) : start + next(200));
        const from = next(document.text.length + 1);
        const inserted = next(5) ? pieces[next(pieces.length)]! : document.text.slice(from, from + next(300));
        const before = document.text;
        document.edit(start, end, inserted);
        const fresh = new SpecDocument('/x.yml', document.text);
        // Brackets across lines turn a file into one piece until it is read again; all but the pieces is equal then too.
        const [ours, theirs] = [seen(document), seen(fresh)];
        assert.deepEqual(ours, theirs, JSON.stringify({ before, start, end, inserted }));
      }
    }
  });

  it('reads what people write itself, as the yaml package does', () => {
    const next = numbers(3);
    let common = 0;
    let all = 0;
    for (const file of files)
      for (const block of new SpecDocument(file, read(file)).blocks) {
        for (let round = 0; round < 4; round++) {
          let { text } = block;
          if (round > 0) {
            const at = next(text.length + 1);
            text = text.slice(0, at) + (round === 3 ? '' : pieces[next(pieces.length)]) + text.slice(at + next(3));
          }
          const ours = parseCommon(text);
          if (round === 0 && block.kind !== 'head') all++;
          if (ours === undefined) continue;
          if (round === 0 && block.kind !== 'head') common++;
          const theirs = parsedByPackage(text);
          readAsClient(theirs.contents);
          assert.deepEqual(theirs.errors.map(String), [], JSON.stringify(text));
          assert.deepEqual(scalars(ours), scalars(theirs.contents), JSON.stringify(text));
        }
      }
    assert.ok(common > all * 0.95, `${common} of ${all} blocks`);
  });

  it('reads quoted text over several lines, with escapes, as the yaml package does', () => {
    const next = numbers(11);
    const parts = [
      'a',
      ' ',
      '  ',
      '\n   ',
      '\n\n    ',
      '\n  ',
      '\r\n   ',
      "''",
      '\\n',
      '\\\\',
      '\\"',
      '\\x41',
      '\\u00e9',
      '\\U0001F600',
      '\\ ',
      '\\\n   ',
      '\\\r\n    ',
      '\\t',
      '#',
      ': ',
      '\\q',
      '"',
      "'",
    ];
    let read = 0;
    for (let round = 0; round < 6000; round++) {
      const mark = next(2) ? '"' : "'";
      const text = `${mark}${Array.from({ length: next(8) }, () => parts[next(parts.length)]).join('')}${mark}`;
      const whole = ['key: $\nnext: 1\n', '- $ # why\n- b\n', 'outer:\n  - name: $\n    value: x\n'][next(3)]!.replace('$', () => text);
      const ours = parseCommon(whole);
      if (ours === undefined) continue;
      read++;
      const theirs = parsedByPackage(whole);
      readAsClient(theirs.contents);
      assert.deepEqual(theirs.errors.map(String), [], JSON.stringify(whole));
      assert.deepEqual(scalars(ours), scalars(theirs.contents), JSON.stringify(whole));
    }
    assert.ok(read > 2500, `${read} of 6000`);
  });

  it('parses only the step that changed', () => {
    const steps = Array.from({ length: 50 }, (_, i) => `  step${i}:\n    command: echo ${i}\n    inputs:\n      a: ${i}\n`).join('');
    const document = new SpecDocument('/x.yml', `type: pipeline\njobs:\n${steps}outputs:\n  o: {}\n`);
    const before = document.blocks.map(({ parsed }) => parsed);
    const at = document.text.indexOf('echo 25');
    document.edit(at, at + 4, 'print');
    const parsedAnew = document.blocks.filter(({ parsed }) => !before.includes(parsed));
    assert.deepEqual(
      parsedAnew.map(({ key }) => key).sort(),
      ['step24', 'step25'].filter((key) => parsedAnew.some((each) => each.key === key)),
    );
    assert.ok(parsedAnew.length <= 2);
    assert.equal((document.toValue(document.at(['jobs', 'step25'])) as { command: string }).command, 'print 25');
    assert.equal(document.text.slice(...(document.at(['jobs', 'step49', 'inputs', 'a']) as Node).range!.slice(0, 2)), '49');
  });

  it('keeps what was computed for a block until the block or what it depends on changes', () => {
    const document = new SpecDocument('/x.yml', 'type: pipeline\njobs:\n  a:\n    command: x\n  b:\n    command: y\n');
    const runs: string[] = [];
    const check = (given: unknown) => {
      document.startChecks();
      for (const step of ['a', 'b'])
        document.remember(['jobs', step], 'check', [given], () => {
          runs.push(step);
          document.report(document.at(['jobs', step, 'command']), 'InvalidValue', step);
        });
      return document.diagnostics.map(({ message, range }) => `${range.start.line} ${message}`);
    };
    assert.deepEqual(check(1), ['4 a', '6 b']);
    document.edit(0, 0, '# a comment\n');
    assert.deepEqual(check(1), ['5 a', '7 b']);
    assert.deepEqual(runs, ['a', 'b']);
    document.edit(document.text.indexOf('x\n'), document.text.indexOf('x\n') + 1, 'z');
    assert.deepEqual(check(1), ['5 a', '7 b']);
    assert.ok(runs.length <= 4 && runs.includes('a'));
    const count = runs.length;
    check(2);
    assert.equal(runs.length, count + 2);
  });

  it('goes on after a half-typed line', () => {
    const document = new SpecDocument('/x.yml', 'type: pipeline\ncomp\njobs:\n  a:\n    command: x\n  b\n  c:\n    command: y\n');
    assert.deepEqual(
      document.diagnostics.map(({ range, message }) => `${range.start.line}:${range.start.column} ${message}`),
      ['2:1 A key must be followed by ":".', '6:3 A key must be followed by ":".'],
    );
    assert.deepEqual(document.toValue(document.at(['jobs', 'c', 'command'])), 'y');
  });

  it('follows anchors and merge keys across steps', () => {
    const text = 'x: &base {a: 1, b: 2}\njobs:\n  s: &s\n    <<: *base\n    b: 3\n  t:\n    <<: *s\n';
    const document = new SpecDocument('/x.yml', text);
    assert.deepEqual(document.toValue(document.root), { x: { a: 1, b: 2 }, jobs: { s: { a: 1, b: 3 }, t: { a: 1, b: 3 } } });
    assert.equal(document.toValue(document.at(['jobs', 't', 'a'])), 1);
    document.edit(text.indexOf('a: 1'), text.indexOf('a: 1') + 4, 'a: 9');
    assert.deepEqual(document.toValue(document.at(['jobs'])), { s: { a: 9, b: 3 }, t: { a: 9, b: 3 } });
  });

  const hostile: [string, () => string][] = [
    ['an alias bomb', () => `a: &a0 x\n${Array.from({ length: 40 }, (_, i) => `k${i}: &a${i + 1} [${`*a${i},`.repeat(10)}]\n`).join('')}`],
    ['an alias of itself', () => 'a: &a [*a]\nb: &b {<<: *b}\n'],
    ['100,000 open brackets', () => `a: ${'['.repeat(100_000)}`],
    ['100,000 open braces', () => '{a: '.repeat(100_000)],
    ['100,000 levels of lists', () => `a:\n  ${'- '.repeat(100_000)}x`],
    ['100,000 question marks', () => `a:\n  ${'? '.repeat(100_000)}x`],
    ['a line of 50 MB', () => `a: ${'x'.repeat(50_000_000)}`],
    ['a long line of spaces', () => `${' '.repeat(3_000_000)}x`],
    ['a long key', () => `${'k '.repeat(1_000_000)}: 1`],
    ['300,000 lines of nothing', () => '\n'.repeat(300_000)],
    ['100,000 keys', () => Array.from({ length: 100_000 }, (_, i) => `k${i}: 1\n`).join('')],
    ['100,000 equal keys', () => 'k: 1\n'.repeat(100_000)],
    ['NUL and lone surrogates', () => 'a: \u0000\ud800\n\udc00: x\n\u0000'],
    ['UTF-16 read as UTF-8', () => Buffer.from('\ufeffa: 1\nb: 2\n', 'utf16le').toString('utf8')],
    ['carriage returns alone', () => 'a: 1\rb: 2\r'.repeat(1000)],
    ['tabs', () => 'a:\n\tb: 1\n\t\tc: 2\n'.repeat(1000)],
    ['a prototype', () => '__proto__: {x: 1}\nconstructor: 2\n'],
  ];
  for (const [what, make] of hostile)
    it(`stands ${what}`, () => {
      const text = make();
      // Time of the processor, which other programs on the machine don't stretch.
      const started = process.cpuUsage();
      const document = new SpecDocument('/x.yml', text);
      document.toValue(document.root);
      document.at(['a', 0, 'b']);
      document.edit(text.length, text.length, 'z: 1\n');
      document.toValue(document.root);
      const { user, system } = process.cpuUsage(started);
      assert.ok((user + system) / 1000 < 2000, `${(user + system) / 1000} ms`);
      assert.equal(({} as { x?: number }).x, undefined);
    });
});
