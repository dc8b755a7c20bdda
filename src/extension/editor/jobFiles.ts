import { commands, type Disposable, type TextDocument, type Uri, window, workspace } from 'vscode';
import type { Diagnostic } from '../../spec/diagnostic.ts';
import { isJobKind } from '../../spec/kind.ts';
import type { Kind } from '../../spec/kinds/all.ts';
import { loadSpec } from '../../spec/load.ts';
import { openFiles } from './openFiles.ts';

/** What an open YAML file is, with what is wrong with it; undefined for YAML that is none of Azure ML's. */
export interface ReadFile {
  kind: Kind | undefined;
  diagnostics: Diagnostic[];
}

/** Reads a YAML file as the editor has it, unsaved changes included. */
export function readSpec(document: TextDocument): ReadFile | undefined {
  if (document.languageId !== 'yaml' && document.languageId !== 'azureml') return undefined;
  if (document.uri.scheme !== 'file') return undefined;
  const { spec, diagnostics } = loadSpec(document.uri.fsPath, openFiles, { text: document.getText() });
  return spec || diagnostics.length ? { kind: spec?.kind, diagnostics } : undefined;
}

export const isJobFile = (document: TextDocument): boolean => isJobKind(readSpec(document)?.kind);

/** Job files of the workspace, for a choice: by their names, so that nothing is parsed for it. */
export function jobFileCandidates(): Thenable<Uri[]> {
  return workspace.findFiles('**/*.{yml,yaml}', '**/{node_modules,.git,.venv,.github}/**', 500);
}

/** Keeps the context keys `updraft.isJob` (a job) and `updraft.isSpec` (anything of ours) of the active editor. */
export function trackActiveFile(): Disposable {
  const update = () => {
    const document = window.activeTextEditor?.document;
    const read = document && readSpec(document);
    void commands.executeCommand('setContext', 'updraft.isJob', isJobKind(read?.kind));
    void commands.executeCommand('setContext', 'updraft.isSpec', read !== undefined);
  };
  const subscriptions = [
    window.onDidChangeActiveTextEditor(update),
    workspace.onDidSaveTextDocument((document) => document === window.activeTextEditor?.document && update()),
    workspace.onDidChangeTextDocument(({ document }) => document === window.activeTextEditor?.document && update()),
  ];
  update();
  return {
    dispose() {
      for (const each of subscriptions) each.dispose();
    },
  };
}
