import { isMap, isScalar, type Node, type YAMLMap } from 'yaml';
import { editDistance } from '../../base/nearest.ts';
import type { Diagnostic } from '../../spec/diagnostic.ts';
import { expressionsIn } from '../../spec/expression.ts';
import { follow } from '../../spec/field.ts';
import { jobAround } from '../expressionAt.ts';
import { concrete, fieldsAtPath } from '../fields.ts';
import { interfaceOfStep } from '../interfaces.ts';
import { placeAt } from '../place.ts';
import type { Context } from '../workspace.ts';
import { type Action, inFile, lineBreak, replace, spanOf } from './action.ts';
import { entriesAt } from './entries.ts';

/** What repairs a diagnostic, as far as that is known. */
export function quickFixes(context: Context, diagnostic: Diagnostic): Action[] {
  if (diagnostic.file !== context.ours.document.file) return [];
  return [nearestName, addMissing, declareInput, wrapOptional, removeUnknown, ignoreLine].flatMap((fix) => {
    const action = fix(context, diagnostic);
    return action ? [{ ...action, repairs: diagnostic }] : [];
  });
}

/** `Did you mean "x"?`: puts x there. */
function nearestName({ ours: { document } }: Context, diagnostic: Diagnostic): Action | undefined {
  const words = `${diagnostic.message} ${diagnostic.hint ?? ''}`;
  const meant = /Did you mean (?:"([^"]+)"|\$\{\{([^}]+)\}\}|`([^`]+)`)/.exec(words);
  if (!meant) return undefined;
  const { start, end } = spanOf(document, diagnostic);
  const text = document.text.slice(start, end);
  const expression = meant[2]?.trim();
  const suggestion = expression ?? meant[1] ?? meant[3]!;
  if (expression || (text.includes('${{') && !text.includes(suggestion))) {
    // The expression that is most like the suggestion is the one that was meant.
    const nearest = expressionsIn(text)
      .map((each) => ({ ...each, distance: editDistance(each.path.join('.'), suggestion) }))
      .sort((a, b) => a.distance - b.distance)[0];
    if (!nearest) return undefined;
    const written = nearest.path.join('.');
    const fixed = expression ?? replaceNearest(written, suggestion);
    return preferred(
      `Change to \${{${fixed}}}`,
      inFile(document, replace(document, start + nearest.start, start + nearest.end, `\${{${fixed}}}`)),
    );
  }
  const wrong = /"([^"]+)"/.exec(diagnostic.message)?.[1];
  const at = wrong === undefined ? -1 : text.indexOf(wrong);
  const from = at < 0 ? start : start + at;
  const to = at < 0 ? end : from + wrong!.length;
  if (to - from > 300) return undefined;
  return preferred(`Change to "${suggestion}"`, inFile(document, replace(document, from, to, suggestion)));
}

/** Replaces the part of a dotted path that is most like `name`. */
function replaceNearest(path: string, name: string): string {
  const parts = path.split('.');
  const distances = parts.map((part) => editDistance(part, name));
  const index = distances.indexOf(Math.min(...distances));
  return parts.map((part, at) => (at === index ? name : part)).join('.');
}

