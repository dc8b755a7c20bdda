import { isMap, parseDocument } from 'yaml';
import { UserError } from '../base/userError.ts';

/** Changes a YAML text as `--set a.b=value` asks; the value is read as YAML, so `3` is a number. Throws `InvalidArgument`. */
export function setValue(text: string, assignment: string): string {
  const match = /^([^=]+)=(.*)$/s.exec(assignment);
  if (!match) throw new UserError('InvalidArgument', `"--set ${assignment}" has no "=".`, 'Write for example --set inputs.epochs=5');
  const document = parseDocument(text);
  const path = match[1]!.trim().split('.');
  for (let length = 1; length < path.length; length++) {
    const holder = document.getIn(path.slice(0, length));
    if (holder === undefined || holder === null) document.setIn(path.slice(0, length), {});
    else if (!isMap(holder))
      throw new UserError('InvalidArgument', `"--set ${assignment}": "${path.slice(0, length).join('.')}" is a plain value, not a map.`);
  }
  document.setIn(path, parseDocument(match[2]!).toJS());
  return document.toString({ lineWidth: 0 });
}
