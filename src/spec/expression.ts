/** `${{ path }}` as it stands in a text; `start` and `end` are offsets in it. */
export interface Expression {
  path: string[];
  start: number;
  end: number;
}

const pattern = /\$\{\{\s*([^{}]*?)\s*\}\}/g;

/** Every expression of a text, in order. Its path is split at dots: `parent.jobs.train.outputs.model`. */
export function expressionsIn(text: string): Expression[] {
  if (!text.includes('${{')) return [];
  return [...text.matchAll(pattern)].map((match) => ({
    path: match[1]!.split('.'),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** The path of a text that is one expression and nothing else; undefined for any other. */
export function wholeExpression(text: string): string[] | undefined {
  if (!text.includes('${{')) return undefined;
  const [only] = expressionsIn(text.trim());
  return only && only.start === 0 && only.end === text.trim().length ? only.path : undefined;
}

/**
 * Fills a command: `${{inputs.x}}`, `${{outputs.x}}` by `textOf`, and drops each `$[[ … ]]` in which an expression has no value, or the empty one: a program
 * that is given `--note` and nothing after it takes the next word for its note.
 * Outside of `$[[ ]]` an expression without a value stays as it is.
 */
export function render(command: string, textOf: (path: string[]) => string | undefined): string {
  const fill = (text: string) => text.replace(pattern, (whole, inner: string) => textOf(inner.trim().split('.')) ?? whole);
  return command
    .replace(/\$\[\[([\s\S]*?)\]\]/g, (_whole, inner: string) => (expressionsIn(inner).every(({ path }) => textOf(path)) ? inner : ''))
    .replace(pattern, (whole) => fill(whole));
}