/** Adds every key that must be there: required ones of the schema, and inputs that a step's component needs. */
function addMissing({ ours, workspace }: Context, diagnostic: Diagnostic): Action | undefined {
  if (!/^Missing(?:Field|Input)$|^missing/i.test(diagnostic.code) || diagnostic.code === 'MissingFile') return undefined;
  const { document, field } = ours;
  const { start } = spanOf(document, diagnostic);
  const place = placeAt(document, start);
  const path = place?.path ?? [];
  const [, misspelt, meant] = /^Rename "(.+)" to "(.+)"\.$/.exec(diagnostic.hint ?? '') ?? [];
  if (misspelt !== undefined && meant !== undefined) {
    const pair = document.pair(path.slice(0, -1), misspelt) ?? document.pair(path, misspelt);
    const [from, to] = (pair?.key as Node | undefined)?.range ?? [];
    return from === undefined ? undefined : preferred(`Change to "${meant}"`, inFile(document, replace(document, from, to!, meant)));
  }
  if (diagnostic.code === 'MissingInput') {
    const step = jobAround(path);
    const given = document.at([...step, 'inputs']);
    const missing = (interfaceOfStep(document, step, workspace)?.inputs ?? [])
      .filter((port) => !port.optional && !(isMap(given) && given.has(port.name)))
      .map(({ name }) => name);
    return missing.length ? addKeys(document, step, 'inputs', missing) : undefined;
  }
  if (!field) return undefined;
  const named = /"([^"]+)" is missing/.exec(diagnostic.message)?.[1] ?? /has no ([a-z_]+)/.exec(diagnostic.message)?.[1];
  // The diagnostic points to the map's first key, or to the key that leads to the map.
  for (const candidate of [path.slice(0, -1), path]) {
    const map = document.at(candidate);
    if (!isMap(map)) continue;
    const required = fieldsAtPath(document, field, candidate)
      .flatMap((each) => concrete(each, map, document))
      .flatMap((each) => follow(each).required ?? [])
      .filter((key) => !map.has(key));
    if (named && !required.includes(named) && !required.length) continue;
    const keys = [...new Set(required.length ? required : named ? [named] : [])];
    if (keys.length)
      return insertInto(
        document,
        candidate,
        map,
        keys.map((key) => `${key}: `),
        `Add ${list(keys)}`,
      );
  }
  return undefined;
}

/** Declares an input or output that a command reads. */
function declareInput({ ours: { document, kind } }: Context, diagnostic: Diagnostic): Action | undefined {
  const match = /\$\{\{(inputs|outputs)\.([\w.-]+)\}\}/.exec(diagnostic.message);
  if (!match || !/has no|isn't declared|not declared/.test(diagnostic.message)) return undefined;
  const [, section, name] = match as unknown as [string, 'inputs' | 'outputs', string];
  const job = jobAround(placeAt(document, spanOf(document, diagnostic).start)?.path ?? []);
  const isComponent = job.length === 0 && /Component$/.test(kind ?? '');
  const value = section === 'outputs' ? '\n  type: uri_folder' : isComponent ? '\n  type: string' : ' ""';
  return addKeys(document, job, section, [name], value, `Declare "${name}" under "${section}"`);
}

/** Wraps the uses of an optional input, with the option before it, in `$[[ ]]`. */
function wrapOptional({ ours: { document } }: Context, diagnostic: Diagnostic): Action | undefined {
  const name = /"([^"]+)" is optional/.exec(diagnostic.message)?.[1];
  if (!name) return undefined;
  const { start, end } = spanOf(document, diagnostic);
  const text = document.text.slice(start, end);
  const use = new RegExp(`(?:--?[\\w-]+[ =])?\\$\\{\\{\\s*inputs\\.${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*\\}\\}`, 'g');
  const edits = [...text.matchAll(use)]
    .filter((match) => !isOptional(text, match.index))
    .map((match) => replace(document, start + match.index, start + match.index + match[0].length, `$[[${match[0]}]]`));
  return edits.length ? preferred('Wrap in $[[ ]]', inFile(document, ...edits)) : undefined;
}

const isOptional = (text: string, at: number): boolean => {
  const open = text.lastIndexOf('$[[', at);
  return open >= 0 && text.indexOf(']]', open) > at;
};

