import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream, createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { addressOf, filesOf } from '../client/filesOf.ts';
import type { PlaneClient } from '../client/planeClient.ts';

/** Files that move at the same time. */
const parallel = 4;

/** Brings a uri's files below `target` (or to `target` itself for a single file), through a cache of contents that all jobs share. */
export async function download(client: PlaneClient, uri: string, target: string, cacheFolder: string): Promise<number> {
  const { container, path: root } = addressOf(uri);
  const files = await filesOf(client, uri);
  await mkdir(cacheFolder, { recursive: true });
  await inParallel(files, async (file) => {
    const cached = path.join(cacheFolder, file.sha256!);
    if (!existsSync(cached)) {
      const response = await client.readBlob(container, file.path ? `${root}/${file.path}` : root);
      const temporary = `${cached}.${randomUUID().slice(0, 8)}`;
      await pipeline(response.body ? Readable.fromWeb(response.body as never) : Readable.from([]), createWriteStream(temporary));
      await rename(temporary, cached);
    }
    const destination = file.path ? path.join(target, ...file.path.split('/')) : target;
    await mkdir(path.dirname(destination), { recursive: true });
    // A copy, not a link: a script that changes its input must not change what other jobs see. File systems that can, share the blocks.
    await copyFile(cached, destination, constants.COPYFILE_FICLONE);
  });
  return files.length;
}

/** Stores a file or folder under a uri on the plane; what the plane has already is only named. Answers the content hash. */
export async function upload(client: PlaneClient, source: string, uri: string): Promise<string> {
  const { container, path: root } = addressOf(uri);
  const isFolder = (await stat(source)).isDirectory();
  const files = isFolder ? await walk(source) : [''];
  const lines: string[] = [];
  await inParallel(files, async (file) => {
    const local = file ? path.join(source, file) : source;
    const target = file ? `${root}/${file.split(path.sep).join('/')}` : root;
    const sha256 = await hashFile(local);
    if (!(await client.linkBlob(container, target, sha256)))
      await client.writeBlob(container, target, Readable.toWeb(createReadStream(local)) as unknown as ReadableStream);
    lines.push(`${file.split(path.sep).join('/')}\0${sha256}`);
  });
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Every file below a folder, relative to it; links are followed as the command's own reads would. */
export async function walk(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const kinds = await Promise.all(
    names.map((name) =>
      stat(path.join(folder, name)).then(
        (found) => found.isFile(),
        () => false,
      ),
    ),
  );
  return names.filter((_name, index) => kinds[index]);
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

async function inParallel<T>(items: T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: Math.min(parallel, items.length) }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await run(item);
    }),
  );
}
