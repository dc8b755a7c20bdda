/** What is shown of a cell of a notebook. */
export type NotebookPart =
  | { kind: 'markdown'; text: string }
  | { kind: 'code'; text: string; count?: number }
  | { kind: 'output'; lines: string[]; isError: boolean }
  | { kind: 'image'; bytes: Uint8Array<ArrayBuffer> };

/** Parts that are shown. */
const mostParts = 500;

/** The cells of a notebook with what they wrote: https://nbformat.readthedocs.io/en/latest/format_description.html. undefined for what is none. */
export function notebookParts(value: unknown): NotebookPart[] | undefined {
  const { nbformat, cells } = Object(value) as { nbformat?: unknown; cells?: unknown };
  if (nbformat !== 4 || !Array.isArray(cells)) return undefined;
  const parts: NotebookPart[] = [];
  for (const cell of cells) {
    if (parts.length >= mostParts) break;
    const { cell_type, source, outputs, execution_count } = Object(cell) as Record<string, unknown>;
    if (cell_type === 'markdown' || cell_type === 'raw') parts.push({ kind: 'markdown', text: textOf(source) });
    if (cell_type !== 'code') continue;
    parts.push({ kind: 'code', text: textOf(source), ...(typeof execution_count === 'number' ? { count: execution_count } : {}) });
    for (const output of Array.isArray(outputs) ? outputs : []) {
      const part = outputOf(Object(output));
      if (part) parts.push(part);
    }
  }
  return parts.slice(0, mostParts);
}

function outputOf({ output_type, text, data, traceback }: Record<string, unknown>): NotebookPart | undefined {
  if (output_type === 'stream') return { kind: 'output', lines: linesOf(textOf(text)), isError: false };
  if (output_type === 'error')
    return { kind: 'output', lines: (Array.isArray(traceback) ? traceback : []).flatMap((each) => linesOf(String(each))), isError: true };
  const shown = Object(data) as Record<string, unknown>;
  const image = typeof shown['image/png'] === 'string' ? bytesOf(shown['image/png']) : undefined;
  if (image) return { kind: 'image', bytes: image };
  return shown['text/plain'] === undefined ? undefined : { kind: 'output', lines: linesOf(textOf(shown['text/plain'])), isError: false };
}

/** A text, or the list of its lines with their ends. */
const textOf = (value: unknown): string => (Array.isArray(value) ? value.map(String).join('') : typeof value === 'string' ? value : '');
const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n').slice(0, 2000);

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
