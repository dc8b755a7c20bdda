import type { Cell } from '../../src/protocol/runTable.ts';

/** The line of a CSV file (RFC 4180). */
export const csvLine = (cells: readonly (Cell | undefined)[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/**
 * A number in full, a text in quotes where it needs them. A text that a spreadsheet would take for a formula has an apostrophe before it; a number in a text is
 * none.
 */
export function csvCell(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const isFormula =
    /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell) && !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(cell) && cell !== '-Infinity';
  const text = isFormula ? `'${cell}` : cell;
  return /[",\r\n;\t]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
