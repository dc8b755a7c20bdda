import { UserError } from '../../base/userError.ts';

/** A file is not the one any more that was listed, or is gone: what there is to send has to be looked at again. */
export class SourceChanged extends Error {}

/** Reads from the plane that files come from. Throws `SourceChanged` when it says that a file is another one by now. */
export async function fromSource<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError && (error.code === 'Conflict' || error.code === 'NotFound')) throw new SourceChanged(error.message);
    throw error;
  }
}
