/** What a component, or a step in place, takes and gives. */
export interface Signature {
  /** Undefined where it is not known: of a component of the plane, or of a job in place, which takes what it is given. */
  inputs: Record<string, { type: string; optional: boolean }> | undefined;
  outputs: Record<string, string> | undefined;
  /** Outputs that the step lists, where its component may have more. */
  listed?: readonly string[];
}

export const unknownSignature: Signature = { inputs: undefined, outputs: undefined };

type Map = Record<string, any>;
export const isMapValue = (value: unknown): value is Map => typeof value === 'object' && value !== null && !Array.isArray(value);

const signatures = new WeakMap<Map, Signature>();

/** The signature that a component declares; the same object for the same component. */
export function signatureOf(component: Map): Signature {
  let found = signatures.get(component);
  if (!found) {
    found = read(component);
    signatures.set(component, found);
  }
  return found;
}

function read(component: Map): Signature {
  return {
    inputs: Object.fromEntries(
      Object.entries(isMapValue(component.inputs) ? component.inputs : {}).map(([name, input]) => [
        name,
        {
          type: String(input?.type ?? 'uri_folder'),
          optional:
            !isMapValue(input) ||
            input.optional === true ||
            input.default !== undefined ||
            input.path !== undefined ||
            input.value !== undefined,
        },
      ]),
    ),
    outputs: outputTypes(component.outputs),
  };
}

export function outputTypes(outputs: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(isMapValue(outputs) ? outputs : {}).map(([name, output]) => [name, String(output?.type ?? 'uri_folder')]),
  );
}

/** Type of a pipeline's input: declared, or of the value that it has. Undefined where any will do. */
export function typeOfInput(input: unknown): string | undefined {
  if (typeof input === 'number') return Number.isInteger(input) ? 'integer' : 'number';
  if (typeof input === 'boolean') return 'boolean';
  if (typeof input === 'string') return undefined;
  if (!isMapValue(input)) return undefined;
  if (typeof input.type === 'string') return input.type;
  return input.path === undefined ? typeOfInput(input.value) : 'uri_folder';
}

export const isDataType = (type: string): boolean => /^(uri_|mltable|.*_model$|path$)/.test(type);

/** Azure lets a folder stand for a table or a model and the other way round, but no literal for data, no file for a folder. */
export function compatible(given: string, wanted: string): boolean {
  if (given === wanted || given.includes('${{')) return true;
  if (isDataType(given) !== isDataType(wanted)) return false;
  if (!isDataType(given))
    return (
      wanted === 'string' ||
      (given === 'integer' && wanted === 'number') ||
      given === 'string' ||
      (given === 'number' && wanted === 'integer')
    );
  return !((given === 'uri_file' && wanted === 'uri_folder') || (given === 'uri_folder' && wanted === 'uri_file'));
}

export function literalFits(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(Number(value)) && String(value).trim() !== '' && typeof value !== 'boolean';
  if (type === 'number') return !Number.isNaN(Number(value)) && String(value).trim() !== '' && typeof value !== 'boolean';
  if (type === 'boolean') return /^(true|false|0|1)$/i.test(String(value));
  return true;
}
