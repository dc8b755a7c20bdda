/** Why a text is no JSON, in the words of the browser; undefined when it is. */
export function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Longest text that is laid out anew. */
const most = 1_000_000;

/** With line breaks, where it is JSON. */
export function prettyJson(text: string): string {
  if (text.length > most) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
