import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { nearest } from '../base/nearest.ts';
import { codes, type DiagnosticCode } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { wholeExpression } from './expression.ts';
import { type Field, follow, matches } from './field.ts';
import { isDate } from './scalar.ts';
import { flatten, sameValue, variantOf, variantValues } from './variant.ts';

/** A value whose field says more than its shape: a path, a secret, something deprecated or done differently here. `path` is its key path, `text` the value where it is text. */
export interface Use {
  path: (string | number)[];
  field: Field;
  text?: string;
}

/** Unknown keys of one map that are reported: a file with more of them is something else. */
const unknownLimit = 100;
/** Deepest nesting that is looked into. */
const depthLimit = 64;

/**
 * Holds a file's root against its kind and reports what does not fit; answers the values whose fields carry facts that further checks look at.
 * `anonymous`: a component that is read for a step that names its file, whose own name does not matter. `isPart`: one that a step names somewhere, which needs no name.
 * Each top-level entry and each step is checked by itself and remembered by the document, so that an edit checks one of them.
 */
export function validateRoot(document: SpecDocument, kind: Field, title: string, anonymous = false, isPart = anonymous): Use[] {
  const root = document.resolve(document.root);
  const schema = isMap(root) ? variantOf(kind, root, document) : undefined;
  if (!isMap(root) || !schema) {
    new Validator(document).check(root, kind, title, []);
    return [];
  }
  const uses: Use[] = [];
  let unknown = 0;
  for (const pair of root.items) {
    const key = keyOf(pair);
    if (!(schema.properties && key in schema.properties) && ++unknown > unknownLimit) continue;
    if (anonymous && key === 'name') continue;
    const child = schema.properties?.[key];
    const inner = child && follow(child);
    const value = document.resolve(pair.value as Node | null);
    if (key === 'jobs' && inner?.propertyNames && typeof inner.additionalProperties === 'object' && isMap(value)) {
      const entry = (step: Pair) => new Validator(document).entry(step, inner, 'jobs', ['jobs']);
      // The nodes of a step that did not change are not touched.
      for (const { key: name = '' } of document.steps)
        uses.push(...checked(document, ['jobs', name], [inner], () => entry(document.pair(['jobs'], name)!)));
      if (document.steps.length === 0)
        for (const step of value.items) uses.push(...checked(document, ['jobs', keyOf(step)], [inner], () => entry(step)));
    } else uses.push(...checked(document, [key], [schema, title], () => new Validator(document).entry(pair, schema, title, [])));
  }
  new Validator(document, isPart).required(root, schema, title, undefined);
  return uses;
}

function checked(document: SpecDocument, path: string[], given: unknown[], compute: () => Use[]): Use[] {
  return document.standsAlone(path) ? document.remember(path, 'schema', given, compute) : compute();
}

class Validator {
  readonly uses: Use[] = [];
  private readonly document: SpecDocument;
  /** Nodes behind aliases and the fields they were held against, so that each pair is looked at once. */
  private readonly seen = new Map<Node, Set<Field>>();

  /** The step that was looked at last. */
  private step: { name: string | number; takesBindings: boolean } | undefined;
  /** No name is wanted of the whole. */
  private readonly isPart: boolean;

  constructor(document: SpecDocument, isPart = false) {
    this.isPart = isPart;
    this.document = document;
  }

  check(given: Node | null, schema: Field, name: string, path: (string | number)[], holder?: Pair): void {
    const node = this.document.resolve(given);
    if (isAlias(given) && node && !this.first(node, schema)) return;
    if (path.length > depthLimit) return;
    const field = follow(schema);
    if (field.localNote || field.deprecated || field.readOnly) this.note(path, field, node);
    const found = field.anyOf ? variantOf(field, node, this.document) : field;
    if (!found) return this.noVariant(node, field, name, holder);
    if (found.pathKind || found.assetKind || found.secret || (found !== field && (found.localNote || found.deprecated)))
      this.note(path, found, node);
    if (found.type !== 'array' && (found.type !== 'object' || found.properties?.path) && this.isBound(node, path)) return;
    if (found.enum || found.const !== undefined) return this.oneOf(node, found, name, holder);
    if (found.type === undefined) return;
    if (!this.fits(node, found, name, holder)) return;
    if (found.type === 'object' && isMap(node)) this.map(node, found, name, path, holder);
    else if (found.type === 'array' && isSeq(node)) this.list(node.items as Node[], found, name, path, holder);
    else if (isScalar(node)) this.scalar(node, found, name);
  }

