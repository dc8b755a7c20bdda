import type { TextEdit } from 'vscode-languageserver-types';
import type { Diagnostic } from '../../spec/diagnostic.ts';
import type { SpecDocument } from '../../spec/document.ts';
import { editorRange, offsetOf, rangeOf } from '../positions.ts';

/** A change that is offered: edits of files by path, and files to make. */
export interface Action {
  title: string;
  kind: 'quickfix' | 'refactor.extract' | 'refactor.inline' | 'refactor.rewrite';
  edits: Map<string, TextEdit[]>;
  create?: { file: string; text: string }[];
  /** What it repairs. */
  repairs?: Diagnostic;
  isPreferred?: boolean;
}

export const replace = (document: SpecDocument, start: number, end: number, newText: string): TextEdit => ({
  range: rangeOf(document, start, end),
  newText,
});

export const inFile = (document: SpecDocument, ...edits: TextEdit[]): Map<string, TextEdit[]> => new Map([[document.file, edits]]);

/** Offsets of what a diagnostic points to. */
export function spanOf(document: SpecDocument, { range }: Diagnostic): { start: number; end: number } {
  const { start, end } = editorRange(range);
  return { start: offsetOf(document, start), end: offsetOf(document, end) };
}

/** Line break of the file. */
export const lineBreak = (document: SpecDocument): string => (document.text.includes('\r\n') ? '\r\n' : '\n');
