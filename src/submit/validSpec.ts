import type { Diagnostic, FileSource } from '../spec/diagnostic.ts';
import { loadSpec, type Spec } from '../spec/load.ts';
import { setValue } from '../spec/setValue.ts';
import { localFiles } from './localFiles.ts';
import { ValidationFailed } from './validationFailed.ts';

export interface ValidSpecOptions {
  /** Where files are read: as they are on disk, when absent. */
  files?: FileSource;
  /** `a.b=value`, as `--set`. */
  overrides?: string[];
  /** A kind that does not run on this machine is an error then. */
  mustRunHere?: boolean;
}

/** What a YAML file says, overrides included; `text` is undefined when there is no such file, `spec` when it is none of ours. Throws `ValidationFailed` when it has errors. */
export function validSpec(
  file: string,
  { files = localFiles, overrides = [], mustRunHere = false }: ValidSpecOptions = {},
): { spec: Spec | undefined; text: string | undefined; diagnostics: Diagnostic[] } {
  const original = files.readText(file);
  const text = original === undefined ? undefined : overrides.reduce(setValue, original);
  const { spec, diagnostics } = loadSpec(file, files, { mustBeOurs: true, mustRunHere, ...(text === undefined ? {} : { text }) });
  if (diagnostics.some((each) => each.severity === 'error')) throw new ValidationFailed(file, diagnostics);
  return { spec, text, diagnostics };
}