  /** Whether an expression stands here that may stand for any value: in a step of a component, and of work that is split or searched, but for how values are drawn. */
  private isBound(node: Node | null, path: (string | number)[]): boolean {
    if (!isScalar(node) || typeof node.value !== 'string' || path[0] !== 'jobs' || path.length < 3 || path[2] === 'search_space')
      return false;
    if (!wholeExpression(node.value)) return false;
    const name = path[1]!;
    if (this.step?.name === name) return this.step.takesBindings;
    const takesBindings = this.takesBindings(path);
    this.step = { name, takesBindings };
    return takesBindings;
  }

  private takesBindings(path: (string | number)[]): boolean {
    const step = this.document.at(path.slice(0, 2));
    if (!isMap(step)) return false;
    const type = step.get('type') ?? 'command';
    return step.has('component') || step.has('trial') || (type !== 'command' && type !== 'spark');
  }

  /** Checks one entry of a map that has fixed or free keys; answers what it has noted so far. */
  entry(pair: Pair, schema: Field, name: string, path: (string | number)[]): Use[] {
    const key = keyOf(pair);
    const child = schema.properties?.[key];
    if (child) this.check(pair.value as Node | null, child, key, [...path, key], pair);
    else if (typeof schema.additionalProperties === 'object') {
      if (schema.propertyNames && !matches(schema.propertyNames.pattern, key))
        this.report(pair, 'InvalidName', `"${key}" is no name for ${nounOf(name)}.`, `Use ${schema.propertyNames.description}.`);
      this.check(pair.value as Node | null, schema.additionalProperties, key, [...path, key], pair);
    } else if (schema.properties) this.unknownKey(pair, key, schema, name);
    return this.uses;
  }

  required(node: YAMLMap, schema: Field, name: string, holder: Pair | undefined): void {
    const present = this.keysOf(node);
    const missing = (schema.required ?? []).filter((key) => !present.has(key));
    if (missing.length === 0) return;
    const unknown = [...present].filter((key) => !(schema.properties && key in schema.properties)).slice(0, unknownLimit);
    const names = Object.keys(schema.properties ?? {});
    for (const key of missing) {
      if (this.isPart && key === 'name' && holder === undefined) continue;
      const option = schema.properties?.[key] && follow(schema.properties[key]).commandLineOption;
      const misspelt = unknown.find((each) => nearest(each, names) === key);
      // Where the key stands under another name, there it is mended.
      const there = misspelt === undefined ? undefined : node.items.find((pair) => keyOf(pair) === misspelt);
      this.report(
        there ?? holder ?? node.items[0] ?? node,
        'MissingField',
        `"${key}" is missing in ${name}.`,
        misspelt
          ? `Rename "${misspelt}" to "${key}".`
          : option
            ? `Add "${key}:", or give ${option} on the command line.`
            : `Add "${key}:".`,
        option && !misspelt ? 'warning' : undefined,
      );
    }
  }

  private map(node: YAMLMap, schema: Field, name: string, path: (string | number)[], holder: Pair | undefined): void {
    let unknown = 0;
    for (const pair of node.items) {
      const known = typeof schema.additionalProperties === 'object' || (schema.properties && keyOf(pair) in schema.properties);
      if (keyOf(pair) !== '<<' && !known && ++unknown > unknownLimit) continue;
      if (keyOf(pair) === '<<') this.merged(pair.value as Node | null, schema, name, path);
      else this.entry(pair, schema, name, path);
    }
    this.required(node, schema, name, holder);
  }

  private merged(given: Node | null, schema: Field, name: string, path: (string | number)[]): void {
    const node = this.document.resolve(given);
    for (const each of isSeq(node) ? node.items : [node]) {
      const from = this.document.resolve(each as Node | null);
      if (isMap(from) && this.first(from, schema))
        for (const pair of from.items) if (keyOf(pair) !== '<<') this.entry(pair, schema, name, path);
    }
  }

