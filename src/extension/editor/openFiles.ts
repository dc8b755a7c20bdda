import path from 'node:path';
import { workspace } from 'vscode';
import type { FileSource } from '../../spec/diagnostic.ts';
import { localFiles } from '../../submit/localFiles.ts';

/** The files of this machine, as the editor has them where they are open. */
export const openFiles: FileSource = {
  readText(file) {
    const open = workspace.textDocuments.find((document) => document.uri.scheme === 'file' && path.resolve(document.uri.fsPath) === file);
    return open?.getText() ?? localFiles.readText(file);
  },
  kind: localFiles.kind,
};
