import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { decompressBrotli, decompressGzip, decompressLz4, decompressLz4Raw, decompressZstd } from 'hyparquet-compressors';
import type { Table } from '../table.ts';

/** Snappy is not among them: hyparquet has it, while the package's own is WebAssembly, which a page may not run. */
const compressors: Compressors = {
  GZIP: decompressGzip,
  BROTLI: decompressBrotli,
  ZSTD: (input) => decompressZstd(input),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
};

/** Rows that are shown. */
const mostRows = 1000;
/** Bytes of columns that are read for them: a row group is read whole. */
const mostBytes = 50_000_000;
/** Bytes that they may have when they are unpacked, as the file itself says. */
const mostUnpacked = 250_000_000;
/** Longest text of a cell. */
const longestCell = 2000;

export interface ParquetPreview {
  /** Absent where the rows are too large to be shown. */
  table?: Table;
  rows: number;
  columns: { name: string; type: string }[];
}

/** The first rows of a Parquet file, of which no more is read than they need. Throws what says that the file can't be read. */
export async function readParquet(file: AsyncBuffer): Promise<ParquetPreview> {
  const metadata = await parquetMetadataAsync(file);
  const columns = parquetSchema(metadata).children.map(({ element }) => ({
    name: element.name,
    type: String(element.logical_type?.type ?? element.converted_type ?? element.type ?? 'group').toLowerCase(),
  }));
  const rows = Number(metadata.num_rows);
  if (!isSmall(metadata)) return { rows, columns };
  const found = await parquetReadObjects({ file, metadata, rowEnd: Math.min(rows, mostRows), compressors });
  return {
    rows,
    columns,
    table: { columns: columns.map(({ name }) => name), rows: found.map((row) => columns.map(({ name }) => cellOf(row[name]))) },
  };
}

/** Whether the row groups of the first rows can be read without harm. */
function isSmall({ row_groups }: FileMetaData): boolean {
  let [rows, bytes, unpacked] = [0, 0, 0];
  for (const group of row_groups) {
    if (rows >= mostRows) break;
    rows += Number(group.num_rows);
    unpacked += Number(group.total_byte_size);
    for (const { meta_data } of group.columns) bytes += Number(meta_data?.total_compressed_size ?? 0);
  }
  return bytes <= mostBytes && unpacked <= mostUnpacked;
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  const text =
    typeof value === 'object'
      ? JSON.stringify(value, (_key, each) =>
          typeof each === 'bigint' ? String(each) : each instanceof Uint8Array ? `${each.length} bytes` : each,
        )
      : String(value);
  return text.length > longestCell ? `${text.slice(0, longestCell)}…` : text;
}
