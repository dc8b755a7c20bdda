import { invalid } from './request.ts';

/** JSON that a client sends inside a text, as an object; throws when it is none. */
export function objectIn(text: string | undefined, name: string): Record<string, unknown> {
  const value = parsed(text, name) ?? {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid(`Invalid value for parameter '${name}' supplied: it must be a JSON object.`);
  return value as Record<string, unknown>;
}

/** As `objectIn`, a list of objects. */
export function objectsIn(text: string | undefined, name: string): Record<string, any>[] {
  const value = parsed(text, name) ?? [];
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'object' || each === null || Array.isArray(each)))
    throw invalid(`Invalid value for parameter '${name}' supplied: it must be a JSON list of objects.`);
  return value;
}

function parsed(text: string | undefined, name: string): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`Invalid value for parameter '${name}' supplied: it is not valid JSON.`);
  }
}

/** JSON whose keys are in order at every level: equal values are equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
