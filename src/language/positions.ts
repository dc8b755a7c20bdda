import type { Position, Range } from 'vscode-languageserver-types';
import type { Range as SpecRange } from '../spec/diagnostic.ts';
import type { SpecDocument } from '../spec/document.ts';

/** Offsets as the editor's positions: lines and UTF-16 columns from 0. */
export function positionOf(document: SpecDocument, offset: number): Position {
  const line = document.lineAt(offset);
  return { line, character: offset - document.lineStart(line) };
}

export const rangeOf = (document: SpecDocument, start: number, end: number): Range => ({
  start: positionOf(document, start),
  end: positionOf(document, Math.max(start, end)),
});

/** The offset of an editor's position; positions beyond a line's end mean its end. */
export function offsetOf(document: SpecDocument, { line, character }: Position): number {
  if (line >= document.lineCount) return document.text.length;
  return Math.min(document.lineStart(line) + character, document.lineEnd(line));
}

/** A range that counts from 1 as one that counts from 0. */
export const editorRange = ({ start, end }: SpecRange): Range => ({
  start: { line: start.line - 1, character: start.column - 1 },
  end: { line: end.line - 1, character: end.column - 1 },
});
