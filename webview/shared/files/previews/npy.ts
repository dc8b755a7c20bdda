import type { Table } from '../table.ts';

/** Rows and columns that are shown of an array. */
const most = { rows: 1000, columns: 200 };

export interface ArrayPreview {
  /** As NumPy writes them: `(100, 3)`, `<f4`. */
  shape: string;
  type: string;
  /** Absent for types that are not numbers. */
  table?: Table;
}

type Reader = (view: DataView, at: number, little: boolean) => number | bigint | boolean;
const readers: Record<string, [size: number, read: Reader]> = {
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  i8: [8, (view, at, little) => view.getBigInt64(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  i1: [1, (view, at) => view.getInt8(at)],
  u8: [8, (view, at, little) => view.getBigUint64(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  u1: [1, (view, at) => view.getUint8(at)],
  b1: [1, (view, at) => view.getUint8(at) !== 0],
};

/**
 * The beginning of an array in NumPy's own format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. More than two dimensions are shown
 * with all but the first in one row. Throws for what is no such file.
 */
export function readNpy(bytes: Uint8Array): ArrayPreview {
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY' || bytes[0] !== 0x93)
    throw new Error('It does not begin as a NumPy array does.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFirstVersion = bytes[6] === 1;
  const start = isFirstVersion ? 10 : 12;
  const length = isFirstVersion ? view.getUint16(8, true) : view.getUint32(8, true);
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + Math.min(length, 10_000)));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? /'descr':\s*(\[[^\]]*\])/.exec(header)?.[1];
  const shape = /'shape':\s*(\([\d, ]*\))/.exec(header)?.[1];
  if (type === undefined || shape === undefined) throw new Error('Its header can’t be read.');
  const [size, read] = readers[type.slice(1)] ?? [0, undefined];
  const dimensions = [...shape.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  if (!read) return { shape, type };
  const isColumnFirst = /'fortran_order':\s*True/.test(header) && dimensions.length === 2;
  const [rows = 1, ...rest] = dimensions;
  const columns = rest.reduce((product, each) => product * each, 1);
  const valueAt = (row: number, column: number): string => {
    const at = start + length + size * (isColumnFirst ? column * rows + row : row * columns + column);
    return at + size <= bytes.byteLength ? String(read(view, at, !type.startsWith('>'))) : '';
  };
  const shown = { rows: Math.min(rows, most.rows), columns: Math.min(columns, most.columns) };
  return {
    shape,
    type,
    table: {
      columns: Array.from({ length: shown.columns }, (_, column) => String(column)),
      rows: Array.from({ length: shown.rows }, (_, row) => Array.from({ length: shown.columns }, (__, column) => valueAt(row, column))),
    },
  };
}
