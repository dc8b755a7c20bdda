import { missingOf, type Range } from '../../../base/ranges.ts';
import { UserError } from '../../../base/userError.ts';
import type { AssembleFile } from '../../../protocol/transfer.ts';
import type { Blobs } from '../../../store/blobs.ts';
import type { WorkspaceStore } from '../../../store/store.ts';
import { putWithinQuota } from '../../queue/storageQuota.ts';
import { unfinished } from '../../unfinishedUploads.ts';
import { arrivedRanges, rangesFolder } from './arrivedRanges.ts';

interface Place {
  store: WorkspaceStore;
  blobs: Blobs;
}

/** Bytes of a content here that are bytes of the file. */
interface Source extends Range {
  content: string;
  at: number;
}

/**
 * Makes a file of what has arrived of it and of parts of another file of the workspace, and gives it its name when all of it has the SHA-256 that it is to have. Answers the bytes that are
 * missing: none when it is there. Throws `Conflict` when the other file is another one by now, and `InvalidRequest` for content that is not the right one; what had arrived is forgotten then.
 */
export async function assemble({ store, blobs }: Place, file: AssembleFile): Promise<Range[]> {
  const { container, path, sha256, size } = file;
  if ((await store.blob(container, path))?.sha256 === sha256) return [];
  // Another request may have made it under another name meanwhile.
  if ((await store.blobWithContent(sha256)) && (await blobs.hold(sha256)) === size) {
    await store.write((writer) => putWithinQuota(writer, { container, path }, { sha256, size }));
    return [];
  }
  const arrived = await arrivedRanges(store, sha256);
  const sources: Source[] = [...arrived.map((range) => ({ ...range, at: 0 })), ...(await copiedFrom({ store, blobs }, file))];
  const missing = missingOf(size, sources);
  if (missing.length > 0) return missing;
  const folder = rangesFolder(store, sha256);
  let written: { sha256: string; size: number };
  try {
    written = await blobs.put(contentOf(blobs, partsInOrder(size, sources)), { sha256, size });
  } catch (error) {
    if (error instanceof UserError && error.code === 'InvalidRequest')
      await store.write((writer) => writer.deleteBlobs(unfinished.ranges, folder));
    throw error;
  }
  await store.write(async (writer) => {
    await writer.deleteBlobs(unfinished.ranges, folder);
    await putWithinQuota(writer, { container, path }, written);
  });
  return [];
}

/** The parts that the file takes over. Held before its name is looked at: from then on no sweep removes the content. */
async function copiedFrom({ store, blobs }: Place, { container, from, copies }: AssembleFile): Promise<Source[]> {
  if (!from || copies.length === 0) return [];
  const size = await blobs.hold(from.sha256);
  if (size === undefined || (await store.blob(container, from.path))?.sha256 !== from.sha256)
    throw new UserError('Conflict', `"${from.path.slice(0, 200)}" is another file by now.`, 'Ask for a similar file again.');
  if (copies.some(({ at, length }) => at + length > size))
    throw new UserError('InvalidRequest', `A part that is to be copied goes beyond the end of "${from.path.slice(0, 200)}".`);
  return copies.map((copy) => ({ ...copy, content: from.sha256 }));
}

/** Parts that follow each other and make the file, each as long as it can be. `start` and `length` in bytes of the content. */
function partsInOrder(size: number, sources: Source[]): { content: string; start: number; length: number }[] {
  const parts: { content: string; start: number; length: number }[] = [];
  const sorted = sources.toSorted((a, b) => a.start - b.start);
  const endOf = ({ start, length }: Range) => start + length;
  let [at, next, best]: [number, number, Source] = [0, 0, sorted[0]!];
  while (at < size) {
    for (; next < sorted.length && sorted[next]!.start <= at; next++) if (endOf(sorted[next]!) > endOf(best)) best = sorted[next]!;
    const length = Math.min(endOf(best), size) - at;
    parts.push({ content: best.content, start: best.at + at - best.start, length });
    at += length;
  }
  return parts;
}

async function* contentOf(blobs: Blobs, parts: { content: string; start: number; length: number }[]): AsyncGenerator<Uint8Array> {
  for (const { content, start, length } of parts) yield* await blobs.read(content, { start, end: start + length - 1 });
}
