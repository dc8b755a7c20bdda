import { structuredPatch } from 'diff';

/** A line of a unified diff; `before` and `after` are its numbers from 1, absent where it is not in that file. */
export interface DiffLine {
  kind: 'same' | 'removed' | 'added' | 'gap';
  text: string;
  before?: number;
  after?: number;
}

/** Edits and milliseconds after which two files are too different to be laid beside each other. */
const mostEdits = 20_000;
const mostMs = 2000;
/** Lines that a page shows. */
export const mostLines = 5000;

/** What differs between two texts, with a few lines around; undefined when that is too much to say. */
export function fileDiff(before: string, after: string): DiffLine[] | undefined {
  const patch = structuredPatch('', '', before, after, '', '', { context: 3, maxEditLength: mostEdits, timeout: mostMs });
  return patch?.hunks.flatMap(({ oldStart, newStart, lines }, index): DiffLine[] => {
    let [old, now] = [oldStart, newStart];
    const shown = lines.map((line): DiffLine => {
      const text = line.slice(1);
      if (line.startsWith('-')) return { kind: 'removed', text, before: old++ };
      if (line.startsWith('+')) return { kind: 'added', text, after: now++ };
      if (line.startsWith('\\')) return { kind: 'gap', text: 'No line break at the end of the file' };
      return { kind: 'same', text, before: old++, after: now++ };
    });
    return index === 0 ? shown : [{ kind: 'gap', text: '⋯' }, ...shown];
  });
}
