import type { TSchema } from 'typebox';
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { nearest } from '../base/nearest.ts';
import type { SpecDocument } from './document.ts';

/** JSON Schema as far as our kinds use it. */
interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
}

/** Deepest nesting that is looked into. */
const depthLimit = 64;

/** Holds a YAML node against a schema and reports at the node that is wrong. */
export function validateNode(document: SpecDocument, node: Node | null, schema: TSchema, name: string): void {
  new Validator(document).check(node, schema as Schema, name, 0);
}

class Validator {
  private readonly document: SpecDocument;

  constructor(document: SpecDocument) {
    this.document = document;
  }

  check(given: Node | null, schema: Schema, name: string, depth: number): void {
    const node = this.document.resolve(given);
    if (depth > depthLimit) return this.document.report(node, 'InvalidValue', `"${name}" is nested too deeply.`);
    const kind = kindOfNode(node);
    // A value that an expression stands for is known only when the job runs.
    if (kind === 'string' && /\$\{\{.*\}\}/s.test(String((node as { value: unknown }).value)) && schema.type !== 'object') return;
    if (schema.anyOf)
      return this.any(
        node,
        schema.anyOf.flatMap((each) => each.anyOf ?? each),
        name,
        depth,
      );
    if (schema.enum || schema.const !== undefined) return this.oneOf(node, schema.enum ?? [schema.const], name);
    if (schema.type === undefined) return;
    if (!fits(kind, schema.type)) {
      return this.document.report(
        node ?? given,
        'InvalidValue',
        `"${name}" must be ${words[schema.type] ?? schema.type}, but it is ${words[kind] ?? kind}.`,
      );
    }
    if (schema.type === 'object' && isMap(node)) this.map(node, schema, name, depth);
    else if (schema.type === 'array' && isSeq(node) && schema.items)
      for (const [index, item] of node.items.entries()) this.check(item as Node, schema.items, `${name}[${index}]`, depth + 1);
    else if (schema.pattern !== undefined && isScalar(node) && !new RegExp(schema.pattern).test(String(node.value))) {
      this.document.report(
        node,
        'InvalidValue',
        `"${String(node.value)}" is not allowed for "${name}".`,
        `It must match ${schema.pattern}.`,
      );
    } else if (isScalar(node) && typeof node.value === 'number') {
      if (schema.minimum !== undefined && node.value < schema.minimum)
        this.document.report(node, 'InvalidValue', `"${name}" must be at least ${schema.minimum}.`);
      if (schema.maximum !== undefined && node.value > schema.maximum)
        this.document.report(node, 'InvalidValue', `"${name}" must be at most ${schema.maximum}.`);
    }
  }

  private map(node: import('yaml').YAMLMap, schema: Schema, name: string, depth: number): void {
    const present = new Set<string>();
    for (const item of node.items) {
      const key = isScalar(item.key) ? String(item.key.value) : '';
      if (key === '<<') {
        const merged = this.document.resolve(item.value as Node);
        if (isMap(merged)) for (const each of merged.items) present.add(String(each.key));
        continue;
      }
      present.add(key);
      const child =
        schema.properties?.[key] ??
        Object.values(schema.patternProperties ?? {})[0] ??
        (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
      if (child) this.check(item.value as Node, child, key, depth + 1);
      else if (schema.additionalProperties === false) {
        const close = nearest(key, Object.keys(schema.properties ?? {}));
        this.document.report(
          item,
          'UnknownKey',
          `"${key}" is not a key of ${name}.`,
          close
            ? `Did you mean "${close}"?`
            : `Its keys are ${Object.keys(schema.properties ?? {})
                .filter((each) => each !== '$schema')
                .slice(0, 12)
                .join(', ')}, …`,
        );
      }
    }
    for (const key of schema.required ?? []) {
      if (!present.has(key))
        this.document.report(node.items[0] ?? node, 'MissingField', `"${key}" is missing in ${name}.`, `Add "${key}:".`);
    }
  }

  private oneOf(node: Node | null, values: unknown[], name: string): void {
    const value = isScalar(node) ? node.value : undefined;
    if (values.includes(value)) return;
    const close = nearest(String(value), values.map(String));
    this.document.report(
      node,
      'InvalidValue',
      `"${String(value)}" is not allowed for "${name}".`,
      close ? `Did you mean "${close}"?` : `Allowed are ${values.join(', ')}.`,
    );
  }

  /** The first alternative of the right shape is the one that was meant. */
  private any(node: Node | null, alternatives: Schema[], name: string, depth: number): void {
    const kind = kindOfNode(node);
    const match = alternatives.find((each) =>
      each.enum !== undefined || each.const !== undefined ? isScalar(node) : each.type === undefined || fits(kind, each.type),
    );
    if (match) return this.check(node, match, name, depth);
    const expected = alternatives.map((each) => words[each.type ?? ''] ?? each.type).join(' or ');
    this.document.report(node, 'InvalidValue', `"${name}" must be ${expected}, but it is ${words[kind] ?? kind}.`);
  }
}

const words: Record<string, string> = {
  object: 'a map',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
};

function kindOfNode(node: Node | null): string {
  if (isMap(node)) return 'object';
  if (isSeq(node)) return 'array';
  const value = isScalar(node) ? node.value : null;
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

/** As Azure reads YAML: where text is wanted, `version: 1` will do; `"3"` counts as a number. */
function fits(kind: string, wanted: string): boolean {
  if (kind === wanted) return true;
  if (wanted === 'string') return ['number', 'integer', 'boolean'].includes(kind);
  if (wanted === 'number') return kind === 'integer';
  return false;
}
