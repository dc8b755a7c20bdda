import { type Disposable, Range, type TextDocument, type TextEditor, TextEditorRevealType, window, workspace } from 'vscode';
import { parseJobUri } from '../documents/jobUri.ts';

const isLog = (document: TextDocument) => parseJobUri(document.uri)?.area === 'log';

/** Shows the last line of an editor. */
export function revealEnd(editor: TextEditor): void {
  const last = editor.document.lineCount - 1;
  editor.revealRange(new Range(last, 0, last, 0), TextEditorRevealType.Default);
}

/** Keeps the end of a growing log in sight for who looks at its end, and leaves alone who has scrolled up to read. */
export function followLogs(): Disposable {
  const lineCounts = new WeakMap<TextDocument, number>();
  return workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (!isLog(document) || contentChanges.length === 0) return;
    // A growing log that was just opened, or came back with the window, is followed whatever was in sight.
    const before = lineCounts.get(document) ?? 0;
    lineCounts.set(document, document.lineCount);
    for (const editor of window.visibleTextEditors) {
      if (editor.document !== document) continue;
      const lowest = Math.max(0, ...editor.visibleRanges.map((range) => range.end.line));
      if (lowest >= before - 2) revealEnd(editor);
    }
  });
}
