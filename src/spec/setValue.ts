import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParseOptions,
  parse,
  parseDocument,
  Scalar,
  type SchemaOptions,
} from 'yaml';
import { UserError } from '../base/userError.ts';
import { SpecDocument } from './document.ts';
import { type Field, follow } from './field.ts';
import { kindOf } from './kind.ts';
import { kindFacts } from './kinds/all.ts';
import { lastOfEqualKeys } from './parseBlock.ts';
import { flatten, variantOf } from './variant.ts';

/** Every value stays the text that stands in the file: `010` is not made 10, nor a long number a rounded one. */
const asWritten: ParseOptions & SchemaOptions & { logLevel: 'silent' } = {
  schema: 'failsafe',
  customTags: ['null'],
  uniqueKeys: false,
  logLevel: 'silent',
};

/**
 * Changes a YAML text as `--set a.b=value` asks: maps that are not there are made, and the value is what its key wants, since a command line has texts alone.
 * A list's items have numbers: `a.0.b` or `a[0].b`. Throws `InvalidArgument`.
 */
export function setValue(text: string, assignment: string): string {
  const match = /^([^=]+)=(.*)$/s.exec(assignment);
  if (!match) throw new UserError('InvalidArgument', `"--set ${assignment}" has no "=".`, 'Write for example --set inputs.epochs=5');
  const document = parseDocument(text, asWritten);
  if (document.errors.length > 0)
    throw new UserError('YamlSyntax', `The file is no valid YAML: ${document.errors[0]!.message.split('\n')[0]}`);
  lastOfEqualKeys(document.contents);
  const path = match[1]!
    .trim()
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.');
  for (let length = 0; length < path.length; length++) openMap(document, path.slice(0, length), assignment);
  document.setIn(path, nodeOf(match[2]!, fieldAt(text, path)));
  return document.toString({ lineWidth: 0 });
}

/** Makes sure that something can be set below a path. What stands there by an alias becomes a copy, so that nothing else changes. */
function openMap(document: Document, path: string[], assignment: string): void {
  const holder = path.length ? document.getIn(path, true) : document.contents;
  if (isMap(holder) || isSeq(holder)) return;
  if (isAlias(holder)) document.setIn(path, holder.resolve(document)?.clone());
  else if (holder === undefined || holder === null || (isScalar(holder) && holder.value === null)) {
    if (path.length) document.setIn(path, document.createNode({}));
    else document.contents = document.createNode({}) as never;
  } else throw new UserError('InvalidArgument', `"--set ${assignment}": "${path.join('.')}" is a plain value, not a map.`);
}

/** What is known of the key at a path; undefined where the file or the key is none of ours. */
function fieldAt(text: string, path: readonly string[]): Field | undefined {
  const document = new SpecDocument('', text);
  const kind = kindOf(document, true)?.kind;
  let field: Field | undefined = kind && kindFacts[kind].schema;
  let node: Node | null | undefined = document.root;
  for (const key of path) {
    const target = document.resolve(node);
    const found: Field | undefined =
      field && (target ? variantOf(field, target, document) : flatten(field).find((each) => each.type === 'object'));
    field = found?.properties?.[key] ?? (typeof found?.additionalProperties === 'object' ? found.additionalProperties : found?.items);
    node = isMap(target) || isSeq(target) ? (target.get(key, true) as Node | undefined) : undefined;
  }
  return field && follow(field);
}

/** What is to stand in the file: a list or map where the key takes one, else a plain value. */
function nodeOf(value: string, field: Field | undefined): Node {
  const types = field ? flatten(field).map((each) => each.type) : [];
  if (/^[[{]/.test(value) && (!types.length || types.some((type) => type === undefined || type === 'object' || type === 'array'))) {
    const { contents, errors } = parseDocument(value, asWritten);
    if (errors.length === 0 && isCollection(contents)) return contents;
  }
  const wanted = typed(value, field);
  const node = new Scalar(String(wanted));
  node.type = typeof wanted === 'string' && !isTextUnquoted(wanted) ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN;
  return node;
}

/** Whether YAML, of either version, reads the text as itself where it stands without quotes. */
function isTextUnquoted(text: string): boolean {
  try {
    return parse(text) === text && parse(text, { version: '1.1' }) === text;
  } catch {
    return false;
  }
}

/** A text as the value that a key wants: a number or a truth value where it takes no text, or where it takes all and the text is written as one. */
function typed(value: string, field: Field | undefined): unknown {
  const types = new Set(
    field ? flatten(field).map((each) => each.type ?? (each.enum || each.const !== undefined ? 'string' : undefined)) : [],
  );
  const takes = (...names: string[]) => types.size === 0 || types.has(undefined) || names.some((name) => types.has(name as Field['type']));
  const onlyText = types.size > 0 && !takes('number', 'integer', 'boolean');
  if (onlyText) return value;
  const takesText = takes('string');
  if (takes('boolean')) {
    if (value === 'true' || value === 'false') return value === 'true';
    if (!takesText && /^(true|yes|on|y|t)$/i.test(value)) return true;
    if (!takesText && /^(false|no|off|n|f)$/i.test(value)) return false;
  }
  const number = Number(value);
  // `007` and `1e999` are no numbers that could be written back.
  const isNumber = value.trim() !== '' && Number.isFinite(number) && (takesText ? String(number) === value : true);
  return takes('number', 'integer') && isNumber ? number : value;
}
