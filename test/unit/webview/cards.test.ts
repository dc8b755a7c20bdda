import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Histogram, histogramsOf, withFewerBins } from '../../../webview/shared/cards/content/histogram.ts';
import { type Matrix, matrixOf, matrixOfTable, mistakesOf, sharesOf } from '../../../webview/shared/cards/content/matrix.ts';
import { tableOf } from '../../../webview/shared/cards/content/table.ts';
import { matrixLook } from '../../../webview/shared/cards/matrixLook.ts';
import { pixelsOf } from '../../../webview/shared/files/previews/imageSize.ts';
import { pythonJson } from '../../../webview/shared/files/pythonJson.ts';
import { parseTable } from '../../../webview/shared/files/table.ts';
import { contrast } from '../../webview/contrast.ts';

const azure = (data: unknown) => ({ schema_type: 'confusion_matrix', schema_version: '1.0.0', data });

describe('JSON as Python writes it', () => {
  it('has numbers that are not finite, and texts that look like them', () => {
    assert.deepEqual(pythonJson('{"a": NaN, "b": [-Infinity, Infinity], "NaN": "NaN \\" Infinity", "c": "\\\\"}'), {
      ...{ a: Number.NaN, b: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], c: '\\' },
      NaN: 'NaN " Infinity',
    });
    assert.throws(() => pythonJson('{"a": NaN,}'), SyntaxError);
    assert.throws(() => pythonJson('NaNNaN'), SyntaxError);
  });
});

describe('a confusion matrix', () => {
  const rows = [
    [8, 2],
    [0, 5],
  ];
  it("is read of Azure ML's schema, under the usual names, and bare in a file that is called so", () => {
    const labelled: Matrix = { labels: ['cat', 'dog'], rows };
    assert.deepEqual(matrixOf(azure({ class_labels: ['cat', 'dog'], matrix: rows }), 'x.json'), labelled);
    assert.deepEqual(matrixOf({ labels: ['cat', 'dog'], confusion_matrix: rows }, 'x.json'), labelled);
    assert.deepEqual(matrixOf({ columns: ['cat', 'dog'], index: ['cat', 'dog'], data: rows }, 'x.json'), labelled);
    assert.deepEqual(matrixOfTable(parseTable(',cat,dog\ncat,8,2\ndog,0,5\n')), labelled);
    assert.deepEqual(matrixOf(rows, 'val/confusion_matrix.json'), { labels: ['0', '1'], rows });
    assert.equal(matrixOf(rows, 'weights.json'), undefined);
    assert.equal(matrixOfTable(parseTable('a,b\n1,2\n')), undefined);
  });

  it('of the wrong shape says what is wrong with it', () => {
    const wrong = (data: unknown) => String(matrixOf(azure(data), 'x.json'));
    assert.match(wrong(undefined), /it has no list of rows/);
    assert.match(wrong({ class_labels: ['a'], matrix: rows }), /2 rows and 1 label of/);
    assert.match(wrong({ class_labels: 'ab', matrix: rows }), /no list of labels/);
    assert.match(wrong({ class_labels: ['a', 'b'], matrix: [[1, 2], [3]] }), /row 2 has 1 value for 2 classes/);
    assert.match(wrong({ matrix: [['<b>', 2], rows[1]] }), /row 1, column 1 is not a number/);
    assert.match(wrong({ matrix: new Array(1001).fill([]) }), /1,001 classes: at most 1,000/);
  });

  it('has a share by row where that means something', () => {
    assert.deepEqual(sharesOf([8, 2]), [0.8, 0.2]);
    assert.equal(sharesOf([0, 0]), undefined);
    assert.equal(sharesOf([-1, 2]), undefined);
    assert.ok(Number.isNaN(sharesOf([Number.NaN, 2])![0]));
  });

  it('has its greatest mistakes first', () => {
    const matrix = matrixOf(
      azure({
        matrix: [
          [9, 1, 7],
          [3, 9, 0],
          [7, 2, 9],
        ],
      }),
      '',
    )! as Matrix;
    assert.deepEqual(
      mistakesOf(matrix, 3).map(({ actual, predicted, count }) => [actual, predicted, count]),
      [
        [0, 2, 7],
        [2, 0, 7],
        [1, 0, 3],
      ],
    );
  });

  it('has labels that turn nothing around', () => {
    const { labels } = matrixOf(azure({ class_labels: ['a\u202eb', 7], matrix: rows }), '') as Matrix;
    assert.deepEqual(labels, ['a⟨U+202E⟩b', '7']);
  });
});

