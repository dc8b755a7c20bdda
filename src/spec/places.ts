import { parse } from 'yaml';
import { bareReference } from './armParts.ts';
import type { FileSource } from './diagnostic.ts';
import { beside, isLocalPath } from './paths.ts';

type Map = Record<string, any>;

/**
 * What stands in a body for the things that a file names: as they are written, or what they became on a plane once they are there. `file` is the YAML
 * file that names them. Undefined leaves the field out.
 */
export interface Places {
  /** The code folder of a command, with its includes. */
  code(file: string, work: Map): string | undefined;
  environment(file: string, environment: unknown): string | undefined;
  /** A path or reference of an input. */
  data(file: string, path: string, type: string): string;
  /** Where an output goes. */
  output(path: string): string;
  compute(name: string): string;
  /** The component of a step: by reference, or what it is where it is a file or stands in place. */
  component(reference: string | undefined, spec: () => Map): string | undefined;
  /** Code and environment inside of a component, which goes as YAML. */
  componentCode(file: string, work: Map): unknown;
  componentEnvironment(file: string, environment: unknown): unknown;
}

/** As Azure's client shows a file before anything is uploaded. */
export const asWritten = (files: FileSource): Places => ({
  code: (_file, { code }) => (typeof code === 'string' ? bareReference(code) : undefined),
  environment: (_file, environment) => (typeof environment === 'string' ? bareReference(environment) : undefined),
  data: (_file, path) => bareReference(path),
  output: bareReference,
  compute: bareReference,
  component: (reference) => (reference === undefined || isLocalPath(reference) ? undefined : bareReference(reference)),
  componentCode: (file, { code }) => located(file, code),
  componentEnvironment: (file, environment) =>
    typeof environment === 'object' && environment !== null ? inPlace(environment, file, files) : environment,
});

/** A local path as an absolute one, anything else as it stands. */
export const located = (file: string, given: unknown): unknown =>
  typeof given === 'string' && isLocalPath(given) ? beside(file, given) : given;

/** An environment in place, as it goes inside of a component; its version is the hash that the client makes of it. */
function inPlace({ conda_file: conda, ...rest }: Map, file: string, files: FileSource): Map {
  const text = typeof conda === 'string' ? files.readText(beside(file, conda)) : undefined;
  const value = text === undefined ? conda : parsed(text);
  return { ...rest, name: 'CliV2AnonymousEnvironment', ...(value === undefined || value === null ? {} : { conda_file: value }) };
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}
