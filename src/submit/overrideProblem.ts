import { UserError } from '../base/userError.ts';
import type { Diagnostic, FileSource } from '../spec/diagnostic.ts';
import { loadSpec, type Spec } from '../spec/load.ts';
import { setValue } from '../spec/setValue.ts';
import { isDataType, literalFits } from '../spec/signature.ts';

/**
 * What would be wrong with the file once `a.b=value` is set, after the changes that were made already: an error that the editor would show and that is not there
 * without it, or a value of another type than the one that stands in the file. Undefined when nothing is wrong with it.
 */
export function overrideProblem(file: string, files: FileSource, made: readonly string[], override: string): string | undefined {
  try {
    const before = made.reduce(setValue, files.readText(file) ?? '');
    const errorsOf = (text: string) => loadSpec(file, files, { text, mustBeOurs: true, mustRunHere: true }).diagnostics.filter(isError);
    const known = new Set(errorsOf(before).map(keyOf));
    const found = errorsOf(setValue(before, override)).find((each) => !known.has(keyOf(each)));
    return found ? [found.message, found.hint].filter(Boolean).join(' ') : typeProblem(file, files, override);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

const isError = ({ severity }: Diagnostic): boolean => severity === 'error';
const keyOf = ({ code, file, message }: Diagnostic): string => `${code}\n${file}\n${message}`;

/** An input of a job declares no type: its value says that the script expects a number or a truth value, and so do the steps that a pipeline's input goes to. */
function typeProblem(file: string, files: FileSource, override: string): string | undefined {
  const [, path = '', value = ''] = /^([^=]+)=(.*)$/s.exec(override) ?? [];
  const { spec } = loadSpec(file, files, { mustBeOurs: true });
  const [scope, name = '', part] = path.split('.');
  if (!spec || scope !== 'inputs' || part === 'path') return undefined;
  const input = spec.value.inputs?.[name] as unknown;
  const stands = part === 'value' ? (input as { value?: unknown }).value : input;
  for (const { step, type } of wantedTypes(spec, name))
    if (!literalFits(value, type)) return `"${value}" is no ${type}, which the step "${step}" wants for "${name}".`;
  if (typeof stands === 'number' && !literalFits(value, 'number'))
    return `"${name}" is a number in the file (${stands}); "${value}" is none.`;
  if (typeof stands === 'boolean' && !/^(?:true|false)$/i.test(value))
    return `"${name}" is true or false in the file; "${value}" is neither.`;
  return undefined;
}

/** What the steps that a pipeline's input goes to as it is declare for it. */
function wantedTypes({ value, components }: Spec, name: string): { step: string; type: string }[] {
  return Object.entries((value.jobs ?? {}) as Record<string, { inputs?: Record<string, unknown> } | null>).flatMap(([step, body]) =>
    Object.entries(body?.inputs ?? {}).flatMap(([port, given]) => {
      const isIt = typeof given === 'string' && given.replace(/\s/g, '') === `\${{parent.inputs.${name}}}`;
      const type = isIt ? (components.get(step)?.value.inputs?.[port]?.type as unknown) : undefined;
      return typeof type === 'string' && !isDataType(type) ? [{ step, type }] : [];
    }),
  );
}
