import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/userError.ts';

/** The model that an input of a job means: the file itself, or the one GGUF file of a folder. Throws a `UserError` where that is not clear. */
export async function ggufFileOf(given: string): Promise<string> {
  const found = await stat(given).catch(() => undefined);
  if (!found?.isDirectory()) return given;
  const names = (await readdir(given, { recursive: true })).filter((name) => name.toLowerCase().endsWith('.gguf')).sort();
  if (names.length === 1) return path.join(given, names[0]!);
  const what = names.length === 0 ? 'has no GGUF file' : `has ${names.length} GGUF files: ${names.slice(0, 5).join(', ')}`;
  throw new UserError('InvalidArgument', `The folder ${given} ${what}.`, 'Name the file of the base model.');
}
