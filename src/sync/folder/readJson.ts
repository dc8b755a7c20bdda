import { readFileSync } from 'node:fs';
import { UserError } from '../../base/userError.ts';
import { syncFormat } from '../../protocol/sync.ts';

/**
 * The content of a JSON file; undefined where there is none. `checked` answers it if it has the declared shape, and throws else. Throws what is wrong with the file and `whatToDo`, or that a later version
 * of Updraft has written it.
 */
export function readJson<T>(file: string, checked: (value: unknown) => T, whatToDo: string): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError('InvalidValue', `The file ${file} can't be read: ${(error as Error).message}.`, 'Look at who may read it.');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError('InvalidValue', `The file ${file} is damaged.`, whatToDo);
  }
  mustBeKnown(value, file);
  try {
    return checked(value);
  } catch (error) {
    throw new UserError('InvalidValue', `The file ${file} is damaged. ${(error as Error).message}`, whatToDo);
  }
}

/** Throws where a later version of Updraft has written a value. */
export function mustBeKnown(value: unknown, file: string): void {
  const { format = syncFormat } = (value ?? {}) as { format?: unknown };
  if (typeof format !== 'number' || format <= syncFormat) return;
  throw new UserError(
    'DataFolderNewer',
    `The file ${file} was written by a later version of Updraft.`,
    'Update Updraft here, too: the command line, or the extension in VS Code.',
  );
}
