import { plural } from '../../../../src/base/text.ts';
import type { Table } from '../../files/table.ts';
import { plainText } from '../../ui/plainText.ts';
import { type Fields, isFields, numberOf } from './numberOf.ts';

/** How often a class (a row) was taken for each class (a column). */
export interface Matrix {
  labels: string[];
  rows: number[][];
}

/** Classes of a matrix that is shown. */
export const mostClasses = 1000;
const longestLabel = 300;

/**
 * Reads the confusion matrix in a JSON value. The known forms are Azure ML's schema, an object that has the matrix and its labels under one of the usual names, and
 * a list of rows in a file whose name says that it is a confusion matrix. Returns undefined for a value of another form, and a message for a matrix that is not valid.
 */
export function matrixOf(value: unknown, path: string): Matrix | string | undefined {
  if (isFields(value)) {
    if (value.schema_type === 'confusion_matrix') {
      const data: Fields = isFields(value.data) ? value.data : {};
      return squareOf(data.matrix, data.class_labels);
    }
    const rows = value.confusion_matrix ?? value.matrix;
    if (isRows(rows)) return squareOf(rows, value.class_labels ?? value.labels ?? value.classes);
    const { columns, index, data } = value;
    if (isRows(data) && isSameLabels(columns, index)) return squareOf(data, columns);
    return undefined;
  }
  return isRows(value) && isCalledMatrix(path) ? squareOf(value, undefined) : undefined;
}

/** A table whose first column names the rows as the others are named. */
export function matrixOfTable({ columns, rows }: Table): Matrix | undefined {
  const labels = columns.slice(1);
  if (labels.length < 2 || labels.length !== rows.length || !rows.every((row, at) => row[0] === labels[at])) return undefined;
  const found = squareOf(
    rows.map((row) => row.slice(1).map((cell) => (/\d/.test(cell) ? Number(cell) : cell.trim() === '' ? null : cell))),
    labels,
  );
  return typeof found === 'object' ? found : undefined;
}

const isCalledMatrix = (path: string): boolean => /confusion/i.test(path);
const isRows = (value: unknown): value is unknown[][] => Array.isArray(value) && value.length > 0 && value.every(Array.isArray);
const isSameLabels = (columns: unknown, index: unknown): boolean =>
  Array.isArray(columns) &&
  Array.isArray(index) &&
  columns.length > 1 &&
  columns.length === index.length &&
  columns.every((label, at) => label === index[at]);

function squareOf(rows: unknown, labels: unknown): Matrix | string {
  const what = 'This should be a confusion matrix, but';
  if (!isRows(rows)) return `${what} it has no list of rows.`;
  const size = rows.length;
  if (size > mostClasses)
    return `This matrix has ${size.toLocaleString('en')} classes: at most ${mostClasses.toLocaleString('en')} can be shown. Save the file to use it.`;
  if (labels !== undefined && labels !== null && !(Array.isArray(labels) && labels.length === size))
    return `${what} it has ${plural(size, 'row')} and ${Array.isArray(labels) ? plural(labels.length, 'label') : 'no list of labels'} of classes.`;
  const found: number[][] = [];
  for (const [at, row] of rows.entries()) {
    if (row.length !== size) return `${what} its row ${at + 1} has ${plural(row.length, 'value')} for ${plural(size, 'class', 'classes')}.`;
    const numbers = row.map(numberOf);
    const wrong = numbers.indexOf(undefined);
    if (wrong >= 0) return `${what} the value of row ${at + 1}, column ${wrong + 1} is not a number.`;
    found.push(numbers as number[]);
  }
  const names = Array.isArray(labels) ? labels : found.map((_, at) => at);
  return { labels: names.map((label) => plainText(typeof label === 'string' ? label : JSON.stringify(label), longestLabel)), rows: found };
}

/** The share of each value in its row; undefined where a row has values that are no counts, or none. */
export const sharesOf = (row: readonly number[]): number[] | undefined => {
  const sum = row.reduce((all, value) => all + (Number.isFinite(value) ? value : 0), 0);
  return sum > 0 && !row.some((value) => value < 0) ? row.map((value) => value / sum) : undefined;
};

/** The values off the diagonal that are greatest. */
export function mistakesOf({ rows }: Matrix, most: number): { actual: number; predicted: number; count: number }[] {
  const found: { actual: number; predicted: number; count: number }[] = [];
  for (const [actual, row] of rows.entries())
    for (const [predicted, count] of row.entries()) {
      if (actual === predicted || !(count > 0) || (found.length === most && count <= found.at(-1)!.count)) continue;
      const at = found.findIndex((each) => each.count < count);
      found.splice(at < 0 ? found.length : at, 0, { actual, predicted, count });
      if (found.length > most) found.pop();
    }
  return found;
}
