import type { TSchema } from 'typebox';
import * as Type from 'typebox';

/** What is known of a field beside its JSON Schema. Validation, completion, hover, the shipped JSON Schemas and the reference pages read it; it stands nowhere else. */
export interface Facts {
  /** Our own words, Markdown allowed; the first sentence stands alone in a list. */
  description?: string;
  examples?: readonly unknown[];
  /** What Azure takes when the field is absent. */
  default?: unknown;
  deprecated?: boolean;
  /** What to use instead of a deprecated field. */
  deprecationMessage?: string;
  /** Page of Azure's reference. */
  docLink?: string;
  /** A path relative to the YAML file, and what it leads to. `component` is a component's YAML, `script` a file inside the code folder beside it. */
  pathKind?: 'file' | 'folder' | 'fileOrFolder' | 'component' | 'script';
  /** The folder is uploaded whole as a code snapshot, with the `additional_includes` beside it. */
  isSnapshot?: boolean;
  /** Azure's client refuses the file when the path leads nowhere; other paths may be filled before the job is submitted. */
  mustExist?: boolean;
  /** `azureml:NAME:VERSION`, `azureml:NAME@LABEL` or a bare name of this collection of the plane may stand here. */
  assetKind?: 'environments' | 'data' | 'models' | 'components' | 'computes' | 'datastores' | 'experiments' | 'jobs' | 'endpoints';
  /** Text for a shell, in which `${{ }}` and `$[[ ]]` are filled in. */
  isCommand?: boolean;
  /** Must come from a key vault, a connection or the environment, not from the file. */
  secret?: boolean;
  /** What the embedded control plane does differently from Azure, said as information. */
  localNote?: string;
  /** Option of Azure's command line that may give the value in place of the file. */
  commandLineOption?: string;
  /** `pattern` is a rule of the service, which the client does not know: a placeholder such as `<NAME>` is left alone. */
  serviceRule?: boolean;
  /** Azure's client makes text of whatever plain value stands here. */
  madeText?: boolean;
  /** Set by the service; a file that carries it was exported. */
  readOnly?: boolean;
}

/** A field's schema: JSON Schema (2020-12) as far as our kinds use it, and its facts. */
export interface Field extends Facts {
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  properties?: Record<string, Field>;
  required?: string[];
  /** `false`: no other keys. A field: every key not in `properties` is one of these. */
  additionalProperties?: boolean | Field;
  /** Rule of the keys that `additionalProperties` takes. */
  propertyNames?: { pattern: string; description?: string };
  items?: Field;
  minItems?: number;
  maxItems?: number;
  /** Alternatives. `variantOf` finds the one that was meant. */
  anyOf?: Field[];
  /** The key whose `const` or `enum` tells the object alternatives apart. */
  discriminator?: string;
  /** The discriminator's value when the file names none. */
  defaultVariant?: string;
  enum?: readonly (string | number | boolean)[];
  /** One line for each value of `enum`, in its order. */
  enumDescriptions?: readonly string[];
  const?: string | number | boolean;
  /** `ReadOnlyMount`, `READ_ONLY_MOUNT` and `read_only_mount` are the same value of `enum` or `const`. */
  anyCase?: boolean;
  pattern?: string;
  /** What `pattern` asks for, in words. */
  patternHint?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  /** `#/$defs/NAME` of a part made by `define`; `follow` leads to it. */
  $ref?: string;
}

const targets = new WeakMap<object, () => Field>();

/** A part or a kind that is built when first followed: start-up pays for none, and parts may contain themselves. `name` is unique. */
export function define(name: string, build: () => Field): Field {
  let built: Field | undefined;
  const reference: Field = { $ref: `#/$defs/${name}` };
  targets.set(reference, () => (built ??= build()));
  return reference;
}

const followed = new WeakMap<object, Field>();

/** The schema behind a reference, with the facts that stand beside the reference laid over it; any other field as it is. The same field gives the same object. */
export function follow(field: Field): Field {
  const target = targets.get(field);
  if (!target) return field;
  let found = followed.get(field);
  if (!found) {
    const { $ref: _, ...beside } = field;
    found = Object.keys(beside).length ? { ...follow(target()), ...beside } : follow(target());
    followed.set(field, found);
  }
  return found;
}

const expressions = new Map<string, RegExp>();

/** Whether a text matches a field's `pattern`. */
export function matches(pattern: string, text: string): boolean {
  let expression = expressions.get(pattern);
  if (!expression) expressions.set(pattern, (expression = new RegExp(pattern)));
  return expression.test(text);
}

/** The same field with other facts at this place. */
export function as(field: Field, description: string, facts: Facts = {}): Field {
  const copy = { ...field, description, ...facts };
  const target = targets.get(field);
  if (target) targets.set(copy, target);
  return copy;
}

type More = Omit<Field, 'type' | 'description'>;
const field = (schema: TSchema): Field => schema as Field;

export const text = (description: string, more: More = {}): Field => field(Type.String({ description, ...more }));
export const integer = (description: string, more: More = {}): Field => field(Type.Integer({ description, ...more }));
export const number = (description: string, more: More = {}): Field => field(Type.Number({ description, ...more }));
export const flag = (description: string, more: More = {}): Field => field(Type.Boolean({ description, ...more }));
export const anything = (description: string, more: More = {}): Field => field(Type.Unknown({ description, ...more }));
export const empty: Field = field(Type.Null());

/** One of some words, each with a line of its own: `oneOf('How …', { ro_mount: 'Mounted, read only.' })`. Values without a line come as a list. */
export function oneOf(description: string, values: Record<string, string> | readonly (string | number)[], more: More = {}): Field {
  const names = Array.isArray(values) ? (values as readonly (string | number)[]) : Object.keys(values);
  const lines = Array.isArray(values) ? {} : { enumDescriptions: Object.values(values as Record<string, string>) };
  return field(Type.Enum([...names] as string[], { description, ...lines, anyCase: true, ...more }));
}

/** The discriminator of a variant. */
export const exactly = (value: string, description: string, more: More = {}): Field =>
  field(Type.Literal(value, { description, anyCase: true, ...more }));

export const list = (description: string, items: Field, more: More = {}): Field =>
  ({ ...field(Type.Array(items as TSchema, { description, ...more })), items }) as Field;

/** A map with free keys. */
export const mapOf = (description: string, values: Field, more: More = {}): Field => ({
  type: 'object',
  description,
  additionalProperties: values,
  ...more,
});

/** A map with fixed keys: those that are needed and those that may be given. */
export function fields(description: string, required: Record<string, Field>, optional: Record<string, Field> = {}, more: More = {}): Field {
  return {
    type: 'object',
    description,
    properties: { ...required, ...optional },
    ...(Object.keys(required).length ? { required: Object.keys(required) } : {}),
    additionalProperties: false,
    ...more,
  };
}

/** Alternatives that differ in shape: text or a map, a number or text. */
export const either = (description: string, ...anyOf: Field[]): Field => ({ description, anyOf });

/** Maps that a key tells apart, one alternative for each of its values; other shapes (a name in place of the map) may stand beside them. */
export const variants = (
  description: string,
  discriminator: string,
  anyOf: Field[],
  more: More & { defaultVariant?: string } = {},
): Field => ({
  description,
  discriminator,
  anyOf,
  ...more,
});
