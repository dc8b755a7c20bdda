import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver-types';
import type { SpecDocument } from '../spec/document.ts';

/** What can be folded, by indentation: it works in half-typed text. Runs of comments fold as comments. */
export function folding(document: SpecDocument): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  const open: { line: number; indent: number }[] = [];
  let last = -1;
  let comment = -1;
  const closeTo = (indent: number) => {
    while (open.length && open.at(-1)!.indent >= indent) {
      const { line } = open.pop()!;
      if (last > line) ranges.push({ startLine: line, endLine: last });
    }
  };
  const { text } = document;
  for (let line = 0; line < document.lineCount; line++) {
    const start = document.lineStart(line);
    const end = document.lineEnd(line);
    let at = start;
    while (at < end && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
    const isComment = text[at] === '#' && at < end;
    if (isComment && comment < 0) comment = line;
    if (!isComment && comment >= 0) {
      if (line - 1 > comment) ranges.push({ startLine: comment, endLine: line - 1, kind: FoldingRangeKind.Comment });
      comment = -1;
    }
    if (at >= end || isComment) continue;
    // Items of a list may stand at the column of its key, and fold with it.
    const isItem = text[at] === '-' && /\s/.test(text[at + 1] ?? ' ');
    closeTo(at - start + (isItem ? 0.5 : 0));
    open.push({ line, indent: at - start + (isItem ? 0.5 : 0) });
    last = line;
  }
  closeTo(-1);
  return ranges.sort((a, b) => a.startLine - b.startLine);
}
