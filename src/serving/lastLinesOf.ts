import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes at the end of a file among which its last lines are looked for. */
const most = 1_000_000;

/** The last lines of a text file from a byte on; '' where there is none. */
export function lastLinesOf(file: string, lines: number, from = 0): string {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(handle);
    const start = Math.max(size - most, Math.min(from, size));
    const piece = Buffer.alloc(size - start);
    const text = piece.subarray(0, readSync(handle, piece, 0, piece.byteLength, start)).toString('utf8');
    const rows = text.split('\n');
    const isCut = rows.at(-1) === '';
    return rows.slice(Math.max(0, rows.length - lines - (isCut ? 1 : 0))).join('\n');
  } finally {
    closeSync(handle);
  }
}
