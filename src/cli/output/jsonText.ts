type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** JSON as `az` writes it: keys in the order of the alphabet. */
export const jsonText = (value: unknown): string => JSON.stringify(sorted(value as Plain), null, 2);

/** The same with the keys of every map in order of their characters. */
export function sorted(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

/** JSON text with colours for a terminal. */
export const colored = (json: string): string =>
  json.replace(
    /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g,
    (all, quoted?: string, colon?: string) => (quoted ? (colon ? `${paint(34, quoted)}${colon}` : paint(32, quoted)) : paint(36, all)),
  );

const paint = (code: number, text: string): string => `\u001b[${code}m${text}\u001b[0m`;
