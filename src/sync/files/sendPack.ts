import { randomUUID } from 'node:crypto';
import { missingOf } from '../../base/ranges.ts';
import type { Piece } from '../../protocol/transfer.ts';
import { CutShort, withRetries } from '../../transfer/withRetries.ts';
import type { Pair } from '../pair.ts';
import { fromSource } from './sourceChanged.ts';

/** A piece with its bytes. */
interface ReadPiece {
  piece: Piece;
  bytes: Uint8Array;
}

/** Sends the pieces of one pack. After a cut it asks what has arrived, and sends the rest. Throws `SourceChanged` when a file is another one by now. */
export async function sendPack(pair: Pair, container: string, pieces: readonly Piece[]): Promise<void> {
  const { to, signal } = pair;
  let left = await readPieces(pair, container, pieces);
  const bytesLeft = () => left.reduce((sum, { piece }) => sum + piece.length, 0);
  const all = bytesLeft();
  let id: string | undefined;
  await withRetries(
    async () => {
      if (id !== undefined) left = await notArrived(pair, container, left, id);
      if (left.length === 0) return;
      id = randomUUID();
      await to.writePack(
        { id, container, pieces: left.map(({ piece }) => piece) },
        left.map(({ bytes }) => bytes),
        signal,
      );
    },
    { signal, progress: () => all - bytesLeft() },
  );
}

/** Reads pieces in one request, or where that is cut off in several. */
async function readPieces({ from, signal }: Pair, container: string, pieces: readonly Piece[]): Promise<ReadPiece[]> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  await withRetries(
    () =>
      fromSource(async () => {
        if (at === bytes.byteLength) return;
        const response = await from.readPieces({ container, pieces: rest(pieces, at) }, signal);
        for await (const part of response.body ?? []) {
          bytes.set(part, at);
          at += part.byteLength;
        }
        if (at < bytes.byteLength) throw new CutShort(`The pieces ended after ${at} of ${bytes.byteLength} bytes.`);
      }),
    { signal, progress: () => at },
  );
  let start = 0;
  return pieces.map((piece) => ({ piece, bytes: bytes.subarray(start, (start += piece.length)) }));
}

/** What of the pieces comes after the first `skipped` bytes of all. */
function rest(pieces: readonly Piece[], skipped: number): Piece[] {
  const left: Piece[] = [];
  let skip = skipped;
  for (const piece of pieces) {
    const gone = Math.min(skip, piece.length);
    skip -= gone;
    if (gone < piece.length) left.push({ ...piece, start: piece.start + gone, length: piece.length - gone });
  }
  return left;
}

/** What of the pieces has not arrived, also by the pack `after` that was cut off. */
async function notArrived({ to, signal }: Pair, container: string, pieces: readonly ReadPiece[], after: string): Promise<ReadPiece[]> {
  if (pieces.length === 0) return [];
  const files = pieces.map(({ piece: { path, sha256, size } }) => ({ path, sha256, size }));
  const { files: found } = await to.findFiles({ container, files, after }, signal);
  return pieces.flatMap(({ piece, bytes }, index) => {
    const { isThere, arrived } = found[index]!;
    if (isThere) return [];
    if (piece.length === 0) return [{ piece, bytes }];
    // In bytes of the piece.
    const own = arrived.map(({ start, length }) => {
      const first = Math.max(start, piece.start);
      return { start: first - piece.start, length: Math.max(0, start + length - first) };
    });
    return missingOf(piece.length, own).map(({ start, length }) => ({
      piece: { ...piece, start: piece.start + start, length },
      bytes: bytes.subarray(start, start + length),
    }));
  });
}
