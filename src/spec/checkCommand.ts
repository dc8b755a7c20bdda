import { isScalar } from 'yaml';
import { nearest } from '../base/nearest.ts';
import type { FileSource } from './diagnostic.ts';
import { expressionsIn } from './expression.ts';
import type { Spec } from './load.ts';
import { beside, isLocalPath } from './paths.ts';

/** Checks what a schema can't of a command (a job, a component, or a step in place at `path`): expressions, code folder, environment file, data paths. */
export function checkCommand(spec: Spec, path: string[], value: Record<string, any>, files: FileSource): void {
  const { document, file } = spec;
  const inputs = Object.keys(value.inputs ?? {});
  const outputs = Object.keys(value.outputs ?? {});
  const node = document.at([...path, 'command']);
  const command = isScalar(node) && typeof node.value === 'string' ? node.value : '';
  for (const {
    path: [scope, ...rest],
  } of expressionsIn(command)) {
    const name = rest.join('.');
    if (scope === 'inputs' || scope === 'outputs') {
      const declared = scope === 'inputs' ? inputs : outputs;
      if (declared.includes(name)) continue;
      const close = nearest(name, declared);
      document.report(
        node,
        'InvalidReference',
        `The command reads \${{${scope}.${name}}}, but ${scope} has no "${name}".`,
        close ? `Did you mean \${{${scope}.${close}}}?` : `Declare "${name}" under "${scope}:".`,
      );
    } else if (scope !== 'search_space') {
      const close = nearest(scope ?? '', ['inputs', 'outputs']);
      document.report(
        node,
        'InvalidReference',
        `\${{${[scope, ...rest].join('.')}}} is not known in a command.`,
        close ? `Did you mean "${close}"?` : 'Use ${{inputs.NAME}} or ${{outputs.NAME}}.',
      );
    }
  }
  for (const name of inputs) {
    const declared = value.inputs[name];
    if (declared?.optional !== true) continue;
    const outside = command.replace(/\$\[\[[\s\S]*?\]\]/g, '');
    if (expressionsIn(outside).some(({ path: [scope, ...rest] }) => scope === 'inputs' && rest.join('.') === name)) {
      document.report(
        node,
        'InvalidReference',
        `The input "${name}" is optional, but the command uses it outside of $[[ ]].`,
        `Write $[[… \${{inputs.${name}}}]] around the part that goes away with it.`,
      );
    }
  }
  mustExist(['code'], value.code, 'folder', 'code folder');
  if (typeof value.environment === 'string' && /^(?:file:|\.{1,2}\/|.*\.ya?ml$)/.test(value.environment))
    mustExist(['environment'], value.environment, 'file', 'environment file');
  const conda = value.environment?.conda_file;
  if (typeof conda === 'string') mustExist(['environment', 'conda_file'], conda, 'file', 'conda file');
  for (const name of inputs) {
    const data = value.inputs[name]?.path;
    if (typeof data === 'string' && isLocalPath(data) && !files.kind(beside(file, data))) {
      document.report(
        document.at([...path, 'inputs', name, 'path']),
        'MissingFile',
        `The input "${name}" is not there: ${data}.`,
        'Paths are relative to this file.',
      );
    }
  }

  function mustExist(key: string[], text: unknown, wanted: 'file' | 'folder', what: string): void {
    if (typeof text !== 'string' || !isLocalPath(text)) return;
    const kind = files.kind(beside(file, text));
    if (kind === wanted || (kind === 'file' && wanted === 'folder')) return;
    document.report(
      document.at([...path, ...key]),
      'MissingFile',
      `The ${what} ${text} ${kind ? `is a ${kind}` : 'does not exist'}.`,
      'Paths are relative to this file.',
    );
  }
}
