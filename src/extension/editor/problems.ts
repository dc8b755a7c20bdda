import { DiagnosticSeverity, type Disposable, Diagnostic as EditorDiagnostic, languages, Range, Uri, workspace } from 'vscode';
import type { Diagnostic } from '../../spec/diagnostic.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

/** The Problems of a refused submission, beside those of the language server: what only a submission can know, and files that are not open. */
export class Problems implements Disposable {
  private readonly collection = languages.createDiagnosticCollection('updraft');
  /** Of a folder that is deleted, no files are told. */
  private readonly deletions = workspace.createFileSystemWatcher('**/*', true, true);
  private readonly subscriptions: Disposable[] = [
    this.deletions,
    this.deletions.onDidDelete((gone) => this.forget(gone)),
    workspace.onDidChangeTextDocument(({ document }) => this.collection.delete(document.uri)),
    // The server says it from now on.
    workspace.onDidOpenTextDocument((document) => this.collection.delete(document.uri)),
  ];

  /** Shows the problems of `file` until it is opened or changed; those that the server shows already are not repeated. */
  show(file: string, diagnostics: readonly Diagnostic[]): void {
    const uri = Uri.file(file);
    this.collection.delete(uri);
    const shown = new Set(languages.getDiagnostics(uri).map((each) => keyOf(each.range.start.line, each.code)));
    this.collection.set(uri, diagnostics.filter(({ range, code }) => !shown.has(keyOf(range.start.line - 1, code))).map(toEditor));
  }

  private forget(gone: Uri): void {
    for (const [uri] of this.collection)
      if (uri.toString() === gone.toString() || uri.toString().startsWith(`${gone.toString()}/`)) this.collection.delete(uri);
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
    this.collection.dispose();
  }
}

const keyOf = (line: number, code: EditorDiagnostic['code']): string => `${line} ${typeof code === 'object' ? code.value : code}`;

function toEditor({ range: { start, end }, message, hint, severity, code }: Diagnostic): EditorDiagnostic {
  const range = new Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
  const diagnostic = new EditorDiagnostic(range, hint ? `${message}\n${hint}` : message, severities[severity]);
  diagnostic.source = 'Updraft';
  diagnostic.code = code;
  return diagnostic;
}