/** Removes a key or input that does not belong there. */
function removeUnknown({ ours: { document } }: Context, diagnostic: Diagnostic): Action | undefined {
  if (!/^(?:UnknownKey|UnknownInput|unknown)/i.test(diagnostic.code) || diagnostic.code === 'UnknownKind') return undefined;
  const place = placeAt(document, spanOf(document, diagnostic).start);
  if (place?.part !== 'key') return undefined;
  const entry = entriesAt(document, place.path.slice(0, -1))?.find(({ key }) => key === String(place.path.at(-1)));
  return entry && entry.start <= place.node.range![0]
    ? { title: `Remove "${entry.key}"`, kind: 'quickfix', edits: inFile(document, replace(document, entry.start, entry.end, '')) }
    : undefined;
}

/** `# updraft-ignore CODE` at the end of the line. */
function ignoreLine({ ours: { document } }: Context, diagnostic: Diagnostic): Action | undefined {
  if (diagnostic.code === 'YamlSyntax') return undefined;
  const line = diagnostic.range.start.line - 1;
  const end = document.lineEnd(line);
  const text = document.text.slice(document.lineStart(line), end);
  const present = /#\s*updraft-ignore\b/.test(text);
  return {
    title: `Ignore ${diagnostic.code} on this line`,
    kind: 'quickfix',
    edits: inFile(document, replace(document, end, end, present ? `, ${diagnostic.code}` : `  # updraft-ignore ${diagnostic.code}`)),
  };
}

/** Adds keys to the map `section` of a job, which is made where it is missing. `value` may span lines, indented from its key. */
function addKeys(
  document: Context['ours']['document'],
  job: readonly string[],
  section: string,
  keys: string[],
  value = ' ',
  title = `Add ${list(keys)}`,
): Action | undefined {
  const map = document.at([...job, section]);
  const lines = keys.map((key) => `${key}:${value}`);
  if (isMap(map) && map.items.length) return insertInto(document, [...job, section], map, lines, title);
  const owner = document.at(job);
  if (!isMap(owner)) return undefined;
  const pair = document.pair(job, section);
  if (pair) {
    // `inputs:` without anything below it.
    const key = pair.key as Node;
    const column = key.range![0] - document.lineStart(document.lineAt(key.range![0]));
    const value = pair.value as Node | null;
    if (value && isScalar(value) && value.source) return undefined;
    const at = document.lineEnd(document.lineAt(key.range![0]));
    const inner = lines.map((line) => indented(line, column + 2)).join('\n');
    return { title, kind: 'quickfix', edits: inFile(document, replace(document, at, at, breaks(document, `\n${inner}`))) };
  }
  const block = lines.map((line) => indented(line, 2)).join('\n');
  return insertInto(document, job, owner, [`${section}:\n${block}`], title);
}

/** Inserts entries behind the last one of a map. */
function insertInto(
  document: Context['ours']['document'],
  path: readonly (string | number)[],
  map: YAMLMap,
  lines: string[],
  title: string,
): Action | undefined {
  if (map.flow) {
    if (lines.some((line) => line.includes('\n'))) return undefined;
    const close = map.range![1] - 1;
    return {
      title,
      kind: 'quickfix',
      edits: inFile(document, replace(document, close, close, `${map.items.length ? ', ' : ''}${lines.join(', ').trimEnd()}`)),
    };
  }
  const last = entriesAt(document, path)?.at(-1);
  if (!last) return undefined;
  const text = lines.map((line) => indented(line, last.column)).join('\n');
  const before = document.text[last.end - 1] === '\n' ? '' : '\n';
  return {
    title,
    kind: 'quickfix',
    edits: inFile(document, replace(document, last.end, last.end, breaks(document, `${before}${text}\n`))),
  };
}

const indented = (text: string, column: number): string =>
  text
    .split('\n')
    .map((line) => ' '.repeat(column) + line)
    .join('\n');
const breaks = (document: Context['ours']['document'], text: string): string => text.replaceAll('\n', lineBreak(document));
const preferred = (title: string, edits: Action['edits']): Action => ({ title, kind: 'quickfix', edits, isPreferred: true });
const list = (names: string[]): string => names.map((name) => `"${name}"`).join(', ');
