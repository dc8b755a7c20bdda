import { inLine } from './inLine.ts';

type Cell = string | number | null | undefined;

/** Rows under headings, for a model: with bars between the cells, and no spaces that only line them up. */
export const tableText = (headings: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [headings, ...rows].map((row) => row.map(cellText).join(' | ')).join('\n');

const cellText = (cell: Cell): string =>
  cell === null || cell === undefined || cell === '' ? '-' : inLine(String(cell)).replaceAll('|', '¦');
