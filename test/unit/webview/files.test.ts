import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readUpTo } from '../../../webview/shared/files/readUpTo.ts';
import { parseTable } from '../../../webview/shared/files/table.ts';

describe('the preview of a file', () => {
  it('reads tables with quotes, doubled quotes, line breaks in cells and another separator', () => {
    assert.deepEqual(parseTable('a,b\n1,"x, ""y""\nz"\r\n2,\n'), {
      columns: ['a', 'b'],
      rows: [
        ['1', 'x, "y"\nz'],
        ['2', ''],
      ],
    });
    assert.deepEqual(parseTable('a;b\n1;2'), { columns: ['a', 'b'], rows: [['1', '2']] });
    assert.deepEqual(parseTable('a\tb\n1\t2\n', '\t').rows, [['1', '2']]);
    assert.deepEqual(parseTable(''), { columns: [], rows: [] });
  });

  it('takes no more of an answer than it needs, and says when there was more', async () => {
    const bytes = new Uint8Array(1000).fill(65);
    const all = await readUpTo(new Response(bytes), 1000);
    assert.deepEqual([all.bytes.byteLength, all.isCut], [1000, false]);
    const part = await readUpTo(new Response(bytes), 999);
    assert.deepEqual([part.bytes.byteLength, part.isCut], [999, true]);
    const ranged = await readUpTo(new Response(bytes, { status: 206, headers: { 'content-range': 'bytes 0-999/5000' } }), 1000);
    assert.equal(ranged.isCut, true);
    assert.equal((await readUpTo(new Response(null), 10)).bytes.byteLength, 0);
  });
});
