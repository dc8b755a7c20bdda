import { stringify } from 'yaml';

/** YAML as `az` writes it: keys in the order of the alphabet, lists not indented, quotes around what older YAML would take for a number, a date or a truth value. */
export function yamlText(value: unknown): string {
  const text = stringify(value, {
    version: '1.1',
    sortMapEntries: true,
    indentSeq: false,
    singleQuote: true,
    aliasDuplicateObjects: false,
    directives: false,
  });
  // The end of a document that is a plain value is marked.
  return typeof value === 'object' && value !== null ? text : `${text}...\n`;
}
