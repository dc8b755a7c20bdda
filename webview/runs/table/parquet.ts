import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Cell, RunColumn } from '../../../src/protocol/runTable.ts';

interface Column extends RunColumn {
  title: string;
}

/** Metrics are 64-bit floats, times are timestamps, durations milliseconds, everything else is text. */
const typeOf = ({ of, key }: RunColumn): NonNullable<ColumnSource['type']> => {
  if (of === 'metric' || (of === 'attribute' && key === 'duration')) return 'DOUBLE';
  return of === 'attribute' && (key === 'start_time' || key === 'end_time') ? 'TIMESTAMP' : 'STRING';
};

function cellValue(type: ColumnSource['type'], cell: Cell | undefined): number | string | Date | null {
  if (cell === null || cell === undefined) return null;
  // `Number` takes the words of JSON for what is not finite.
  if (type === 'DOUBLE') return Number(cell);
  return type === 'TIMESTAMP' ? new Date(Number(cell)) : String(cell);
}

/** A Parquet file: a row group a part. */
export async function parquetFile(columns: readonly Column[], parts: AsyncIterable<{ runs: string[]; columns: Cell[][] }>): Promise<Blob> {
  const all: { title: string; type: NonNullable<ColumnSource['type']> }[] = [
    { title: 'run_id', type: 'STRING' },
    ...columns.map((column) => ({ title: column.title, type: typeOf(column) })),
  ];
  const empty = all.map(({ title, type }): ColumnSource => ({ name: title, type, data: [] }));
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: empty }), createdBy: 'updraft' });
  for await (const { runs, columns: cells } of parts) {
    if (runs.length === 0) continue;
    const columnData = all.map(
      ({ title, type }, at): ColumnSource => ({
        name: title,
        type,
        data: at === 0 ? runs : runs.map((_, row) => cellValue(type, cells[at - 1]?.[row])),
      }),
    );
    await file.write({ columnData, rowGroupSize: runs.length });
  }
  await file.finish();
  return new Blob([writer.getBuffer()], { type: 'application/vnd.apache.parquet' });
}
