import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { chatRowOf, isBlankLine } from '../../../src/finetuning/data/chatRow.ts';
import { allExamples, exampleFiles, oneFile } from '../../../src/finetuning/data/exampleFiles.ts';
import { measuredRows } from '../../../src/finetuning/data/measuredRows.ts';
import { limits, readExamples, readRows } from '../../../src/finetuning/data/readExamples.ts';
import { readLines } from '../../../src/finetuning/data/readLines.ts';
import { splitOf } from '../../../src/finetuning/data/split.ts';

const pythonCode = path.resolve(import.meta.dirname, '../../../src/finetuning/pipeline/code');
const never = new AbortController().signal;
const all = { mostBytes: Number.MAX_SAFE_INTEGER, longest: 1000, signal: never };
const say = (...messages: unknown[]) => JSON.stringify({ messages });
const user = { role: 'user', content: 'hello' };
const answer = { role: 'assistant', content: 'good day' };

/** Lines good and bad, one for each rule. */
const lines = [
  say(user, answer),
  say({ role: 'system', content: 'Be brief.' }, user, answer),
  '{"prompt": "a", "completion": "b"}',
  '{"prompt": "a", "response": "b"}',
  '{"prompt": "a", "completion": null, "response": "b"}',
  '{"prompt": "a"}',
  '{"instruction": "a", "output": "b"}',
  '{"instruction": "a", "input": "c", "output": "b"}',
  '{"instruction": "a", "input": "", "output": "b"}',
  '{"instruction": "a", "input": {}, "output": "b"}',
  '{"instruction": "a", "input": 5, "output": "b"}',
  '{"instruction": "a", "input": 0, "output": "b"}',
  '{"instruction": 5, "input": "c", "output": "b"}',
  '{"instruction": 5, "output": "b"}',
  '{"instruction": "a", "output": 7}',
  '{"text": "a"}',
  '[]',
  '"a"',
  '7',
  'null',
  'true',
  '',
  '   ',
  '\u2003\u0085',
  '{"prompt": "a", "completion": "b"',
  '{"prompt": "a" "completion": "b"}',
  "{'prompt': 'a'}",
  '{"prompt": "a", "completion": "b"} x',
  '\ufeff{"prompt": "a", "completion": "b"}',
  '{"prompt": "a", "completion": "b", "score": NaN, "least": -Infinity}',
  '{"prompt": "NaN", "completion": NaN}',
  '{"prompt": "NaN", "completion": "say \\"NaN\\" to \\\\"}',
  '{"prompt": "a", "completion": " \\n "}',
  say(),
  '{"messages": "hello"}',
  '{"messages": {}}',
  say('hello', answer),
  say([], answer),
  say({ role: 'robot', content: 'a' }, answer),
  say({ content: 'a' }, answer),
  say(user, { role: 'assistant' }),
  say(user, { role: 'assistant', content: [{ type: 'text', text: 'a' }] }),
  say(user),
  say(user, answer, user),
  say(user, { role: 'assistant', content: '' }),
  say({ role: 'tool', content: 'x' }, answer),
  '{"prompt": "a", "completion": "ä 😀 \\u2028"}',
  '{"prompt": "a", "prompt": 5, "completion": "b"}',
  '{"__proto__": {"prompt": "a", "completion": "b"}}',
];

