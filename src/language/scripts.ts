import { isScalar } from 'yaml';
import type { SpecDocument } from '../spec/document.ts';
import { scriptsOfCommand } from '../spec/guessInputs.ts';
import { beside, isLocalPath } from '../spec/paths.ts';
import { folderOf } from './paths.ts';

/** A script that a command runs: as it stands in the command, and the file it is. */
export interface ScriptUse {
  written: string;
  /** Offset in the command's text. */
  at: number;
  file: string;
}

/** Python scripts in a command; `path` leads to the job that has it, whose `code` they lie in. */
export function scriptsIn(document: SpecDocument, path: readonly (string | number)[], command: string): ScriptUse[] {
  const code = document.at([...path, 'code']);
  const folder =
    isScalar(code) && typeof code.value === 'string' && isLocalPath(code.value)
      ? beside(document.file, code.value)
      : folderOf(document.file);
  return scriptsOfCommand(command).map(({ written, at }) => ({ written, at, file: beside(`${folder}/x`, written) }));
}
