import { UserError } from '../base/userError.ts';
import { codes } from './codes.ts';
import { parseCondaFile } from './condaFile.ts';
import type { FileSource } from './diagnostic.ts';
import type { SpecDocument } from './document.ts';
import { beside, isLocalPath } from './paths.ts';
import { pipLine } from './pipLine.ts';
import { isTooOld, oldestPython } from './pythonVersion.ts';
import type { Use } from './validate.ts';

/** Says of the conda files that a file names what no environment can be made of here. */
export function checkConda(document: SpecDocument, uses: readonly Use[], files: FileSource, mustRunHere: boolean): void {
  for (const { path, field, text } of uses) {
    if (field.pathKind !== 'file' || path.at(-1) !== 'conda_file' || text === undefined || !isLocalPath(text)) continue;
    const at = beside(document.file, text);
    const content = files.kind(at) === 'file' ? files.readText(at) : undefined;
    if (content === undefined) continue;
    const report = (code: 'InvalidValue' | 'UnsupportedKind' | 'MissingFile', message: string, hint?: string) =>
      document.report(
        document.at(path),
        code,
        message,
        hint,
        mustRunHere ? 'error' : code === 'UnsupportedKind' ? codes[code].severity : 'warning',
      );
    try {
      const { python, pip } = parseCondaFile(content);
      if (python !== undefined && isTooOld(python))
        report('UnsupportedKind', `${text} asks for Python ${python}, but environments are made here from Python ${oldestPython} on.`);
      for (const line of pip) {
        const found = pipLine(line);
        if (found.kind === 'plain' || files.kind(beside(at, found.path)) !== undefined) continue;
        report('MissingFile', `The line "${line}" of ${text} leads to nothing.`, 'Paths are relative to the conda file.');
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      report('InvalidValue', `${text}: ${error.message}`, error.hint);
    }
  }
}
