import { UserError } from '../../base/userError.ts';
import { type GgufHeader, readGgufHeader } from '../../catalog/headers/readGguf.ts';

/** The header of the GGUF file that an adapter was trained from. */
export async function readBase(file: string): Promise<GgufHeader> {
  try {
    return await readGgufHeader(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserError('MissingFile', `There is no base model ${file}.`);
    throw error;
  }
}

/** Whether the model's weights go on in other files. */
export const isSplit = ({ keys }: GgufHeader): boolean => Number(keys.get('split.count') ?? 1) > 1;
