import { codes } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { isMapValue } from './signature.ts';

/** A version of an output without the name under which it is registered is nothing that Azure takes. `path` leads to the outputs. */
export function checkOutputs(document: SpecDocument, path: string[], outputs: unknown): void {
  for (const [name, output] of Object.entries<any>(isMapValue(outputs) ? outputs : {}))
    if (isMapValue(output) && (output.version ?? '') !== '' && (output.name ?? '') === '')
      document.report(
        document.pair([...path, name], 'version'),
        'MissingField',
        `The output "${name}" has a version, but no name to be registered under.`,
        'Add "name:", or remove "version:".',
        codes.MissingField.severity,
      );
}
