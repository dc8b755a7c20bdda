import { isMap, type ParseOptions, parseDocument, type SchemaOptions, YAMLMap } from 'yaml';
import { UserError } from '../base/userError.ts';
import { lastOfEqualKeys } from './parseBlock.ts';

/** Every value stays the text that stands in the file: `010` is not made 10, nor a long number a rounded one. */
const asWritten: ParseOptions & SchemaOptions & { logLevel: 'silent' } = {
  schema: 'failsafe',
  customTags: ['null'],
  uniqueKeys: false,
  logLevel: 'silent',
};

/** Changes a YAML text as `--set a.b=value` asks; the value is read as YAML, so `3` is a number. Maps that are not there are made. Throws `InvalidArgument`. */
export function setValue(text: string, assignment: string): string {
  const match = /^([^=]+)=(.*)$/s.exec(assignment);
  if (!match) throw new UserError('InvalidArgument', `"--set ${assignment}" has no "=".`, 'Write for example --set inputs.epochs=5');
  const document = parseDocument(text, asWritten);
  if (document.errors.length > 0)
    throw new UserError('YamlSyntax', `The file is no valid YAML: ${document.errors[0]!.message.split('\n')[0]}`);
  lastOfEqualKeys(document.contents);
  const path = match[1]!.trim().split('.');
  for (let length = 1; length < path.length; length++) {
    const holder = document.getIn(path.slice(0, length));
    if (holder === undefined || holder === null) document.setIn(path.slice(0, length), new YAMLMap());
    else if (!isMap(holder))
      throw new UserError('InvalidArgument', `"--set ${assignment}": "${path.slice(0, length).join('.')}" is a plain value, not a map.`);
  }
  const value = parseDocument(match[2]!, asWritten);
  // What is no YAML is text.
  document.setIn(path, value.errors.length > 0 ? match[2] : value.contents);
  return document.toString({ lineWidth: 0 });
}
