import { pythonText } from './pythonText.ts';

/**
 * Lines of values between tabs, as `az` writes them for scripts: a line for each item of a list, for a map its values in the order of its keys, or of the query
 * that made it. A list among the values is its length, a map nothing, a missing value `None`. `isMade` tells maps that a query made.
 */
export function tsvText(value: unknown, isMade: (map: object) => boolean): string {
  const items = Array.isArray(value) ? value : [value];
  return items.map((item) => `${rowOf(item, isMade)}\n`).join('');
}

function rowOf(item: unknown, isMade: (map: object) => boolean): string {
  if (Array.isArray(item)) return item.map(cell).join('\t');
  if (typeof item === 'boolean') return String(item);
  if (typeof item !== 'object' || item === null) return cell(item);
  const entries = Object.entries(item);
  if (!isMade(item)) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([, each]) => cell(each)).join('\t');
}

function cell(value: unknown): string {
  if (Array.isArray(value)) return String(value.length);
  return typeof value === 'object' && value !== null ? '' : pythonText(value);
}
