import { codes } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { expressionsIn } from './expression.ts';
import { isMapValue } from './signature.ts';

/** What Azure fills in where something is written to. */
export const outputMacros: readonly string[] = ['name', 'output_name', 'default_datastore'];

/** Checks the expressions in paths outside of steps: of a job's inputs and outputs, of data that is imported, of what a schedule starts. `at` leads to the value. */
export function checkPaths(document: SpecDocument, value: unknown, at: string[] = []): void {
  if (!isMapValue(value)) return;
  for (const kind of ['inputs', 'outputs']) {
    const ports: unknown = value[kind];
    if (isMapValue(ports))
      for (const name in ports)
        if (isMapValue(ports[name]))
          checkPath(document, () => [...at, kind, name, 'path'], ports[name].path, kind === 'inputs' ? [] : outputMacros);
  }
  if (value.source !== undefined) checkPath(document, () => [...at, 'path'], value.path, outputMacros);
  for (const inner of ['create_job', 'import_data']) if (value[inner] !== undefined) checkPaths(document, value[inner], [...at, inner]);
}

function checkPath(document: SpecDocument, at: () => string[], given: unknown, macros: readonly string[]): void {
  if (typeof given !== 'string' || !given.includes('${{')) return;
  for (const { path } of expressionsIn(given)) {
    const name = path.join('.');
    if (macros.includes(name)) continue;
    document.report(
      document.at(at()),
      'InvalidReference',
      `\${{${name}}} is not known in this path.`,
      macros.length > 0 ? 'Azure fills in ${{name}}, ${{output_name}} and ${{default_datastore}}.' : 'Write the path as it is.',
      codes.InvalidReference.severity,
    );
  }
}
