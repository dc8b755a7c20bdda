import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { downloadZip } from 'client-zip';
import { folderToZip, snapshotFiles } from './snapshotFiles.ts';

/** Files of an archive have this time, so that the same contents are the same archive. */
const noTime = new Date(2000, 0, 1);

/** The includes, with archives made of the folders that are wanted so. `remove` deletes them. The folder itself is the archive's root, as azure-ai-ml packs it. */
export async function zipIncludes(includes: readonly string[]): Promise<{ includes: string[]; remove: () => Promise<void> }> {
  let place: string | undefined;
  const made: string[] = [];
  for (const include of includes) {
    const folder = folderToZip(include);
    if (folder === undefined) {
      made.push(include);
      continue;
    }
    place ??= await mkdtemp(path.join(tmpdir(), 'updraft-includes-'));
    const file = path.join(await mkdtemp(path.join(place, 'zip-')), path.basename(include));
    await pipeline(Readable.fromWeb(downloadZip(entriesOf(folder)).body as never), createWriteStream(file));
    made.push(file);
  }
  return {
    includes: made,
    async remove() {
      if (place) await rm(place, { recursive: true, force: true });
    },
  };
}

function* entriesOf(folder: string) {
  for (const { path: name, file } of snapshotFiles(folder))
    yield {
      name: `${path.basename(folder)}/${name}`,
      input: Readable.toWeb(createReadStream(file)) as unknown as ReadableStream<Uint8Array>,
      lastModified: noTime,
    };
}
