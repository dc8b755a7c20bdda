import { codes } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { isMapValue, literalFits } from './signature.ts';

/** Azure's client takes a number for no text here, but text for a number. */
const enumFits = (value: unknown, type: string): boolean => (type === 'string' ? typeof value === 'string' : literalFits(value, type));

/** Checks the inputs and outputs that a component declares: names that differ in case alone, defaults that don't fit their type. */
export function checkPorts(document: SpecDocument, value: Record<string, any>): void {
  for (const kind of ['inputs', 'outputs']) {
    if (!isMapValue(value[kind])) continue;
    const seen = new Map<string, string>();
    for (const [name, port] of Object.entries<any>(value[kind])) {
      const twin = seen.get(name.toLowerCase());
      if (twin !== undefined)
        document.report(
          document.pair([kind], name),
          'DuplicateName',
          `"${name}" and "${twin}" are the same name but for their case.`,
          'Rename one of them.',
          codes.DuplicateName.severity,
        );
      seen.set(name.toLowerCase(), name);
      if (kind !== 'inputs' || !isMapValue(port)) continue;
      if (Array.isArray(port.enum) && typeof port.type === 'string')
        for (const [index, each] of port.enum.entries())
          if (!enumFits(each, port.type))
            document.report(
              document.at([kind, name, 'enum', index]),
              'TypeMismatch',
              `${JSON.stringify(each)} is one of the values of "${name}", but its type is ${port.type}.`,
              port.type === 'string' ? `Write '${each}'.` : 'Change one of the two.',
              codes.TypeMismatch.severity,
            );
      if (port.default === undefined || port.default === null) continue;
      if (typeof port.type === 'string' && !literalFits(port.default, port.type))
        document.report(
          document.at([kind, name, 'default']),
          'TypeMismatch',
          `The default of "${name}" is ${JSON.stringify(port.default)}, but its type is ${port.type}.`,
          'Change one of the two.',
          codes.TypeMismatch.severity,
        );
    }
  }
}
