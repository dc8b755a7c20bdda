import { opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';

/** A file of examples, or several of a folder that are read as one. */
export interface ExampleSource {
  /** Of the file, or of the folder. */
  path: string;
  files: readonly string[];
}

/** The examples of an input by what they are for. */
export interface ExampleSources {
  training?: ExampleSource;
  validation?: ExampleSource;
  test?: ExampleSource;
}

export type Use = keyof ExampleSources;

/** Names that a folder is looked through for, and files that are read of it. */
const most = { names: 20_000, files: 1000 };
const uses: Record<string, Use> = { valid: 'validation', validation: 'validation', val: 'validation', dev: 'validation', test: 'test' };

export const oneFile = (file: string): ExampleSource => ({ path: file, files: [file] });

/** The files of an input, by the rules of `files_of` in `pipeline/code/examples.py`. A file is to learn from, whatever it is called. */
export async function exampleFiles(given: string, signal: AbortSignal): Promise<ExampleSources> {
  const found = path.isAbsolute(given) ? await stat(given).catch(() => undefined) : undefined;
  // Whoever reads it says what is wrong with it.
  if (!found?.isDirectory()) return { training: oneFile(given) };
  const files = await filesBelow(given, signal);
  if (files.length === 0) throw new UserError('NotFound', `The folder ${given} has no .jsonl file.`, 'Choose the folder that they are in.');
  const sources: ExampleSources = {};
  for (const use of ['training', 'validation', 'test'] as const) {
    const ofUse = files.filter((each) => usedOf(each) === use);
    if (ofUse.length > 0) sources[use] = { path: given, files: ofUse };
  }
  return sources;
}

/** All files of an input as one: of data that is to validate with, whatever they are called. */
export async function allExamples(given: string, signal: AbortSignal): Promise<ExampleSource> {
  const { training, validation, test } = await exampleFiles(given, signal);
  return { path: given, files: [training, validation, test].flatMap((each) => each?.files ?? []) };
}

function usedOf(file: string): Use {
  const word = path
    .basename(file, '.jsonl')
    .toLowerCase()
    .split(/[^a-z]/)[0]!;
  return Object.hasOwn(uses, word) ? uses[word]! : 'training';
}

async function filesBelow(folder: string, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  let names = 0;
  for await (const entry of await opendir(folder, { recursive: true })) {
    signal.throwIfAborted();
    if (++names > most.names || found.length > most.files)
      throw new UserError(
        'InvalidArgument',
        `The folder ${folder} has too many files to look through here: more than ${most.names.toLocaleString('en')}, or ${most.files.toLocaleString('en')} with examples.`,
        'Choose the folder that the examples alone are in.',
      );
    if (entry.name.endsWith('.jsonl') && (entry.isFile() || entry.isSymbolicLink())) found.push(path.join(entry.parentPath, entry.name));
  }
  return found.sort();
}
