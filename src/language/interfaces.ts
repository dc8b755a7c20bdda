import { isMap, isScalar, type Node } from 'yaml';
import type { SpecDocument } from '../spec/document.ts';
import { compatible } from '../spec/signature.ts';
import { componentFileOf, textOf } from './occurrences.ts';
import type { Workspace } from './workspace.ts';

/** An input or output as it is declared. */
export interface Port {
  name: string;
  type: string;
  optional: boolean;
  description?: string;
  default?: unknown;
  /** Where the key stands in `document`. */
  start: number;
  end: number;
}

/** What a job or component takes and gives. */
export interface Interface {
  document: SpecDocument;
  /** Path of the job in the document: `[]`, or of a step. */
  path: string[];
  inputs: Port[];
  outputs: Port[];
  name?: string;
  description?: string;
}

/** The interface of a step: its component's where that is a file, else its own. Undefined for a component of a plane. */
export function interfaceOfStep(document: SpecDocument, path: readonly string[], workspace: Workspace): Interface | undefined {
  const file = componentFileOf(document, path);
  if (file) {
    const ours = workspace.open(file);
    return ours ? interfaceAt(ours.document, []) : undefined;
  }
  const component = document.at([...path, 'component']);
  if (isScalar(component)) return undefined;
  return interfaceAt(document, isMap(component) ? [...path, 'component'] : [...path]);
}

/** The inputs and outputs that stand at a path. */
export function interfaceAt(document: SpecDocument, path: string[]): Interface {
  const text = (key: string) => {
    const node = document.at([...path, key]);
    return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
  };
  const name = text('name');
  const description = text('description');
  return {
    document,
    path,
    inputs: ports(document, [...path, 'inputs'], true),
    outputs: ports(document, [...path, 'outputs'], false),
    ...(name ? { name } : {}),
    ...(description ? { description } : {}),
  };
}

function ports(document: SpecDocument, path: string[], areInputs: boolean): Port[] {
  const map = document.at(path);
  if (!isMap(map)) return [];
  return map.items
    .filter(({ key }) => isScalar(key) && key.value !== '<<')
    .map(({ key, value }) => {
      const node = document.resolve(value as Node | null);
      const facts = (isMap(node) ? document.toValue(node) : {}) as Record<string, unknown> | undefined;
      const { range } = key as Node;
      return {
        name: textOf(key),
        type: typeof facts?.type === 'string' ? facts.type : isScalar(node) ? literalType(node.value) : 'uri_folder',
        optional: areInputs && (facts?.optional === true || facts?.default !== undefined),
        ...(typeof facts?.description === 'string' ? { description: facts.description } : {}),
        ...(facts?.default !== undefined
          ? { default: facts.default }
          : isScalar(node) && node.value !== null && areInputs
            ? { default: node.value }
            : {}),
        start: range?.[0] ?? 0,
        end: range?.[1] ?? 0,
      };
    });
}

export function literalType(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

/** Whether what is `given` may be bound to what is `wanted`; anything may where nothing is wanted. */
export const fitsType = (given: string, wanted: string | undefined): boolean => wanted === undefined || compatible(given, wanted);
