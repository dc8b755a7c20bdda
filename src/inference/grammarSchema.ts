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

/**
 * A JSON Schema as one that a grammar can be made of: `anyOf` is `oneOf`, since a grammar takes whichever fits, and notes are left out. Throws `InvalidRequest`, with the
 * place, for what no grammar can hold an answer to: an answer that breaks the schema would be worse than none.
 */
export function grammarSchema(schema: unknown, at = 'schema', depth = 0): Schema {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) throw refused(at, 'is no JSON Schema object');
  if (depth > deepest) throw refused(at, `is nested more than ${deepest} deep`);
  const inner = (value: unknown, where: string) => grammarSchema(value, `${at}.${where}`, depth + 1);
  const result: Schema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (notes.has(key)) continue;
    if (key === 'properties' || key === '$defs' || key === 'definitions')
      result[key === 'definitions' ? '$defs' : key] = Object.fromEntries(
        Object.entries((value ?? {}) as Schema).map(([name, each]) => [name, inner(each, `${key}.${name}`)]),
      );
    else if (key === 'oneOf' || key === 'anyOf' || key === 'prefixItems') {
      if (!Array.isArray(value)) throw refused(`${at}.${key}`, 'is no list');
      result[key === 'anyOf' ? 'oneOf' : key] = value.map((each, index) => inner(each, `${key}[${index}]`));
    } else if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object')) result[key] = inner(value, key);
    else if (key === '$ref') {
      if (typeof value !== 'string' || !/^#\/(?:\$defs|definitions)\/[^/]+$/.test(value))
        throw refused(`${at}.$ref`, 'points elsewhere than into $defs');
      result.$ref = value.replace('#/definitions/', '#/$defs/');
    } else if (key === 'format') {
      // Others are hints.
      if (formats.has(String(value))) result.format = value;
    } else if (known.has(key)) result[key] = value;
    else throw refused(`${at}.${key}`, 'is not supported: an answer could not be held to it');
  }
  return result;
}

const refused = (at: string, why: string) => new UserError('InvalidRequest', `${at} ${why}.`);
