import { plural } from '../../../../src/base/text.ts';
import type { Table } from '../../files/table.ts';
import { plainText } from '../../ui/plainText.ts';
import { type Fields, isFields } from './numberOf.ts';

/** Rows, columns and characters of a cell that are shown. */
export const [mostRows, mostColumns] = [1000, 100];
const longestCell = 500;

/** A table with what is said about it. */
export interface ShownTable {
  table: Table;
  note: string;
}

/** Reads a table of JSON: as `mlflow.log_table` writes it, a list of rows, lists by column, or Azure ML's table of accuracies. */
export function tableOf(value: unknown): ShownTable | undefined {
  if (Array.isArray(value)) {
    if (value.length === 0 || !value.every(isFields)) return undefined;
    const columns = keysOf(value.slice(0, mostRows));
    return shown(columns, value.length, (at) => columns.map((column) => value[at]![column]));
  }
  if (!isFields(value)) return undefined;
  const { columns, data, index } = value;
  if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray)) {
    const isNamed = Array.isArray(index) && index.length === data.length && index.some((each) => typeof each === 'string');
    return isNamed
      ? shown(['', ...columns], data.length, (at) => [index[at], ...data[at]!])
      : shown(columns, data.length, (at) => data[at]!);
  }
  if (value.schema_type === 'accuracy_table') return ofAccuracy(value.data);
  const entries = Object.entries(value);
  if (entries.length === 0) return undefined;
  if (entries.every(([, list]) => Array.isArray(list) && list.every(isCell))) {
    const lists = entries.map(([, list]) => list as unknown[]);
    const rows = lists[0]!.length;
    if (rows === 0 || lists.some(({ length }) => length !== rows)) return undefined;
    return shown(
      entries.map(([name]) => name),
      rows,
      (at) => lists.map((list) => list[at]),
    );
  }
  return ofRows(entries);
}

/** Rows by name, as a report of classes has them; also a frame that pandas wrote by column, whose rows have numbers for names. */
function ofRows(entries: [string, unknown][]): ShownTable | undefined {
  const rows = entries.filter((entry): entry is [string, Fields] => isFields(entry[1]) && Object.values(entry[1]).every(isCell));
  const columns = keysOf(rows.map(([, row]) => row));
  if (rows.length === 0 || columns.length === 0 || !entries.every(([, row]) => isCell(row) || isFields(row))) return undefined;
  if (rows.length < entries.filter(([, row]) => isFields(row)).length) return undefined;
  if (rows.length === entries.length && columns.every((name, at) => name === String(at)))
    return shown(
      rows.map(([name]) => name),
      columns.length,
      (at) => rows.map(([, row]) => row[columns[at]!]),
    );
  return shown(['', ...columns], entries.length, (at) => {
    const [name, row] = entries[at]!;
    return isFields(row) ? [name, ...columns.map((column) => row[column])] : [name, row];
  });
}

/** True and false positives and negatives of each class by threshold. */
function ofAccuracy(data: unknown): ShownTable | undefined {
  const { class_labels: labels, probability_tables: tables, probability_thresholds: thresholds } = isFields(data) ? data : {};
  if (!Array.isArray(tables) || !Array.isArray(thresholds) || thresholds.length === 0 || !tables.every(Array.isArray)) return undefined;
  return shown(['class', 'threshold', 'TP', 'FP', 'TN', 'FN'], tables.length * thresholds.length, (at) => {
    const [group, place] = [Math.floor(at / thresholds.length), at % thresholds.length];
    const counts: unknown = tables[group]![place];
    return [Array.isArray(labels) ? labels[group] : group, thresholds[place], ...(Array.isArray(counts) ? counts : [])];
  });
}

/** A table of texts as it is shown: its first rows and columns. */
export const ofTable = ({ columns, rows }: Table, isCut = false): ShownTable => {
  const found = shown(columns, rows.length, (at) => rows[at]!);
  return isCut ? { ...found, note: `${found.note} · only the beginning of the file was read` } : found;
};

const isCell = (value: unknown): boolean => typeof value !== 'object' || value === null;
const keysOf = (rows: readonly Fields[]): string[] => {
  const names = new Set<string>();
  for (const row of rows) {
    for (const name of Object.keys(row)) names.add(name);
    if (names.size > mostColumns) break;
  }
  return [...names];
};

function shown(columns: readonly unknown[], total: number, rowAt: (at: number) => readonly unknown[]): ShownTable {
  const [width, height] = [Math.min(columns.length, mostColumns), Math.min(total, mostRows)];
  const rows: string[][] = [];
  for (let at = 0; at < height; at++) {
    const row = rowAt(at);
    rows.push(Array.from({ length: width }, (_, index) => cellText(row[index])));
  }
  const counts = `${plural(total, 'row')}, ${plural(columns.length, 'column')}`;
  const parts = [...(height < total ? [plural(height, 'row')] : []), ...(width < columns.length ? [plural(width, 'column')] : [])];
  return {
    table: { columns: columns.slice(0, width).map(cellText), rows },
    note: parts.length > 0 ? `${counts} · only the first ${parts.join(' and ')} are shown` : counts,
  };
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return plainText(typeof value === 'object' ? JSON.stringify(value) : String(value), longestCell);
}
