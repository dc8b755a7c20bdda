import { CodeLens, type CodeLensProvider, Range, type TextDocument } from 'vscode';
import { isJobKind } from '../../spec/kind.ts';
import { readSpec } from './jobFiles.ts';

/** Submit, Submit with changes… and Validate above the first line of a job's YAML; for other files of ours just Validate and Create. */
export class JobCodeLens implements CodeLensProvider {
  provideCodeLenses(document: TextDocument): CodeLens[] {
    const read = readSpec(document);
    if (!read) return [];
    const top = new Range(0, 0, 0, 0);
    const lens = (title: string, command: string, tooltip: string) =>
      new CodeLens(top, { title, command, tooltip, arguments: [document.uri] });
    const validate = lens('$(check) Validate', 'updraft.job.validate', 'Check this file and everything it refers to');
    if (isJobKind(read.kind))
      return [
        lens('$(play) Submit', 'updraft.job.submit', 'Check, upload the code and run on this machine'),
        lens('Submit with changes…', 'updraft.job.submitWithChanges', 'Change inputs, name or experiment for this one run'),
        validate,
      ];
    if (!read.kind) return [validate];
    return [lens('$(add) Create', 'updraft.asset.create', 'Keep this as a new version in the workspace'), validate];
  }
}
