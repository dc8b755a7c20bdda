import type { PlaneClient } from '../../../../src/client/planeClient.ts';
import type { LoggedFile } from '../../../../src/protocol/loggedFiles.ts';
import { readContent } from '../../files/content.ts';
import { extensionOf } from '../../files/fileIcon.ts';
import { artifactFile } from '../../files/sources.ts';
import { plainText } from '../../ui/plainText.ts';
import { type Histogram, histogramsOf } from './histogram.ts';
import { type Matrix, matrixOf, matrixOfTable } from './matrix.ts';
import { ofTable, type ShownTable, tableOf } from './table.ts';

/** What a card shows of one file: the content decides, not the name. */
export type Shown =
  | { kind: 'image'; blob: Blob; pixels: number }
  | { kind: 'matrix'; matrix: Matrix }
  | { kind: 'histograms'; histograms: Histogram[] }
  | ({ kind: 'table' } & ShownTable)
  | { kind: 'text'; text: string; note: string }
  | { kind: 'none'; reason: string };

/** Lines and characters of a text that a card shows. */
const [mostLines, longestLine] = [500, 2000];

/** Reads a file of a run. `isWhole`: the picture itself, not a smaller one. */
export async function readShown(client: PlaneClient, run: string, { path, size, preview }: LoggedFile, isWhole: boolean): Promise<Shown> {
  const read = preview !== undefined && !isWhole ? preview : path;
  const content = await readContent(client, artifactFile(run, read, read.split('/').at(-1)!, read === path ? size : undefined));
  switch (content.kind) {
    case 'image':
    case 'none':
      return content;
    case 'json':
      return ofJson(content.value, path);
    case 'table': {
      const matrix = content.isCut ? undefined : matrixOfTable(content.table);
      if (matrix) return { kind: 'matrix', matrix };
      const shown = ofTable(content.table, content.isCut && extensionOf(path) !== 'parquet');
      // Of a Parquet file only the first rows are read, and its note says how many there are.
      return { kind: 'table', table: shown.table, note: content.note ?? shown.note };
    }
    case 'text':
      return textOf(
        content.lines,
        [content.note, content.isCut ? 'Only the beginning of the file is shown.' : ''].filter(Boolean).join(' '),
      );
    case 'markdown':
      return textOf(content.text.split(/\r?\n/));
    default:
      return { kind: 'none', reason: 'This file has nothing that a card can show. Open it among the outputs of its job.' };
  }
}

function ofJson(value: unknown, path: string): Shown {
  const matrix = matrixOf(value, path);
  if (matrix !== undefined) return typeof matrix === 'string' ? { kind: 'none', reason: matrix } : { kind: 'matrix', matrix };
  const histograms = histogramsOf(value);
  if (histograms !== undefined)
    return typeof histograms === 'string' ? { kind: 'none', reason: histograms } : { kind: 'histograms', histograms };
  const table = tableOf(value);
  return table ? { kind: 'table', ...table } : textOf((JSON.stringify(value, null, 2) ?? '').split('\n'));
}

function textOf(lines: readonly string[], note = ''): Shown {
  const cut = lines.length > mostLines ? `The first ${mostLines} of ${lines.length.toLocaleString('en')} lines.` : '';
  const text = lines
    .slice(0, mostLines)
    .map((line) => plainText(line.replaceAll('\t', '    '), longestLine))
    .join('\n');
  return { kind: 'text', text, note: [note, cut].filter(Boolean).join(' ') };
}