describe('rows of examples', () => {
  let folder: string;
  const file = (name: string, content: string | Buffer) => {
    const at = path.join(folder, name);
    writeFileSync(at, content);
    return at;
  };
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-examples-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are understood as the job understands them', function () {
    const at = file('all.jsonl', lines.join('\n'));
    const program = [
      'import json, sys',
      `sys.path.insert(0, ${JSON.stringify(pythonCode)})`,
      'from examples import read',
      'from pathlib import Path',
      'rows, wrong = read([Path(sys.argv[1])])',
      'print(json.dumps([[[place, messages] for messages, place in rows], wrong]))',
    ].join('\n');
    const { status, stdout, stderr, error } = spawnSync('python3', ['-B', '-c', program, at], { encoding: 'utf8' });
    if (error) return this.skip();
    assert.equal(status, 0, stderr);
    const [rows, wrong] = JSON.parse(stdout) as [[place: string, messages: { role: string; content: string }[]][], string[]];
    const found = lines.map((line, index) => ({
      place: `all.jsonl, line ${index + 1}`,
      row: isBlankLine(line) ? undefined : chatRowOf(line),
    }));
    assert.deepEqual(
      found.flatMap(({ place, row }) =>
        typeof row === 'object' ? [[place, row.messages.map(({ role, text }) => ({ role, content: text }))]] : [],
      ),
      rows,
    );
    // What is wrong with JSON, Python and JavaScript say in their own words.
    const plain = (text: string) => text.replace(/ \(.*\)$/, '');
    assert.deepEqual(
      found.flatMap(({ place, row }) => (typeof row === 'string' ? [plain(`${place}: ${row}`)] : [])),
      wrong.map(plain),
    );
  });

  it('say where JSON breaks off, without repeating it', () => {
    assert.equal(chatRowOf('{"prompt": "a" "completion": "b"}'), 'it is no JSON (column 16)');
    assert.equal(chatRowOf('{"prompt": "secret'), 'it is no JSON (column 19)');
    assert.equal(chatRowOf('secret words'), 'it is no JSON');
    assert.equal(chatRowOf('\ufeff{}'), 'it is no JSON (a byte order mark stands before it)');
    assert.equal(chatRowOf('{"prompt": "a", "completion": "\\ud800"}'), 'its text has half of a character (a lone surrogate)');
  });

  it('of hostile texts are refused in no time', () => {
    const most = limits.line;
    const deep = '['.repeat(most / 4) + ']'.repeat(most / 4);
    assert.equal(chatRowOf(`{"instruction": "a", "input": ${deep}, "output": "b"}`), 'its "input" is no text');
    assert.equal(chatRowOf(deep), 'it is no JSON object');
    for (const text of [
      `NaN "${'\\"'.repeat(most / 2 - 5)}`,
      `NaN "${'\\"'.repeat(most / 2 - 5)}\\`,
      'NaN "'.repeat(most / 5),
      '"'.repeat(most - 1),
    ])
      assert.match(String(chatRowOf(text)), /^it is no JSON/);
    assert.equal(isBlankLine(' '.repeat(most)), true);
  });

  it('are read however lines end, and wherever a portion of the file ends', async () => {
    const texts = ['a', '', 'é'.repeat(500), 'x'.repeat(1001), 'b', 'last'];
    for (const end of ['\n', '\r\n', '\r'])
      for (const padding of [0, 1, 2, 3, 255]) {
        // The portions are of 256 KiB: here one ends within a line end, a character, or a line that is too long.
        const first =
          'p'
            .repeat(999)
            .concat(end)
            .repeat(Math.floor((256 * 1024) / (999 + end.length))) + 'q'.repeat(padding);
        const at = file('lines.jsonl', first + texts.join(end));
        const found: (string | undefined)[] = [];
        let expected = 1;
        for await (const portion of readLines(at, all))
          for (const { number, text } of portion) {
            assert.equal(number, expected++);
            found.push(text);
          }
        const [joined, ...rest] = texts;
        assert.deepEqual(
          found.slice(-texts.length),
          ['q'.repeat(padding) + joined, ...rest].map((each) => (each!.length > 1000 ? undefined : each)),
        );
      }
  });

  it('end with the part of a file that is read, and with who asked', async () => {
    const at = file('long.jsonl', `${say(user, answer)}\n`.repeat(1000));
    let lines = 0;
    for await (const portion of readLines(at, { ...all, mostBytes: 10 * (say(user, answer).length + 1) })) lines += portion.length;
    assert.equal(lines, 10);
    const abort = AbortSignal.abort(new Error('gone'));
    await assert.rejects(readExamples(oneFile(at), abort), /gone/);
  });

  it('are told in numbers, the first problems alone, and copies', async () => {
    const at = file(
      'told.jsonl',
      [...Array(3).fill(say(user, answer)), ...Array(limits.problems + 50).fill('no'), '{"prompt":"hello","completion":"good day"}'].join(
        '\n',
      ),
    );
    const { told, places } = await readExamples(oneFile(at), never);
    const lines = places.map(({ line }) => line);
    assert.deepEqual([told.rows, told.wrong, told.duplicates, told.problems.length], [4, limits.problems + 50, 3, limits.problems]);
    const rows = [];
    for await (const { line } of readRows(at, new Set(lines.slice(1)), never)) rows.push(line);
    assert.deepEqual(rows, lines.slice(1));
  });

  it('are no file with another name, a folder, or a pipe', async () => {
    await assert.rejects(readExamples(oneFile('a.jsonl'), never), { code: 'InvalidArgument' });
    await assert.rejects(readExamples(oneFile(path.join(folder, 'none.jsonl')), never), { code: 'NotFound' });
    await assert.rejects(readExamples(oneFile(file('table.csv', 'a')), never), { code: 'InvalidArgument' });
    if (process.platform === 'win32') return;
    const pipe = path.join(folder, 'pipe.jsonl');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    await assert.rejects(readExamples(oneFile(pipe), never), /is no file/);
  });

  it('are taken of a folder by the names of its files, as the job does', async () => {
    const data = path.join(folder, 'data');
    mkdirSync(path.join(data, 'more'), { recursive: true });
    const names = ['a.jsonl', 'dev-1.jsonl', 'more/Test.jsonl', 'more/testing.jsonl', 'train.jsonl', 'val.test.jsonl', 'notes.txt'];
    for (const name of names) writeFileSync(path.join(data, name), `${say(user, answer)}\nno\n`);
    const found = await exampleFiles(data, never);
    const shown = (files: readonly string[] = []) => files.map((each) => path.relative(data, each).replaceAll('\\', '/'));
    const { status, stdout, stderr } = spawnSync(
      'python3',
      [
        '-B',
        '-c',
        `import json, sys\nsys.path.insert(0, ${JSON.stringify(pythonCode)})\nfrom examples import files_of\nprint(json.dumps(files_of(${JSON.stringify(data)}), default=str))`,
      ],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    const { train, valid, test } = JSON.parse(stdout) as Record<string, string[]>;
    assert.deepEqual(
      [found.training, found.validation, found.test].map((each) => shown(each?.files)),
      [train, valid, test].map(shown),
    );
    assert.deepEqual(shown(found.validation?.files), ['dev-1.jsonl', 'val.test.jsonl']);
    assert.equal((await allExamples(data, never)).files.length, names.length - 1);
    const { told, places } = await readExamples(found.training!, never);
    assert.deepEqual([told.path, told.files, told.rows, told.duplicates, places.length], [data, 3, 3, 2, 3]);
    assert.deepEqual(
      told.problems.map(({ file, line }) => [file, line]),
      [
        ['a.jsonl', 2],
        [path.join('more', 'testing.jsonl'), 2],
        ['train.jsonl', 2],
      ],
    );
    mkdirSync(path.join(folder, 'empty'));
    await assert.rejects(exampleFiles(path.join(folder, 'empty'), never), /has no \.jsonl file/);
  });

  it('are divided as the job divides them', () => {
    assert.deepEqual(splitOf(200), { train: 160, valid: 20, test: 20 });
    // 2.5 is rounded to 2, and 3.5 to 4, as Python does.
    assert.deepEqual(splitOf(25), { train: 21, valid: 2, test: 2 });
    assert.deepEqual(splitOf(35), { train: 27, valid: 4, test: 4 });
    assert.deepEqual(splitOf(35, 7), { train: 31, valid: 7, test: 4 });
    assert.deepEqual(splitOf(35, undefined, 9), { train: 31, valid: 4, test: 9 });
    assert.deepEqual(splitOf(1, 2, 3), { train: 1, valid: 2, test: 3 });
    assert.deepEqual(splitOf(3), { train: 1, valid: 1, test: 1 });
    assert.match(
      String(splitOf(2)),
      /^The training data has 2 rows, too few to take some for validation from\. Give more, or give validation data\.$/,
    );
    assert.match(String(splitOf(1)), /too few to take some for the test/);
    assert.match(String(splitOf(0)), /has no rows/);
    assert.match(String(splitOf(10, 0)), /to validate with has no rows/);
  });

  it('are measured all while they are few; else in even distances, and the longest', () => {
    assert.deepEqual(measuredRows([5, 6, 7]), { typical: [0, 1, 2], longest: [] });
    const characters = Array.from({ length: 10_000 }, (_, at) => (at === 7777 ? 90_000 : 100));
    const { typical, longest } = measuredRows(characters);
    assert.equal(longest[0], 7777);
    assert.deepEqual([longest.length, typical.length, typical[0], typical[1]], [500, 1500, 0, 6]);
    assert.deepEqual(measuredRows([10, 200, 30], { rows: 2000, characters: 100 }), { typical: [0, 2], longest: [2, 0] });
  });
});
