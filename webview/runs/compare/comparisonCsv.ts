import { csvLine } from '../../shared/csv.ts';
import type { Section } from './comparison.ts';

/** The whole comparison as a table: a line a row, a column a run. Values are whole. */
export const comparisonCsv = (sections: readonly Section[], names: readonly string[], onlyDifferences: boolean): string =>
  [
    ['section', 'name', ...names],
    ...sections.flatMap(({ title, rows }) =>
      rows
        .filter(({ differs }) => differs || !onlyDifferences)
        .map(({ label, cells }) => [title, label, ...cells.map((cell) => cell?.text ?? '')]),
    ),
  ]
    .map(csvLine)
    .join('');
