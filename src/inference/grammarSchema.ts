import { UserError } from '../base/userError.ts';

type Schema = Record<string, unknown>;

/** What the engine makes grammars of (`utils/gbnfJson/types.d.ts` of node-llama-cpp 3.22). */
const known = new Set([
  'type',
  'const',
  'enum',
  'oneOf',
  'properties',
  'additionalProperties',
  'minProperties',
  'maxProperties',
  'required',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'format',
  '$ref',
  '$defs',
  'description',
]);
/** What says nothing about which values are right. */
const notes = new Set(['title', 'default', 'examples', 'example', '$schema', '$id', '$comment', 'deprecated', 'readOnly', 'writeOnly']);
const formats = new Set(['date-time', 'time', 'date']);
const deepest = 64;
/** Characters and values that a grammar spells out one by one, at most: what repeats something in something that repeats multiplies. */
const largest = 20_000;

/** What bounds how long or how many something is. */
const bounds = new Set(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']);

/**
 * A JSON Schema as one that a grammar can be made of: `anyOf` is `oneOf`, since a grammar takes whichever fits, and notes are left out. Throws `InvalidRequest`, with the
 * place, for what no grammar can hold an answer to: an answer that breaks the schema would be worse than none.
 */
export function grammarSchema(schema: unknown, at = 'schema'): Schema {
  const result = converted(schema, at, 0, { isLoose: false });
  if (sizeOf(result) > largest) throw refused(at, `has lengths or counts that make a grammar of more than ${largest} parts`);
  return result;
}

/**
 * The same for the arguments of a tool, which checks them itself: what no grammar can hold them to is left out, as OpenAI does where a tool is not `strict`. Throws for what is no schema.
 */
export function looseGrammarSchema(schema: unknown, at: string): Schema {
  const result = converted(schema, at, 0, { isLoose: true });
  return sizeOf(result) > largest ? converted(schema, at, 0, { isLoose: true, withoutBounds: true }) : result;
}

interface Leniency {
  /** What is not supported is left out, and not refused. */
  isLoose: boolean;
  withoutBounds?: boolean;
}

function converted(schema: unknown, at: string, depth: number, leniency: Leniency): Schema {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) throw refused(at, 'is no JSON Schema object');
  if (depth > deepest) throw refused(at, `is nested more than ${deepest} deep`);
  const inner = (value: unknown, where: string) => converted(value, `${at}.${where}`, depth + 1, leniency);
  const result: Schema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (notes.has(key) || (leniency.withoutBounds && bounds.has(key))) continue;
    if (key === 'properties' || key === '$defs' || key === 'definitions')
      result[key === 'definitions' ? '$defs' : key] = Object.fromEntries(
        Object.entries((value ?? {}) as Schema).map(([name, each]) => [name, inner(each, `${key}.${name}`)]),
      );
    else if (key === 'oneOf' || key === 'anyOf' || key === 'prefixItems') {
      if (!Array.isArray(value)) throw refused(`${at}.${key}`, 'is no list');
      result[key === 'anyOf' ? 'oneOf' : key] = value.map((each, index) => inner(each, `${key}[${index}]`));
    } else if ((key === 'items' && !Array.isArray(value)) || (key === 'additionalProperties' && typeof value === 'object'))
      result[key] = inner(value, key);
    else if (key === '$ref' && isInner(value)) result.$ref = value.replace('#/definitions/', '#/$defs/');
    else if (key === '$ref' && !leniency.isLoose) throw refused(`${at}.$ref`, 'points elsewhere than into $defs');
    else if (key === 'format') {
      // Others are hints.
      if (formats.has(String(value))) result.format = value;
    } else if (known.has(key) && key !== '$ref' && key !== 'items') result[key] = value;
    else if (!leniency.isLoose) throw refused(`${at}.${key}`, 'is not supported: an answer could not be held to it');
  }
  return result;
}

const isInner = (value: unknown): value is string => typeof value === 'string' && /^#\/(?:\$defs|definitions)\/[^/]+$/.test(value);

/** Parts of the grammar, about: what may come up to n times counts n times. */
function sizeOf(schema: unknown): number {
  if (typeof schema !== 'object' || schema === null) return 1;
  if (Array.isArray(schema)) return schema.reduce((sum: number, each) => sum + sizeOf(each), 0);
  const { minItems, maxItems, minLength, maxLength, minProperties, maxProperties, ...rest } = schema as Schema;
  const times = (...counts: unknown[]) => Math.max(1, ...counts.map((each) => (typeof each === 'number' ? each : 0)));
  const own = Object.values(rest).reduce((sum: number, each) => sum + sizeOf(each), 1);
  return own * times(minItems, maxItems) * times(minProperties, maxProperties) + times(minLength, maxLength);
}

const refused = (at: string, why: string) => new UserError('InvalidRequest', `${at} ${why}.`);
