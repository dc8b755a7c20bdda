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
  if (isMap(target)) return mapVariant(field, target, document);
  const alternatives = flatten(field);
  if (isSeq(target)) return alternatives.find((each) => each.type === 'array') ?? free(alternatives);
  const value = isScalar(target) ? target.value : null;
  return (
    alternatives.find((each) => sameValue(each, value)) ??
    alternatives.find((each) => each.type === scalarType(value) && !hasValues(each)) ??
    alternatives.find((each) => each.type === 'number' && typeof value === 'number') ??
    alternatives.find((each) => each.type === 'string' && value !== null && value !== undefined && !hasValues(each)) ??
    alternatives.find((each) => hasValues(each) && value !== null && value !== undefined) ??
    free(alternatives)
  );
}

/** The values that tell the variants of a field apart, in order; empty when its alternatives have no discriminator. */
export function variantValues(given: Field): string[] {
  const field = follow(given);
  const key = field.discriminator;
  return key ? [...new Set(flatten(field).flatMap((each) => valuesOf(each.properties?.[key])))] : [];
}

/** Every alternative of a field, nested ones too, references followed. A field without alternatives is its own only one. */
export function flatten(given: Field): Field[] {
  const field = follow(given);
  return field.anyOf ? field.anyOf.flatMap(flatten) : [field];
}

/** `ReadOnlyMount`, `READ_ONLY_MOUNT`, `read-only-mount` -> `read_only_mount`. */
export const plainCase = (value: unknown): string =>
  String(value)
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[-\s]/g, '_')
    .toLowerCase();

/** Whether a value is the field's constant or one of its words, in any case where the field allows that. */
export function sameValue(field: Field, value: unknown): boolean {
  const values: readonly unknown[] = field.enum ?? (field.const === undefined ? [] : [field.const]);
  if (values.includes(value)) return true;
  if (!field.anyCase || value === null || value === undefined) return false;
  return values.some((each) => String(each).toLowerCase() === String(value).toLowerCase() || plainCase(each) === plainCase(value));
}

function mapVariant(field: Field, node: YAMLMap, document: SpecDocument): Field | undefined {
  const key = field.discriminator;
  if (!key) {
    const maps = (field.anyOf ?? []).filter((each) => flatten(each).some((one) => one.type === 'object'));
    const best = byKeys(maps.flatMap(flatten), node);
    const holder = maps.find((each) => best && flatten(each).includes(best));
    return (holder && follow(holder).discriminator ? mapVariant(follow(holder), node, document) : best) ?? free(flatten(field));
  }
  const written = document.resolve(node.get(key, true) as Node | undefined);
  const value = isScalar(written) && written.value !== null ? written.value : field.defaultVariant;
  for (const each of field.anyOf ?? []) {
    const alternative = follow(each);
    const candidates = flatten(alternative).filter((one) => one.type === 'object');
    if (
      !candidates.some((one) =>
        value === undefined ? one.properties?.[key] === undefined : one.properties?.[key] && sameValue(one.properties[key], value),
      )
    )
      continue;
    return alternative.anyOf ? mapVariant(alternative, node, document) : alternative;
  }
  return undefined;
}

/** Fewest missing and unknown keys. */
function byKeys(alternatives: Field[], node: YAMLMap): Field | undefined {
  const keys = node.items.map((item) => (isScalar(item.key) ? String(item.key.value) : '')).filter((key) => key !== '<<');
  let best: Field | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const each of alternatives) {
    if (each.type !== 'object') continue;
    const missing = (each.required ?? []).filter((key) => !keys.includes(key)).length;
    const unknown = each.additionalProperties === false ? keys.filter((key) => !(each.properties && key in each.properties)).length : 0;
    if (missing + 2 * unknown < bestCost) [best, bestCost] = [each, missing + 2 * unknown];
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
