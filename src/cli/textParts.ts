/** Rows under headings, columns aligned; `empty` when there are none. */
export function tableOf(headings: string[], rows: (string | undefined)[][], empty: string): string {
  if (rows.length === 0) return empty;
  const all = [headings, ...rows.map((row) => row.map((cell) => cell ?? ''))];
  const widths = headings.map((_heading, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Facts under each other, the names aligned; those without a value are left out. */
export function factLines(facts: [string, string | undefined][]): string {
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${value.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`).join('\n');
}

/** The fields of an answer as facts: maps and lists on one line, empty ones left out. */
export const factsOf = (fields: Record<string, unknown>): string =>
  factLines(Object.entries(fields).map(([key, value]) => [key.replaceAll('_', ' '), factText(value)]));

/** A value on one line; undefined for an empty one. */
export function factText(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (typeof value !== 'object') return String(value);
  return Object.keys(value).length ? JSON.stringify(value) : undefined;
}

/** `2026-01-31 14:05:09` of this machine's time. */
export function timeOf(iso: string | undefined): string | undefined {
  if (!iso) return undefined;
  const date = new Date(iso);
  const pad = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}