  private list(items: Node[], schema: Field, name: string, path: (string | number)[], holder: Pair | undefined): void {
    if (schema.minItems && items.length < schema.minItems) this.report(holder, 'OutOfRange', `"${name}" must have at least one value.`);
    if (schema.items) for (const [index, item] of items.entries()) this.check(item, schema.items, `${name}[${index}]`, [...path, index]);
  }

  private scalar(node: Node & { value?: unknown }, schema: Field, name: string): void {
    const { value } = node;
    if (schema.pattern !== undefined) {
      const written = typeof value === 'string' ? value : ((node as { source?: string }).source ?? String(value));
      if (!matches(schema.pattern, written) && !(schema.serviceRule && /^<[^<>]*>$/.test(written)))
        return this.report(
          node,
          'InvalidValue',
          `"${shortened(written)}" is not allowed for "${name}".`,
          schema.patternHint ?? `It must match ${schema.pattern}.`,
        );
    }
    const number = typeof value === 'number' ? value : schema.type === 'integer' || schema.type === 'number' ? Number(value) : Number.NaN;
    if (schema.minimum !== undefined && number < schema.minimum)
      this.report(node, 'OutOfRange', `"${name}" must be at least ${schema.minimum}, but it is ${number}.`);
    if (schema.maximum !== undefined && number > schema.maximum)
      this.report(node, 'OutOfRange', `"${name}" must be at most ${schema.maximum}, but it is ${number}.`);
  }

  private unknownKey(pair: Pair, key: string, schema: Field, name: string): void {
    const names = Object.keys(schema.properties ?? {});
    const close = nearest(key, names);
    const hint = close
      ? `Did you mean "${close}"?`
      : `Its keys are ${names
          .filter((each) => each !== '$schema')
          .slice(0, 12)
          .join(', ')}${names.length > 12 ? ', …' : ''}.`;
    if (schema.additionalProperties === true)
      this.report(pair, 'IgnoredKey', `"${key}" is not a key of ${name}; Azure does nothing with it.`, hint);
    else this.report(pair, 'UnknownKey', `"${key}" is not a key of ${name}.`, hint);
  }

  private oneOf(node: Node | null, field: Field, name: string, holder: Pair | undefined): void {
    const value = isScalar(node) ? node.value : undefined;
    if (sameValue(field, value)) return;
    const values = (field.enum ?? [field.const]).map(String);
    if (typeof value === 'string' && wholeExpression(value))
      return this.report(node, 'InvalidValue', `"${name}" can't be an expression.`, `Allowed are ${values.join(', ')}.`);
    if (value === undefined || value === null)
      return this.report(
        node?.range ? (node ?? holder) : holder,
        'WrongType',
        `"${name}" must be one of ${values.join(', ')}, but it is ${words[kindOfNode(node)]}.`,
      );
    const close = nearest(String(value), values);
    this.report(
      node,
      'InvalidValue',
      `"${shortened(String(value))}" is not allowed for "${name}".`,
      close ? `Did you mean "${close}"?` : `Allowed are ${values.join(', ')}.`,
    );
  }

  /** No alternative has the node's shape, or its discriminator is missing or none of them. */
  private noVariant(node: Node | null, field: Field, name: string, holder: Pair | undefined): void {
    const maps = flatten(field).filter((each) => each.type === 'object');
    if (isMap(node) && maps.length > 0) {
      const withKey = field.discriminator ? field : field.anyOf!.map(follow).find((each) => each.discriminator);
      const key = withKey?.discriminator ?? 'type';
      const values = withKey ? variantValues(withKey) : [];
      const pair = node.items.find((item) => keyOf(item) === key);
      if (!pair)
        return this.report(
          holder ?? node.items[0] ?? node,
          'MissingField',
          `"${key}" is missing in ${name}.`,
          `It is one of ${values.join(', ')}.`,
        );
      const value = this.document.resolve(pair.value as Node | null);
      const text = isScalar(value) ? String(value.value) : '';
      const close = nearest(text, values);
      return this.report(
        value ?? pair,
        'InvalidValue',
        `"${shortened(text)}" is not allowed for "${key}".`,
        close ? `Did you mean "${close}"?` : `Allowed are ${values.join(', ')}.`,
      );
    }
    const expected = [
      ...new Set(flatten(field).map((each) => (each.type ? words[each.type] : (each.enum ?? [each.const]).join(', ')))),
    ].join(' or ');
    this.report(node?.range ? node : holder, 'WrongType', `"${name}" must be ${expected}, but it is ${words[kindOfNode(node)]}.`);
  }

