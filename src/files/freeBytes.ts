import { statfs } from 'node:fs/promises';
import path from 'node:path';

/** Bytes that programs of this user can still write where a folder is, or will be made; undefined where the system does not tell. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || at === path.dirname(at)) return undefined;
    }
  }
}
