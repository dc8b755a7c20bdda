import {
  DiagnosticSeverity,
  type Disposable,
  Diagnostic as EditorDiagnostic,
  languages,
  Range,
  type TextDocument,
  Uri,
  workspace,
} from 'vscode';
import type { Diagnostic } from '../../spec/diagnostic.ts';
import { readSpec } from './jobFiles.ts';

/** Milliseconds without typing after which a file is checked. */
const pauseMs = 250;
const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

/** The Problems of YAML files of ours: while they are open, and after a submission was refused. */
export class Problems implements Disposable {
  private readonly collection = languages.createDiagnosticCollection('updraft');
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly subscriptions: Disposable[] = [];

  /** Starts to check what is open and what will be. */
  constructor() {
    this.subscriptions.push(
      workspace.onDidOpenTextDocument((document) => this.check(document)),
      workspace.onDidSaveTextDocument(() => this.checkAll()),
      workspace.onDidChangeTextDocument(({ document }) => this.checkSoon(document)),
      workspace.onDidCloseTextDocument((document) => this.collection.delete(document.uri)),
    );
    this.checkAll();
  }

  /** Checks one file now. Answers what is wrong, undefined when it is none of ours. */
  check(document: TextDocument): Diagnostic[] | undefined {
    const read = readSpec(document);
    if (read) this.show(document.uri.fsPath, read.diagnostics);
    else this.collection.delete(document.uri);
    return read?.diagnostics;
  }

  /** Shows the problems of `file`; those of files it refers to appear there. */
  show(file: string, diagnostics: readonly Diagnostic[]): void {
    const byFile = new Map<string, EditorDiagnostic[]>([[file, []]]);
    for (const each of diagnostics) byFile.set(each.file, [...(byFile.get(each.file) ?? []), toEditor(each)]);
    for (const [name, entries] of byFile) this.collection.set(Uri.file(name), entries);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const each of this.subscriptions) each.dispose();
    this.collection.dispose();
  }

  private checkAll(): void {
    for (const document of workspace.textDocuments) this.check(document);
  }

  private checkSoon(document: TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => {
        this.timers.delete(key);
        this.check(document);
      }, pauseMs),
    );
  }
}

function toEditor({ range: { start, end }, message, hint, severity, code }: Diagnostic): EditorDiagnostic {
  const range = new Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
  const diagnostic = new EditorDiagnostic(range, hint ? `${message}\n${hint}` : message, severities[severity]);
  diagnostic.source = 'Updraft';
  diagnostic.code = code;
  return diagnostic;
}
