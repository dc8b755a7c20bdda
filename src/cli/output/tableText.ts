import { pythonText } from './pythonText.ts';

const skipped = ['id', 'type', 'etag'];

/**
 * A table as `az` draws it: a column for each plain value that one of the items has, its heading with a large first letter. Maps, lists, ids and what is
 * missing are left out. `inOrder`: the columns as they come, else by the alphabet.
 */
export function tableText(value: unknown, inOrder: boolean): string {
  const rows = (Array.isArray(value) ? value : [value]).map((item) => cellsOf(item, inOrder));
  const headings = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  if (headings.length === 0) return '';
  const lines = rows.flatMap((row) => linesOf(headings.map((heading) => (row.get(heading) ?? '').split('\n').map((each) => each.trim()))));
  // A heading has room around it, as Python's tabulate gives it.
  const widths = headings.map((heading, column) => Math.max(heading.length + 2, ...lines.map((cells) => cells[column]!.length)));
  const draw = (cells: string[]) =>
    cells
      .map((each, column) => each.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [headings, widths.map((width) => '-'.repeat(width)), ...lines].map((cells) => `${draw(cells)}\n`).join('');
}

/** A row as the lines that it takes, one below the other. */
function linesOf(cells: string[][]): string[][] {
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) => cells.map((each) => each[at] ?? ''));
}

function cellsOf(item: unknown, inOrder: boolean): Map<string, string> {
  if (Array.isArray(item)) return new Map(item.map((each, at) => [`Column${at + 1}`, each === null ? '' : pythonText(each)]));
  if (typeof item !== 'object' || item === null) return new Map([['Result', item === null ? '' : pythonText(item)]]);
  const entries = Object.entries(item);
  if (!inOrder) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    entries
      .filter(([key, each]) => !skipped.includes(key) && each !== null && each !== undefined && typeof each !== 'object')
      .map(([key, each]) => [key.charAt(0).toUpperCase() + key.slice(1), pythonText(each)]),
  );
}
