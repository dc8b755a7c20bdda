import { type Field, follow } from './field.ts';
import { type Kind, kindFacts } from './kinds/all.ts';

type Json = Record<string, unknown>;

/** What a JSON Schema may say in the words of a field. */
const kept = [
  'type',
  'required',
  'minItems',
  'maxItems',
  'const',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'default',
  'examples',
  'deprecated',
  'deprecationMessage',
] as const;
/** A value that an expression stands for. */
const expression = { type: 'string', pattern: '\\$\\{\\{' };

/** The JSON Schema (2020-12) of a kind, for editors that know nothing of Updraft. It says what every reader can check: shapes, words, names. */
export function jsonSchemaOf(kind: Kind): Json {
  const { schema, title } = kindFacts[kind];
  const parts = new Map<string, Json>();
  const root = convert(follow(schema), parts);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: title.replace(/^an? /, ''),
    ...root,
    ...(parts.size ? { $defs: Object.fromEntries([...parts].sort(([a], [b]) => (a < b ? -1 : 1))) } : {}),
  };
}

function convert(field: Field, parts: Map<string, Json>): Json {
  const said: Json = field.description ? { description: field.description, markdownDescription: field.description } : {};
  if (field.$ref) {
    const name = field.$ref.split('/').at(-1)!;
    if (!parts.has(name)) {
      // Set before it is made: a part may contain itself.
      parts.set(name, {});
      const { description: _, ...target } = follow(field);
      const own = followBare(field);
      parts.set(name, convert({ ...target, ...(own.description ? { description: own.description } : {}) }, parts));
    }
    return { $ref: field.$ref, ...said };
  }
  const result: Json = { ...said };
  for (const key of kept) if (field[key] !== undefined) result[key] = field[key];
  if (field.enumDescriptions) result.markdownEnumDescriptions = field.enumDescriptions;
  if (field.properties)
    result.properties = Object.fromEntries(Object.entries(field.properties).map(([key, each]) => [key, convert(each, parts)]));
  if (typeof field.additionalProperties === 'object') result.additionalProperties = convert(field.additionalProperties, parts);
  else if (field.additionalProperties === false) result.additionalProperties = false;
  if (field.propertyNames) result.propertyNames = { pattern: field.propertyNames.pattern };
  if (field.items) result.items = convert(field.items, parts);
  if (field.anyOf) result.anyOf = field.anyOf.map((each) => convert(each, parts));
  // Numbers, truth values and words may come from an expression.
  if (field.type === 'integer' || field.type === 'number' || field.type === 'boolean' || field.enum) {
    const { description, markdownDescription, deprecated, deprecationMessage, examples, default: byDefault, ...shape } = result;
    const about = Object.fromEntries(
      Object.entries({ description, markdownDescription, deprecated, deprecationMessage, examples, default: byDefault }).filter(
        ([, value]) => value !== undefined,
      ),
    );
    return { ...about, anyOf: [shape, expression] };
  }
  return result;
}

/** The part itself, without what is said at the place of the reference. */
function followBare(field: Field): Field {
  const bare = follow(field);
  return bare.description === field.description ? { ...bare, description: '' } : bare;
}
