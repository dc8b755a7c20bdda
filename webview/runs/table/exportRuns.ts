import { UserError } from '../../../src/base/userError.ts';
import type { PlaneClient } from '../../../src/client/planeClient.ts';
import { type Cell, mostTableColumns, mostTableRows, type RunColumn, type RunScope } from '../../../src/protocol/runTable.ts';
import { csvLine } from '../../shared/csv.ts';

export type ExportFormat = 'csv' | 'parquet';

export interface ExportQuestion {
  scope: RunScope;
  order: string[];
  columns: RunColumn[];
}

/** Cells that are read at once. */
const mostCells = 500_000;

/** Some rows of the table: a list of cells a column, as asked for, and the ids of the runs. */
interface Part {
  runs: string[];
  columns: Cell[][];
}

/**
 * All rows that match, in parts. A part whose columns are too many for one request is read in several. A run that moved to a later part, as others began
 * meanwhile, is there once.
 */
async function* partsOf(
  client: PlaneClient,
  { scope, order, columns }: ExportQuestion,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const limit = Math.max(1, Math.min(mostTableRows, Math.floor(mostCells / Math.max(1, columns.length))));
  const seen = new Set<string>();
  for (let offset = 0; ; ) {
    const part: Part = { runs: [], columns: [] };
    let total = 0;
    for (let at = 0; at === 0 || at < columns.length; at += mostTableColumns) {
      const some = columns.slice(at, at + mostTableColumns);
      const rows = at === 0 ? limit : part.runs.length;
      const answer = await client.runTable({ ...scope, orderBy: order, columns: some, offset, limit: rows, whole: true }, signal);
      if (at > 0 && answer.runs.some((run, row) => run !== part.runs[row]))
        throw new UserError('Conflict', 'The runs changed while they were read.', 'Export them again.');
      part.runs = answer.runs;
      // These may be fewer rows, where their texts are long.
      part.columns = [...part.columns, ...answer.columns].map((column) => column.slice(0, answer.runs.length));
      total = answer.total;
      if (answer.runs.length === 0) break;
    }
    const isNew = part.runs.map((run) => !seen.has(run));
    for (const run of part.runs) seen.add(run);
    const only = <T>(list: T[]) => (isNew.every(Boolean) ? list : list.filter((_, row) => isNew[row]));
    yield { runs: only(part.runs), columns: part.columns.map(only) };
    offset += part.runs.length;
    onProgress(offset, total);
    if (part.runs.length === 0 || offset >= total) return;
  }
}

const titleOf = ({ of, key }: RunColumn) => (of === 'attribute' ? key : `${of}s.${key}`);

/** A file of all runs that match, with these columns and the id. Its parts are handed over as they are read. */
export async function exportRuns(
  client: PlaneClient,
  format: ExportFormat,
  question: ExportQuestion,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const columns = question.columns.filter(({ of, key }) => !(of === 'attribute' && key === 'run_id'));
  const parts = partsOf(client, { ...question, columns }, onProgress, signal);
  // The writer is loaded by those who want it.
  if (format === 'parquet')
    return (await import('./parquet.ts')).parquetFile(
      columns.map((column) => ({ ...column, title: titleOf(column) })),
      parts,
    );
  // A blob of each part: the browser may keep them on disk.
  const blobs: Blob[] = [new Blob([csvLine(['run_id', ...columns.map(titleOf)])])];
  for await (const { runs, columns: cells } of parts)
    blobs.push(new Blob([runs.map((run, row) => csvLine([run, ...cells.map((column) => column[row])])).join('')]));
  return new Blob(blobs, { type: 'text/csv' });
}
