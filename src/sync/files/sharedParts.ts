import type { Range } from '../../base/ranges.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { type Chunk, type ChunksOf, type Copy, chunkEntryBytes, type FileContent, mostCopies } from '../../protocol/transfer.ts';
import { CutShort, withRetries } from '../../transfer/withRetries.ts';
import type { Pair } from '../pair.ts';
import { fromSource } from './sourceChanged.ts';

/** Parts of a file whose chunks are asked for one by one; where there are more, they are asked for together with what lies between them. */
const mostSpans = 64;

/**
 * The parts of a file that another one has, which is on the plane that the file is sent to. First groups of chunks are compared, then the chunks of those that differ: for 512 MiB that takes a
 * few kB. Both planes cut their own file; nothing of it travels.
 */
export async function sharedParts({ from, to, signal }: Pair, container: string, file: FileContent, other: FileContent): Promise<Copy[]> {
  const ours = (of: ChunksOf['of'], span: Range) => chunksIn(from, container, file, of, span, signal, fromSource);
  const theirs = (of: ChunksOf['of'], span: Range) => chunksIn(to, container, other, of, span, signal, (read) => read());
  const [groups, otherGroups] = await Promise.all([
    ours('groups', { start: 0, length: file.size }),
    theirs('groups', { start: 0, length: other.size }),
  ]);
  const [copies, differs, otherDiffers] = compare(groups, otherGroups);
  if (differs.length > 0 && otherDiffers.length > 0) {
    const chunks: Chunk[] = [];
    const otherChunks: Chunk[] = [];
    for (const span of spansOf(differs)) chunks.push(...(await ours('chunks', span)));
    for (const span of spansOf(otherDiffers)) otherChunks.push(...(await theirs('chunks', span)));
    copies.push(...compare(chunks, otherChunks)[0]);
  }
  return inOne(copies)
    .toSorted((a, b) => b.length - a.length)
    .slice(0, mostCopies);
}

/** What both have, and what of each the other one has not. */
function compare(ours: Chunk[], theirs: Chunk[]): [copies: Copy[], differs: Chunk[], otherDiffers: Chunk[]] {
  const known = new Map(theirs.map((chunk) => [keyOf(chunk), chunk]));
  const own = new Set(ours.map(keyOf));
  const [copies, differs]: [Copy[], Chunk[]] = [[], []];
  for (const chunk of ours) {
    const same = known.get(keyOf(chunk));
    if (same) copies.push({ start: chunk.start, length: chunk.length, at: same.start });
    else differs.push(chunk);
  }
  return [copies, differs, theirs.filter((chunk) => !own.has(keyOf(chunk)))];
}

const keyOf = ({ hash, length }: Chunk): string => `${hash}/${length}`;

/** Neighbors as one span. */
function spansOf(chunks: Chunk[]): Range[] {
  const spans: Range[] = [];
  for (const { start, length } of chunks) {
    const last = spans.at(-1);
    if (last && last.start + last.length === start) last.length += length;
    else spans.push({ start, length });
  }
  if (spans.length <= mostSpans) return spans;
  const [first, last] = [spans[0]!, spans.at(-1)!];
  return [{ start: first.start, length: last.start + last.length - first.start }];
}

/** Parts that follow each other in both files as one. */
function inOne(copies: Copy[]): Copy[] {
  const all: Copy[] = [];
  for (const copy of copies.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last && last.start + last.length === copy.start && last.at + last.length === copy.at) last.length += copy.length;
    else all.push({ ...copy });
  }
  return all;
}

/** The chunks of a part of a file, asked for anew from where the list was cut off. */
async function chunksIn(
  client: PlaneClient,
  container: string,
  { path, sha256 }: FileContent,
  of: ChunksOf['of'],
  { start, length }: Range,
  signal: AbortSignal | undefined,
  asking: <T>(read: () => Promise<T>) => Promise<T>,
): Promise<Chunk[]> {
  const [chunks, end]: [Chunk[], number] = [[], start + length];
  let at = start;
  await withRetries(
    () =>
      asking(async () => {
        if (at >= end) return;
        const response = await client.chunksOf({ container, path, sha256, start: at, end, of }, signal);
        for await (const entry of entriesIn(response.body)) {
          chunks.push({ start: at, ...entry });
          at += entry.length;
        }
        if (at < end) throw new CutShort(`The chunks of "${path}" ended after ${at} of ${end} bytes.`);
      }),
    { signal, progress: () => chunks.length },
  );
  return chunks;
}

async function* entriesIn(body: ReadableStream<Uint8Array> | null): AsyncGenerator<{ length: number; hash: string }> {
  let rest = Buffer.alloc(0);
  for await (const part of body ?? []) {
    rest = Buffer.concat([rest, part]);
    for (; rest.byteLength >= chunkEntryBytes; rest = rest.subarray(chunkEntryBytes))
      yield { length: rest.readUInt32BE(), hash: rest.toString('hex', 4, chunkEntryBytes) };
  }
}
