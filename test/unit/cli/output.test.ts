import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatOf, textOf } from '../../../src/cli/output/printer.ts';
import { readQuery } from '../../../src/cli/output/readQuery.ts';

const jobs = [
  { name: 'b', type: 'command', status: 'Completed', tags: { x: '1' }, isOld: true, size: 3, gone: null },
  { name: 'a', type: 'command', status: 'Failed', tags: {}, list: [1, 2] },
];
const text = (value: unknown, format: Parameters<typeof textOf>[1], query?: string) =>
  textOf({ value }, format, query === undefined ? undefined : readQuery(query));

/** What `az`'s own library, knack, writes for the same data. */
describe('--output', () => {
  it('json has its keys in order', async () => {
    assert.equal(
      await text({ b: [{ d: 1, c: 'é' }], a: null }, 'json'),
      '{\n  "a": null,\n  "b": [\n    {\n      "c": "é",\n      "d": 1\n    }\n  ]\n}',
    );
  });

  it('tsv has a line an item: its values in the order of the keys, or of the query', async () => {
    assert.equal(await text(jobs, 'tsv'), 'None\tTrue\tb\t3\tCompleted\t\tcommand\n2\ta\tFailed\t\tcommand\n');
    assert.equal(await text(jobs, 'tsv', '[].{s:status,n:name}'), 'Completed\tb\nFailed\ta\n');
    assert.equal(await text(jobs, 'tsv', '[].name'), 'b\na\n');
    assert.equal(await text(jobs, 'tsv', '[0].name'), 'b\n');
    assert.equal(await text(jobs, 'tsv', '[0].isOld'), 'true\n');
    assert.equal(await text(jobs, 'tsv', "[?name=='a'][name]"), 'a\n');
    assert.equal(await text(jobs, 'tsv', '[0].[name,isOld,tags]'), 'b\ntrue\n1\n');
    assert.equal(await text(jobs, 'tsv', '[].[name,isOld]'), 'b\tTrue\na\tNone\n');
  });

  it('table has the plain values, with large first letters', async () => {
    assert.equal(
      await text(jobs, 'table'),
      [
        'IsOld    Name    Size    Status',
        '-------  ------  ------  ---------',
        'True     b       3       Completed',
        '         a               Failed',
        '',
      ].join('\n'),
    );
    assert.equal(
      await text(jobs, 'table', '[].{status:status, name:name}'),
      'Status     Name\n---------  ------\nCompleted  b\nFailed     a\n',
    );
    assert.equal(await text(jobs, 'table', '[0].name'), 'Result\n--------\nb\n');
    assert.equal(await text([{ a: ' x\ny', b: 1 }], 'table'), 'A    B\n---  ---\nx    1\ny\n');
    assert.equal(
      await text(jobs, 'table', '[].[name,tags]'),
      "Column1    Column2\n---------  ----------\nb          {'x': '1'}\na          {}\n",
    );
  });

  it('understands literals as Azure writes them', async () => {
    assert.equal(await text(jobs, 'tsv', '[?status==`Failed`].name'), 'a\n');
    assert.equal(await text(jobs, 'tsv', '[?size==`3`].name'), 'b\n');
    assert.equal(await text(jobs, 'tsv', 'length([?contains(name, `b`)])'), '1\n');
  });

  it('yaml has its keys in order', async () => {
    assert.equal(await text({ b: ['x', '1'], a: { c: true } }, 'yaml'), "a:\n  c: true\nb:\n- x\n- '1'\n");
    assert.equal(await text({ at: '2026-01-31', is: 'yes' }, 'yaml'), "at: '2026-01-31'\nis: 'yes'\n");
    assert.equal(await text(jobs, 'yaml', 'length(@)'), '2\n...\n');
  });

  it('writes nothing of nothing', async () => {
    for (const format of ['json', 'tsv', 'table', 'yaml'] as const) assert.equal(await text(jobs, format, '[0].nothing'), undefined);
    assert.equal(await text(jobs, 'none'), undefined);
  });

  it('is json for "az ml" and after a query, else for people', () => {
    const parsed = (asAz: boolean, values = {}) => ({ asAz, values, positionals: [] });
    assert.equal(formatOf(parsed(true), {}), 'json');
    assert.equal(formatOf(parsed(true), { AZURE_CORE_OUTPUT: 'Table' }), 'table');
    assert.equal(formatOf(parsed(false), { AZURE_CORE_OUTPUT: 'table' }), undefined);
    assert.equal(formatOf(parsed(false, { query: 'x' }), {}), 'json');
    assert.equal(formatOf(parsed(true, { output: 'tsv' }), {}), 'tsv');
  });

  it('refuses a query that is none', () => {
    assert.throws(() => readQuery('[?'), /--query "\[\?"/);
  });
});
