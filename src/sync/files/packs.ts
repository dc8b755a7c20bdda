import { missingOf, type Range } from '../../base/ranges.ts';
import { type FileContent, mostFiles, type Piece, packBytes } from '../../protocol/transfer.ts';

/** What of a file is to be sent, as pieces. An empty file is one piece without bytes. `there`: what need not be sent. */
export const piecesOf = (file: FileContent, there: readonly Range[]): Piece[] =>
  file.size === 0 ? [{ ...file, start: 0, length: 0 }] : piecesIn(file, missingOf(file.size, there));

/** Ranges of a file as pieces that fit into a pack. */
export function piecesIn(file: FileContent, ranges: readonly Range[]): Piece[] {
  const pieces: Piece[] = [];
  for (const { start, length } of ranges)
    for (let at = 0; at < length; at += packBytes) pieces.push({ ...file, start: start + at, length: Math.min(packBytes, length - at) });
  return pieces;
}

/** Packs of pieces, in their order, each as full as it can be. */
export function packsOf(pieces: readonly Piece[]): Piece[][] {
  const packs: Piece[][] = [];
  let room = 0;
  for (const piece of pieces) {
    if (packs.length === 0 || piece.length > room || packs.at(-1)!.length === mostFiles) {
      packs.push([]);
      room = packBytes;
    }
    packs.at(-1)!.push(piece);
    room -= piece.length;
  }
  return packs;
}
