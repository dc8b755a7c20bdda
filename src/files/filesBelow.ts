import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Every file below a folder, relative to it, with `/`. Links to files and folders are followed, as a program that reads the folder does; one that leads back to a
 * folder around it ends there, and one to nothing is left out.
 */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  /** `around`: the true places of the folder and of those around it. */
  const look = async (within: string, around: string[]): Promise<void> => {
    for (const entry of (await readdir(path.join(folder, within), { withFileTypes: true })).sort(byName)) {
      const name = within ? `${within}/${entry.name}` : entry.name;
      const isLink = entry.isSymbolicLink();
      const kind = isLink ? await stat(path.join(folder, name)).catch(() => undefined) : entry;
      if (kind?.isFile()) found.push(name);
      if (!kind?.isDirectory()) continue;
      const place = isLink ? await realpath(path.join(folder, name)) : path.join(around.at(-1)!, entry.name);
      if (!around.includes(place)) await look(name, [...around, place]);
    }
  };
  await look('', [await realpath(folder)]);
  return found;
}

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);
