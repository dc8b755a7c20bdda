/** Whether an answer is the expected one: the same text but for space around it, or the same JSON. */
export function isExpected(answer: string, expected: string): boolean {
  if (answer.trim() === expected.trim()) return true;
  const [a, b] = [jsonOf(answer), jsonOf(expected)];
  return a !== undefined && a === b;
}

/** A JSON object or list with its fields in order; undefined for every other text. */
function jsonOf(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? JSON.stringify(ordered(value)) : undefined;
  } catch {
    return undefined;
  }
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => [key, ordered(each)]);
}
