import type { ModelFile } from './modelFile.ts';

/** A column, a tensor or a parameter. */
export interface Field {
  /** '' for a tensor that has none. */
  name: string;
  type: string;
  /** What else is said of it. */
  note: string;
}

export const signatureParts = ['inputs', 'outputs', 'params'] as const;
export type SignaturePart = (typeof signatureParts)[number];

/** Nesting of a type that is written out. */
const deepest = 4;

/** The fields of a part of a signature; undefined where there is none, or none that can be read. */
export function fieldsOf({ signature }: ModelFile, part: SignaturePart): Field[] | undefined {
  const text = signature[part];
  if (text === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map(fieldOf) : undefined;
  } catch {
    return undefined;
  }
}

type Spec = Record<string, unknown>;
const specOf = (value: unknown): Spec => (typeof value === 'object' && value !== null ? (value as Spec) : {});

function fieldOf(value: unknown): Field {
  const spec = specOf(value);
  const isOptional = spec.required === false;
  const note = 'default' in spec ? `default ${JSON.stringify(spec.default)}` : isOptional ? 'optional' : '';
  return { name: typeof spec.name === 'string' ? spec.name : '', type: typeText(spec), note };
}

function typeText(spec: Spec, depth = 0): string {
  const type = String(spec.type ?? '');
  if (depth > deepest) return '…';
  if (type === 'tensor') {
    const { dtype, shape } = specOf(spec['tensor-spec']);
    return `${String(dtype ?? 'tensor')} ${shapeText(shape)}`.trim();
  }
  if (type === 'array') return `list of ${typeText(specOf(spec.items), depth + 1)}`;
  if (type === 'map') return `map to ${typeText(specOf(spec.values), depth + 1)}`;
  if (type === 'object') {
    const properties = Object.entries(specOf(spec.properties)).map(([name, each]) => `${name}: ${typeText(specOf(each), depth + 1)}`);
    return `{ ${properties.join(', ')} }`;
  }
  return Array.isArray(spec.shape) ? `${type} ${shapeText(spec.shape)}` : type;
}

/** As NumPy writes it; a dimension of any length is -1. */
const shapeText = (shape: unknown): string => (Array.isArray(shape) ? `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})` : '');
