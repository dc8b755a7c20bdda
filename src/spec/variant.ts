import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { SpecDocument } from './document.ts';
import { type Field, follow } from './field.ts';

/**
 * The alternative of a field that a node means, references followed: by the node's shape, among maps by the discriminator, else by the keys that are there.
 * A field without alternatives is returned itself; undefined when no alternative has the node's shape or the discriminator's value is none of them.
 */
export function variantOf(given: Field, node: Node | null | undefined, document: SpecDocument): Field | undefined {
  const field = follow(given);
  if (!field.anyOf) return field;
  const target = document.resolve(node);
  if (isMap(target)) return byKeys(variantsOf(field, target, document), target);
  const all = flatten(field);
  if (isSeq(target)) return all.find((each) => each.type === 'array') ?? free(all);
  const value = isScalar(target) ? target.value : null;
  const type = scalarType(value);
  const given_ = value !== null && value !== undefined;
  return (
    all.find((each) => sameValue(each, value)) ??
    all.find((each) => each.type === type && !hasValues(each)) ??
    all.find((each) => each.type === 'number' && type === 'integer') ??
    all.find((each) => each.type === 'integer' && type === 'number') ??
    all.find((each) => given_ && each.type === 'string' && !hasValues(each)) ??
    all.find((each) => given_ && hasValues(each)) ??
    free(all)
  );
}

/** The map alternatives that a map may mean by its discriminator, references followed; empty when the discriminator's value is none of them. Completion offers the keys of all. */
export function variantsOf(given: Field, node: Node | null | undefined, document: SpecDocument): Field[] {
  const field = follow(given);
  if (!field.anyOf) return field.type === 'object' || (field.type === undefined && !hasValues(field)) ? [field] : [];
  const target = document.resolve(node);
  const key = field.discriminator;
  const written = key && isMap(target) ? document.resolve(target.get(key, true) as Node | undefined) : undefined;
  const value = isScalar(written) && written.value !== null ? written.value : undefined;
  const found: Field[] = [];
  for (const each of field.anyOf) {
    const inner = variantsOf(each, target, document);
    if (!key) found.push(...inner);
    else found.push(...inner.filter((one) => means(one.properties?.[key], value, field.defaultVariant)));
  }
  return found;
}

/** The values that tell the variants of a field apart, in order; empty when its alternatives have no discriminator. */
export function variantValues(given: Field): string[] {
  const field = follow(given);
  const key = field.discriminator;
  return key ? [...new Set(flatten(field).flatMap((each) => valuesOf(each.properties?.[key])))] : [];
}

const alternatives = new WeakMap<Field, Field[]>();

/** Every alternative of a field, nested ones too, references followed. A field without alternatives is its own only one. Not to be changed: it is shared. */
export function flatten(given: Field): Field[] {
  const field = follow(given);
  let found = alternatives.get(field);
  if (!found) alternatives.set(field, (found = field.anyOf ? field.anyOf.flatMap(flatten) : [field]));
  return found;
}

/** `ReadOnlyMount`, `READ_ONLY_MOUNT`, `read-only-mount` -> `read_only_mount`; `TCNForecaster` -> `tcn_forecaster`. */
export const plainCase = (value: unknown): string =>
  String(value)
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[-\s]/g, '_')
    .toLowerCase();

const plainValues = new WeakMap<Field, Set<string>>();

/** Whether a value is the field's constant or one of its words, in any case where the field allows that. */
export function sameValue(field: Field, value: unknown): boolean {
  const values: readonly unknown[] = field.enum ?? (field.const === undefined ? [] : [field.const]);
  if (values.includes(value)) return true;
  if (!field.anyCase || typeof value !== 'string') return false;
  let plain = plainValues.get(field);
  if (!plain) {
    plain = new Set(values.flatMap((each) => [String(each).toLowerCase(), plainCase(each)]));
    plainValues.set(field, plain);
  }
  return plain.has(value.toLowerCase()) || (/[A-Z\s-]/.test(value) && plain.has(plainCase(value)));
}

/** Whether a variant with this discriminator is meant: by its value, or without one by default or because it has none. */
function means(discriminator: Field | undefined, value: unknown, byDefault: string | undefined): boolean {
  if (!discriminator) return value === undefined;
  if (value === undefined) return byDefault === undefined || !hasValues(discriminator) || sameValue(discriminator, byDefault);
  return hasValues(discriminator) ? sameValue(discriminator, value) : true;
}

/** Of several: fewest missing and unknown keys; one whose discriminator has the value comes before one that takes any. */
function byKeys(alternatives: Field[], node: YAMLMap): Field | undefined {
  if (alternatives.length < 2) return alternatives[0];
  const keys = node.items.map((item) => (isScalar(item.key) ? String(item.key.value) : '')).filter((key) => key !== '<<');
  let best: Field | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const each of alternatives) {
    const { properties = {} } = each;
    const missing = (each.required ?? []).filter((key) => !keys.includes(key)).length;
    const unknown =
      typeof each.additionalProperties === 'object' || each.type === undefined ? 0 : keys.filter((key) => !(key in properties)).length;
    const cost = 2 * missing + unknown * (each.additionalProperties === true ? 1 : 2);
    if (cost < bestCost) [best, bestCost] = [each, cost];
  }
  return best;
}

const hasValues = (field: Field): boolean => field.enum !== undefined || field.const !== undefined;
const valuesOf = (field: Field | undefined): string[] => (field?.enum ?? (field?.const === undefined ? [] : [field.const])).map(String);
/** An alternative that takes anything. */
const free = (alternatives: Field[]): Field | undefined => alternatives.find((each) => each.type === undefined && !hasValues(each));

function scalarType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}
