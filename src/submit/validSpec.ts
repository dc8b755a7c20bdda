import type { Diagnostic, FileSource } from '../spec/diagnostic.ts';
import { SpecDocument } from '../spec/document.ts';
import { kindOf } from '../spec/kind.ts';
import { type Kind, schemaAddress } from '../spec/kinds/all.ts';
import { loadSpec, type Spec } from '../spec/load.ts';
import { setValue } from '../spec/setValue.ts';
import { localFiles } from './localFiles.ts';
import { ValidationFailed } from './validationFailed.ts';

export interface ValidSpecOptions {
  /** Where files are read: as they are on disk, when absent. */
  files?: FileSource;
  /** `a.b=value`, as `--set`. */
  overrides?: string[];
  /** What a file that says nothing of its kind is: the first of these, unless it has the shape of another one of them. */
  kinds?: readonly Kind[];
  /** A kind that does not run on this machine is an error then. */
  mustRunHere?: boolean;
}

/** What a YAML file says, overrides included; `text` is undefined when there is no such file, `spec` when it is none of ours. Throws `ValidationFailed` when it has errors. */
export function validSpec(
  file: string,
  { files = localFiles, overrides = [], kinds, mustRunHere = false }: ValidSpecOptions = {},
): { spec: Spec | undefined; text: string | undefined; diagnostics: Diagnostic[] } {
  const original = files.readText(file);
  const written = original === undefined || !kinds ? original : ofKind(original, kinds);
  const text = written === undefined ? undefined : overrides.reduce(setValue, written);
  const { spec, diagnostics } = loadSpec(file, files, { mustBeOurs: true, mustRunHere, ...(text === undefined ? {} : { text }) });
  if (diagnostics.some((each) => each.severity === 'error')) throw new ValidationFailed(file, diagnostics);
  return { spec, text, diagnostics };
}

/** The text with a `$schema` at its end, so that lines keep their numbers, where neither that nor its shape says what it is. */
function ofKind(text: string, kinds: readonly Kind[]): string {
  const document = new SpecDocument('', text);
  if (document.hasSyntaxErrors || document.pair([], '$schema')) return text;
  const found = kindOf(document)?.kind;
  return found && kinds.includes(found) ? text : setValue(text, `$schema=${schemaAddress(kinds[0]!)}`);
}
