import { open } from 'node:fs/promises';
import type { FileMetaData } from 'hyparquet';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { UserError } from '../../base/userError.ts';
import { readSpan } from '../../files/readSpan.ts';
import type { MetricPoint } from '../../protocol/mlflow.ts';

/** Rows of a group, which is written and read as a whole. */
const rowsAtOnce = 100_000;
/** What is refused, as no group that was written here. */
const mostRows = 1_000_000;

const columns = [
  { name: 'key', type: 'STRING' },
  { name: 'step', type: 'INT64' },
  { name: 'timestamp', type: 'INT64' },
  { name: 'value', type: 'DOUBLE' },
] as const;

/**
 * Points of metrics as a Parquet table of `key`, `step`, `timestamp` (ms since 1970) and `value`, in the order of these columns, in parts to be written one after the other. `series` yields all points of one
 * metric, metric by metric. Equal points make equal bytes. Nothing where there are no points.
 */
export async function* metricsTable(series: AsyncIterable<readonly MetricPoint[]>): AsyncIterable<Uint8Array> {
  const writer = new ByteWriter();
  const none = columns.map(({ name, type }): ColumnSource => ({ name, type, data: [], nullable: false }));
  const table = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: none }), createdBy: 'updraft' });
  let count = 0;
  let rows: Row[] = [];
  const written = () => {
    const bytes = writer.getBytes().slice();
    // Its `offset` goes on: only the buffer starts over.
    writer.index = 0;
    return bytes;
  };
  const flush = async (group: Row[]) => {
    const columnData = columns.map(
      ({ name, type }, at): ColumnSource => ({
        name,
        type,
        nullable: false,
        data: group.map((row) => row[at]),
        // A dictionary of values would take -0 for 0.
        ...(type === 'DOUBLE' ? { encoding: 'PLAIN' as const } : {}),
      }),
    );
    await table.write({ columnData, rowGroupSize: group.length });
  };
  for await (const points of series) {
    count += points.length;
    rows = rows.concat(points.map(rowOf).sort(byRow));
    while (rows.length >= rowsAtOnce) {
      await flush(rows.slice(0, rowsAtOnce));
      rows = rows.slice(rowsAtOnce);
      yield written();
    }
  }
  if (count === 0) return;
  if (rows.length > 0) await flush(rows);
  await table.finish();
  yield written();
}

type Row = [key: string, step: bigint, timestamp: bigint, value: number];

const rowOf = ({ key, step = 0, timestamp, value }: MetricPoint): Row => [key, BigInt(step), BigInt(timestamp), Number(value)];

function byRow(a: Row, b: Row): number {
  for (const at of [1, 2] as const) if (a[at] !== b[at]) return a[at] < b[at] ? -1 : 1;
  const [x, y] = [a[3], b[3]];
  if (Object.is(x, y)) return 0;
  // -0 comes before 0, and NaN last.
  if (x === y) return Object.is(x, -0) ? -1 : 1;
  return Number.isNaN(x) || x > y ? 1 : -1;
}

/** The points of such a table, in parts of one metric each. Throws `InvalidValue` for a file that is none. */
export async function* pointsOfTable(file: string): AsyncIterable<{ key: string; points: MetricPoint[] }> {
  const broken = (why: string) =>
    new UserError('InvalidValue', `${file} is no table of metrics: ${why}.`, 'Export again, or take the file from a backup.');
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const source = {
      byteLength: size,
      slice: async (from: number, to = size) => {
        if (!(from >= 0 && from <= to && to <= size)) throw broken('it points outside of itself');
        const bytes = await readSpan(handle, { from, to });
        return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
      },
    };
    const read = async <T>(work: () => Promise<T>): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        if (error instanceof UserError) throw error;
        throw broken('it is torn or not Parquet');
      }
    };
    const metadata: FileMetaData = await read(() => parquetMetadataAsync(source));
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      if (num_rows < 0n || num_rows > BigInt(mostRows)) throw broken(`it says that ${num_rows} rows belong together`);
      const rowEnd = rowStart + Number(num_rows);
      const rows = await read(() =>
        parquetReadObjects({ file: source, metadata, rowStart, rowEnd, columns: columns.map(({ name }) => name) }),
      );
      if (rows.length !== rowEnd - rowStart) throw broken('rows are missing');
      for (let at = 0; at < rows.length; ) {
        const { key } = rows[at]!;
        const points: MetricPoint[] = [];
        for (; at < rows.length && rows[at]!.key === key; at++) points.push(pointOf(rows[at]!));
        yield { key: String(key), points };
      }
      rowStart = rowEnd;
    }
  } finally {
    await handle.close();
  }

  function pointOf({ key, step, timestamp, value }: Record<string, unknown>): MetricPoint {
    if (typeof key !== 'string' || typeof step !== 'bigint' || typeof timestamp !== 'bigint' || typeof value !== 'number')
      throw broken('a column is missing or has another type');
    return { key, step: Number(step), timestamp: Number(timestamp), value: Number.isFinite(value) ? value : String(value) };
  }
}
