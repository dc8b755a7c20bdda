import { Disposable, languages, Range, type TextDocument, type TextEditor, TextEditorRevealType, window, workspace } from 'vscode';
import { parseJobUri } from '../documents/jobUri.ts';

/** The language of job logs. */
export const logLanguage = 'updraft-log';

const isLog = (document: TextDocument) => parseJobUri(document.uri)?.area === 'log';
const lowestVisible = (editor: TextEditor) => Math.max(0, ...editor.visibleRanges.map((range) => range.end.line));

/** Shows the last line of an editor. */
export function revealEnd(editor: TextEditor): void {
  const last = editor.document.lineCount - 1;
  editor.revealRange(new Range(last, 0, last, 0), TextEditorRevealType.Default);
}

/**
 * Keeps the end of a growing log in sight, also in a tab that came back with the window. Who scrolls up to read is left alone until the end is in sight again.
 */
export function followLogs(onError: (error: unknown) => void): Disposable {
  const lowest = new WeakMap<TextDocument, number>();
  const paused = new WeakSet<TextDocument>();
  const setLanguage = (document: TextDocument) => {
    // A restored tab has the language of its file name.
    if (isLog(document) && document.languageId !== logLanguage)
      languages.setTextDocumentLanguage(document, logLanguage).then(undefined, onError);
  };
  workspace.textDocuments.forEach(setLanguage);
  return Disposable.from(
    workspace.onDidOpenTextDocument(setLanguage),
    window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
      const { document } = textEditor;
      if (!isLog(document)) return;
      const before = lowest.get(document);
      const now = lowestVisible(textEditor);
      lowest.set(document, now);
      if (now >= document.lineCount - 2) paused.delete(document);
      else if (before !== undefined && now < before) paused.add(document);
    }),
    workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (!isLog(document) || contentChanges.length === 0 || paused.has(document)) return;
      for (const editor of window.visibleTextEditors) if (editor.document === document) revealEnd(editor);
    }),
  );
}