  /** Whether a node has the type that is wanted, as Azure's client reads YAML 1.1; reports it otherwise. */
  private fits(node: Node | null, field: Field, name: string, holder: Pair | undefined): boolean {
    const kind = kindOfNode(node);
    const wanted = field.type!;
    if (kind === wanted || (wanted === 'number' && kind === 'integer') || (wanted === 'string' && kind === 'date' && field.madeText))
      return true;
    const value = isScalar(node) ? node.value : undefined;
    const text = isScalar(node) ? (node.source ?? String(value)) : '';
    /** From here on the file says what the client made of it. */
    const read = (meant: unknown) => {
      (node as { value: unknown }).value = meant;
      return true;
    };
    if (
      (wanted === 'integer' || wanted === 'number') &&
      kind === 'string' &&
      /^\s*[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(text)
    )
      return (wanted === 'number' || /^\s*[-+]?[\d_]+\s*$/.test(text)) && read(Number(text.replaceAll('_', '')));
    if (wanted === 'boolean' && (value === 0 || value === 1 || /^(t|true|on|y|yes|1|f|false|off|n|no|0)$/i.test(text)))
      return read(value === 1 || /^(t|true|on|y|yes|1)$/i.test(text));
    // The client cuts a fraction off.
    const tolerated = wanted === 'integer' && kind === 'number';
    const hint =
      wanted === 'string' && (kind === 'integer' || kind === 'number' || kind === 'boolean' || kind === 'date')
        ? field.pattern && !matches(field.pattern, text)
          ? field.patternHint
          : `Write ${name.endsWith(']') ? `'${text}'` : `"${name}: '${text}'"`}.`
        : undefined;
    this.report(
      node?.range ? node : holder,
      'WrongType',
      `"${name}" must be ${words[wanted]}, but it is ${typeof value === 'string' && wholeExpression(value) ? 'an expression' : words[kind]}.`,
      hint,
      tolerated ? 'warning' : undefined,
    );
    return false;
  }

  private keysOf(node: YAMLMap, depth = 0): Set<string> {
    const keys = new Set<string>();
    for (const pair of node.items) {
      const key = keyOf(pair);
      keys.add(key);
      if (key !== '<<' || depth > 8) continue;
      const merged = this.document.resolve(pair.value as Node | null);
      for (const each of isSeq(merged) ? merged.items.slice(0, 20) : [merged]) {
        const from = this.document.resolve(each as Node | null);
        if (isMap(from)) for (const inner of this.keysOf(from, depth + 1)) keys.add(inner);
      }
    }
    return keys;
  }

  private first(node: Node, field: Field): boolean {
    const fields = this.seen.get(node) ?? new Set<Field>();
    if (fields.has(field)) return false;
    this.seen.set(node, fields.add(field));
    return true;
  }

  private note(path: (string | number)[], field: Field, node: Node | null): void {
    const text = isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
    this.uses.push({ path, field, ...(text === undefined ? {} : { text }) });
  }

  private report(
    at: Node | Pair | null | undefined,
    code: DiagnosticCode,
    message: string,
    hint?: string,
    severity = codes[code].severity,
  ): void {
    this.document.report(at, code, message, hint, severity);
  }
}

export const keyOf = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : isAlias(pair.key) ? `*${pair.key.source}` : '');

const words: Record<string, string> = {
  object: 'a map',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
  date: 'a date',
};

const nounOf = (name: string): string => ({ jobs: 'a step', inputs: 'an input', outputs: 'an output' })[name] ?? `a key of "${name}"`;
const shortened = (text: string): string => (text.length > 120 ? `${text.slice(0, 117)}…` : text);

function kindOfNode(node: Node | null): string {
  if (isMap(node)) return 'object';
  if (isSeq(node)) return 'array';
  const value = isScalar(node) ? node.value : null;
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number')
    return Number.isInteger(value) && !(node as { source?: string }).source?.includes('.') ? 'integer' : 'number';
  return typeof value === 'boolean' ? 'boolean' : isDate(node) ? 'date' : 'string';
}