describe('a histogram', () => {
  const one: Histogram = { counts: [1, 2], edges: [0, 1, 2] };
  it('is read of every form in which it is saved', () => {
    for (const value of [
      { counts: [1, 2], bin_edges: [0, 1, 2] },
      { hist: [1, 2], bins: [0, 1, 2] },
      { _type: 'histogram', values: [1, 2], bins: [0, 1, 2] },
      { schema_type: 'residuals', data: { bin_counts: [1, 2], bin_edges: [0, 1, 2] } },
      [
        [1, 2],
        [0, 1, 2],
      ],
    ])
      assert.deepEqual(histogramsOf(value), [one]);
    assert.equal(histogramsOf({ counts: [1, 2], bins: [0, 1] }), undefined);
    assert.equal(histogramsOf([1, 2]), undefined);
  });

  it('of several steps is read as a list, by step', () => {
    const steps = [
      { ...one, step: 5 },
      { ...one, step: 1 },
    ];
    assert.deepEqual(histogramsOf(steps.map(({ counts, edges, step }) => ({ counts, edges, step }))), [steps[1], steps[0]]);
    assert.deepEqual(
      histogramsOf([
        [
          17e8,
          5,
          [
            [0, 1, 1],
            [1, 2, 2],
          ],
        ],
      ]),
      [{ ...one, step: 5 }],
    );
  });

  it('that is none says what is wrong with it', () => {
    const azureOf = (data: unknown) => String(histogramsOf({ schema_type: 'residuals', data }));
    assert.match(azureOf({ bin_edges: [100, 200, 300], bin_counts: [0.88, 20, 30, 50.99] }), /4 counts and 3 edges/);
    assert.match(azureOf(undefined), /no lists of counts and of edges/);
    assert.match(azureOf({ bin_edges: [0, 2, 1], bin_counts: [1, 2] }), /edge 3/);
    assert.match(azureOf({ bin_edges: [0, null, 1], bin_counts: [1, 2] }), /edge 2/);
  });

  it('has fewer bins, with the same sum', () => {
    const many: Histogram = { counts: new Array(1000).fill(1), edges: Array.from({ length: 1001 }, (_, at) => at) };
    const { counts, edges } = withFewerBins(many, 128);
    assert.ok(counts.length <= 128 && edges.length === counts.length + 1);
    assert.deepEqual([counts.reduce((sum, each) => sum + each), edges[0], edges.at(-1)], [1000, 0, 1000]);
  });
});

describe('a table of JSON', () => {
  it('is read of every form in which it is saved', () => {
    const expected = {
      columns: ['q', 'n'],
      rows: [
        ['x', '1'],
        ['y', ''],
      ],
    };
    for (const value of [
      {
        columns: ['q', 'n'],
        data: [
          ['x', 1],
          ['y', null],
        ],
      },
      [{ q: 'x', n: 1 }, { q: 'y' }],
      { q: ['x', 'y'], n: [1, null] },
      { q: { 0: 'x', 1: 'y' }, n: { 0: 1, 1: null } },
    ])
      assert.deepEqual(tableOf(value)?.table, expected);
    assert.deepEqual(tableOf({ cat: { f1: 0.5 }, accuracy: 0.75 })?.table, {
      columns: ['', 'f1'],
      rows: [
        ['cat', '0.5'],
        ['accuracy', '0.75'],
      ],
    });
    for (const value of [{ a: 1 }, {}, [], [1, 2], { a: [1], b: [1, 2] }, 'text', null, { a: { b: { c: 1 } } }])
      assert.equal(tableOf(value), undefined);
  });

  it('is cut with a note', () => {
    const columns = Array.from({ length: 150 }, (_, at) => `c${at}`);
    const { table, note } = tableOf({ columns, data: Array.from({ length: 2000 }, () => columns) })!;
    assert.deepEqual([table.rows.length, table.columns.length], [1000, 100]);
    assert.equal(note, '2000 rows, 150 columns · only the first 1000 rows and 100 columns are shown');
    assert.equal(tableOf([{ a: 'x'.repeat(1e6) }])!.table.rows[0]![0]!.length, 501);
  });

  it("is Azure ML's table of accuracies", () => {
    const data = {
      class_labels: ['a', 'b'],
      probability_thresholds: [0, 1],
      probability_tables: [
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
        [
          [0, 0, 0, 0],
          [9, 9, 9, 9],
        ],
      ],
    };
    assert.deepEqual(tableOf({ schema_type: 'accuracy_table', data })!.table.rows[1], ['a', '1', '5', '6', '7', '8']);
  });
});

describe('the size of a picture', () => {
  it('is told by a WebP without loss, too', () => {
    const bytes = new Uint8Array(30);
    bytes.set(Buffer.from('RIFF....WEBPVP8L'));
    new DataView(bytes.buffer).setUint32(21, (16382 << 14) | 16382, true);
    assert.equal(pixelsOf(bytes), 16383 * 16383);
  });
});

describe('the colours of a matrix', () => {
  const matrix: Matrix = {
    labels: ['a', 'b'],
    rows: [
      [0, 10],
      [Number.NaN, 3],
    ],
  };
  for (const background of ['#ffffff', '#1f1f1f', '#000', 'rgb(30, 30, 30)'])
    it(`have text that can be read, on ${background}`, () => {
      const look = matrixLook(matrix, { background });
      for (const share of [0, 0.1, 0.25, 0.5, 0.75, 1]) {
        const { fill, text } = matrixLook({ labels: ['a', 'b'], rows: [[share, 1 - share]] }, { background })(0, 0);
        assert.ok(contrast(fill!, text!) >= 4.5, `${text} on ${fill}`);
      }
      assert.deepEqual([look(0, 1).share, look(1, 0).fill], [1, undefined]);
    });
});
