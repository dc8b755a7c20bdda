import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { isLocalPath } from '../spec/paths.ts';
import type { Definition } from '../submit/createResource.ts';
import { localFiles } from '../submit/localFiles.ts';
import type { Options } from './command.ts';
import { list, type Parsed, text } from './parsed.ts';

/**
 * The YAML that a command is given: its `--file`, and over it what `--set` and the options that stand for keys say. Without a file the options are all of it.
 * Throws `InvalidArgument` when there is neither.
 */
export function definitionOf(parsed: Parsed, options: Options): Definition & { overrides: string[] } {
  const file = text(parsed, 'file');
  const overrides = [
    ...list(parsed, 'set'),
    ...Object.entries(options).flatMap(([name, { takes, yaml }]) => (yaml ? said(name, takes, yaml) : [])),
  ];
  if (file !== undefined) return { file: path.resolve(file), overrides };
  if (overrides.length === 0) throw new UserError('InvalidArgument', '--file is missing.', 'Add --help to see the options.');
  const here = path.resolve('the options');
  return { file: here, overrides, files: { ...localFiles, readText: (at) => (at === here ? '' : localFiles.readText(at)) } };

  function said(name: string, takes: string, yaml: string): string[] {
    if (takes === 'pairs') return list(parsed, name).map((pair) => `${yaml}.${pair}`);
    const value = parsed.values[name];
    if (value === undefined) return [];
    // What a command line names is beside the person, what a file names beside the file.
    return [`${yaml}=${takes === 'path' && isLocalPath(String(value)) ? path.resolve(String(value)) : String(value)}`];
  }
}
