import { mapParallel } from '../../../base/parallel.ts';
import { UserError } from '../../../base/userError.ts';
import { check } from '../../../protocol/check.ts';
import { PackHead, type Piece, type PiecesOf, packBytes } from '../../../protocol/transfer.ts';
import type { Blobs } from '../../../store/blobs.ts';
import type { WorkspaceStore } from '../../../store/store.ts';
import { safeName, safePath } from '../../paths.ts';
import { putWithinQuota } from '../../queue/storageQuota.ts';
import { unfinished } from '../../unfinishedUploads.ts';
import { objectOf } from '../arm/request.ts';
import { rangePath, rangesFolder } from './arrivedRanges.ts';
import type { ArrivingBytes } from './arrivingBytes.ts';

/** Bytes of the JSON in front, at most. */
const mostHead = 2 * 1024 * 1024;
/** Bytes of a pack, at most. */
export const mostOfPack = 4 + mostHead + packBytes;
/** Pieces that are written to the disk at the same time. */
const parallel = 8;
/** Bytes of a piece that was cut off for which it is not worth a row to keep them. */
const notWorthIt = 4096;

interface Place {
  store: WorkspaceStore;
  blobs: Blobs;
}

/** A name for a content that is on the disk. */
interface Kept {
  container: string;
  path: string;
  content: { sha256: string; size: number };
}

/**
 * Keeps the pieces of a pack: whole files under their names, parts of files until the rest is there. Where the pack is cut off, what has arrived until then is kept all the same.
 * Throws `InvalidRequest` for a pack that is cut off or is not what its head says.
 */
export async function keepPack(
  { store, blobs }: Place,
  { container, pieces }: PackHead,
  arriving: ArrivingBytes,
  stillMay?: () => Promise<void>,
): Promise<void> {
  let failure: unknown;
  const failed = (error: unknown): undefined => {
    failure ??= error;
  };
  async function* arrived(): AsyncGenerator<{ piece: Piece; bytes: Buffer }> {
    for (const piece of pieces) {
      const bytes = await arriving.take(piece.length);
      if (bytes.byteLength < piece.length)
        failed(new UserError('InvalidRequest', 'The pack was cut off.', 'Ask what has arrived, and send the rest.'));
      yield { piece, bytes };
      if (failure) return;
    }
    if ((await arriving.take(1)).byteLength > 0)
      failed(new UserError('InvalidRequest', 'The pack has more bytes than the lengths of its pieces.'));
  }
  const kept = await mapParallel(arrived(), parallel, ({ piece, bytes }) => keep(piece, bytes).catch(failed));
  await stillMay?.();
  const named = kept.filter((each): each is Kept => each !== undefined);
  if (named.length > 0)
    await store.write(async (writer) => {
      for (const each of named) await putWithinQuota(writer, each, each.content);
    });
  if (failure) throw failure;

  async function keep({ path, sha256, size, start, length }: Piece, bytes: Buffer): Promise<Kept | undefined> {
    if (bytes.byteLength === size) return { container, path, content: await blobs.put(once(bytes), { sha256, size }) };
    if (bytes.byteLength < length && bytes.byteLength < notWorthIt) return undefined;
    const content = await blobs.put(once(bytes));
    return { container: unfinished.ranges, path: rangePath(rangesFolder(store, sha256), { start, length: content.size }), content };
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What a pack begins with. Throws `InvalidRequest`. */
export async function headOf(arriving: ArrivingBytes): Promise<PackHead> {
  const cut = () => new UserError('InvalidRequest', 'The pack was cut off before its first piece.', 'Send it again.');
  const prefix = await arriving.take(4);
  if (prefix.byteLength < 4) throw cut();
  const length = prefix.readUInt32BE();
  if (length > mostHead) throw new UserError('InvalidRequest', `The head of a pack may have at most ${mostHead} bytes.`);
  const text = await arriving.take(length);
  if (text.byteLength < length) throw cut();
  const head = check(PackHead, objectOf(text.toString('utf8')), 'The head of a pack');
  return { ...head, ...checkedPieces(head) };
}

/** Pieces whose paths are safe and whose numbers go together. Throws `InvalidRequest`. */
export function checkedPieces({ container, pieces }: PiecesOf): PiecesOf {
  if (pieces.reduce((sum, { length }) => sum + length, 0) > packBytes)
    throw new UserError('InvalidRequest', `The pieces of a pack may have at most ${packBytes} bytes together.`);
  const outside = pieces.find(({ start, length, size }) => start + length > size);
  if (outside) throw new UserError('InvalidRequest', `A piece of "${outside.path.slice(0, 200)}" goes beyond its end.`);
  return { container: safeName(container, 'container'), pieces: pieces.map((piece) => ({ ...piece, path: safePath(piece.path) })) };
}
