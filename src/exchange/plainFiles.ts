import { createReadStream } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { UserError } from '../base/userError.ts';

/** A file below a folder. `path` is relative to it, with `/`; `size` in bytes. A link is one as well: it is not followed, and refused when it is opened. */
export interface PlainFile {
  path: string;
  size: number;
  isLink: boolean;
}

/** Every file below a folder; none where there is no folder. What is neither a file nor a folder is taken for a link: nothing is read of it. */
export async function* plainFiles(folder: string, within = ''): AsyncIterable<PlainFile> {
  const at = path.join(folder, within);
  const found = await lstat(at).catch(() => undefined);
  if (!found?.isDirectory()) return;
  const names: string[] = [];
  for await (const { name } of await opendir(at)) names.push(name);
  for (const name of names.sort()) {
    const inside = within ? `${within}/${name}` : name;
    const entry = await lstat(path.join(folder, inside));
    if (entry.isDirectory()) yield* plainFiles(folder, inside);
    else yield { path: inside, size: entry.isFile() ? entry.size : 0, isLink: !entry.isFile() };
  }
}

/** Throws `InvalidValue` for a link: it could lead to any file of this machine. */
export function streamOf(folder: string, { path: name, isLink }: PlainFile): ReadableStream<Uint8Array> {
  if (isLink)
    throw new UserError(
      'InvalidValue',
      `${path.join(folder, name)} is a link, which is not followed.`,
      'Put the file itself in its place.',
    );
  return Readable.toWeb(createReadStream(path.join(folder, name))) as ReadableStream<Uint8Array>;
}
