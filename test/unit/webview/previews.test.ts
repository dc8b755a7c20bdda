import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { pixelsOf } from '../../../webview/shared/files/previews/imageSize.ts';
import { notebookParts } from '../../../webview/shared/files/previews/notebook.ts';
import { readNpy } from '../../../webview/shared/files/previews/npy.ts';
import { readParquet } from '../../../webview/shared/files/previews/parquet.ts';

const fixture = (name: string) => new Uint8Array(readFileSync(path.resolve(import.meta.dirname, '../../fixtures/files', name)));
const inMemory = (bytes: Uint8Array) => ({
  byteLength: bytes.byteLength,
  slice: (start: number, end = bytes.byteLength) => Uint8Array.from(bytes.subarray(start, end)).buffer,
});

describe('previews of files', () => {
  it('show the first rows of a Parquet table, whatever it is packed with', async () => {
    const { rows, columns, table } = await readParquet(inMemory(fixture('table.parquet')));
    assert.equal(rows, 1200);
    assert.deepEqual(
      columns.map(({ name }) => name),
      ['id', 'name', 'score', 'at', 'tags'],
    );
    assert.equal(table!.rows.length, 1000);
    assert.deepEqual(table!.rows[7], ['7', 'sample 7', '1', '2024-01-01T07:00:00.000Z', '["a","b"]']);
    assert.equal(table!.rows[8]![4], '');
  });

  it('say that a Parquet file is cut, wherever it is', async () => {
    const whole = fixture('table.parquet');
    for (const length of [0, 3, 8, whole.length >> 1, whole.length - 1])
      await assert.rejects(readParquet(inMemory(whole.subarray(0, length))), Error);
  });

  it('show an array of NumPy', () => {
    const { shape, type, table } = readNpy(fixture('array.npy'));
    assert.deepEqual([shape, type], ['(4, 3)', '<f4']);
    assert.deepEqual(table!.rows, [
      ['0', '0.125', '0.25'],
      ['0.375', '0.5', '0.625'],
      ['0.75', '0.875', '1'],
      ['1.125', '1.25', '1.375'],
    ]);
    assert.equal(readNpy(fixture('array.npy').subarray(0, 140)).table!.rows[3]![2], '');
    assert.throws(() => readNpy(new Uint8Array(200)), /does not begin/);
  });

  it('show the cells of a notebook and what they wrote', () => {
    assert.deepEqual(
      notebookParts({
        nbformat: 4,
        cells: [
          { cell_type: 'markdown', source: ['# Title\n', 'text'] },
          {
            cell_type: 'code',
            source: 'print(1)',
            execution_count: 3,
            outputs: [
              { output_type: 'stream', text: ['1\n', '2\n'] },
              { output_type: 'display_data', data: { 'image/png': 'iVBO', 'text/plain': '<Figure>' } },
              { output_type: 'execute_result', data: { 'text/html': '<b>x</b>', 'text/plain': 'x' } },
              { output_type: 'error', traceback: ['Traceback\nValueError'] },
            ],
          },
        ],
      }),
      [
        { kind: 'markdown', text: '# Title\ntext' },
        { kind: 'code', text: 'print(1)', count: 3 },
        { kind: 'output', lines: ['1', '2'], isError: false },
        { kind: 'image', bytes: Uint8Array.of(0x89, 0x50, 0x4e) },
        { kind: 'output', lines: ['x'], isError: false },
        { kind: 'output', lines: ['Traceback', 'ValueError'], isError: true },
      ],
    );
    for (const other of [null, 3, [], {}, { nbformat: 3, cells: [] }, { nbformat: 4 }]) assert.equal(notebookParts(other), undefined);
    assert.deepEqual(notebookParts({ nbformat: 4, cells: [null, 1, { cell_type: 'code', source: 5, outputs: [null, 'x'] }] }), [
      { kind: 'code', text: '' },
    ]);
  });

  it('know the pixels of an image before it is decoded', () => {
    const png = new Uint8Array(24);
    png.set([0x89, 0x50, 0x4e, 0x47]);
    new DataView(png.buffer).setUint32(16, 60_000);
    new DataView(png.buffer).setUint32(20, 50_000);
    assert.equal(pixelsOf(png), 3_000_000_000);
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 11, 8, 0x01, 0x00, 0x02, 0x00, 3, 1, 1, 1, 1);
    assert.equal(pixelsOf(jpeg), 256 * 512);
    assert.equal(pixelsOf(Uint8Array.from(Buffer.from('GIF89a\x10\x00\x20\x00', 'latin1'))), 16 * 32);
    assert.equal(pixelsOf(Uint8Array.of(0xff, 0xd8, 0xff)), undefined);
    assert.equal(pixelsOf(new Uint8Array()), undefined);
  });
});
