import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { Range } from '../base/ranges.ts';

/** Files in one request, at most: a list of them gets through a network that lets 100 kB through. */
export const mostFiles = 200;
/** Bytes of files in one pack, at most. */
export const packBytes = 4 * 1024 * 1024;
/** Parts that a file takes over from another one, at most. */
export const mostCopies = 50_000;
/** Bytes from which on only what differs from another version of a file is sent. */
export const largeFile = 4 * 1024 * 1024;

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Container = Type.String({ minLength: 1, maxLength: 255 });
const Path = Type.String({ minLength: 1, maxLength: 4096 });
const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** A file with the content that it is to have, or had when it was listed. `size` in bytes. */
export const FileContent = Type.Object({ path: Path, sha256: Sha256, size: Bytes });
export type FileContent = Static<typeof FileContent>;

const RangeOfFile = Type.Object({ start: Bytes, length: Bytes });

/** Made by who sends a pack, another one for each. */
const PackId = Type.String({ minLength: 1, maxLength: 50 });

/** Body of `POST /updraft/transfer/find`: files that somebody wants to send. `after`: the pack that was cut off; the answer waits until what has arrived of it is kept. */
export const FindFiles = Type.Object({
  container: Container,
  files: Type.Array(FileContent, { minItems: 1, maxItems: mostFiles }),
  after: Type.Optional(PackId),
});
export type FindFiles = Static<typeof FindFiles>;

/** The answer, in the order of the question: files that are there now, since the plane had their content, and of the others what has arrived already. */
export const FoundFiles = Type.Object({
  files: Type.Array(Type.Object({ isThere: Type.Boolean(), arrived: Type.Array(RangeOfFile) })),
});
export type FoundFiles = Static<typeof FoundFiles>;

/** A part of a file, or all of it. */
export const Piece = Type.Intersect([FileContent, RangeOfFile]);
export type Piece = Static<typeof Piece>;

/** Body of `POST /updraft/transfer/read`, which answers the bytes of the pieces, one after the other. */
export const PiecesOf = Type.Object({ container: Container, pieces: Type.Array(Piece, { minItems: 1, maxItems: mostFiles }) });
export type PiecesOf = Static<typeof PiecesOf>;

/**
 * The head of a pack, the body of `POST /updraft/transfer/packs`: its JSON follows its length in bytes, four of them with the greatest first. After it come the bytes of the pieces, one after the other.
 */
export const PackHead = Type.Intersect([PiecesOf, Type.Object({ id: PackId })]);
export type PackHead = Static<typeof PackHead>;

/** Body of `POST /updraft/transfer/similar`: which file here may be another version of this one? */
export const SimilarTo = Type.Object({ container: Container, path: Path, size: Bytes });
export type SimilarTo = Static<typeof SimilarTo>;

/** The answer; without `file` there is none. */
export const SimilarFile = Type.Object({ file: Type.Optional(FileContent) });
export type SimilarFile = Static<typeof SimilarFile>;

/**
 * Body of `POST /updraft/transfer/chunks`: the chunks of a file, or groups of them, from `start`, where one begins, to `end`, where one ends. Answered with `ChunkList`.
 */
export const ChunksOf = Type.Object({
  container: Container,
  path: Path,
  sha256: Sha256,
  start: Bytes,
  end: Bytes,
  of: Type.Union([Type.Literal('chunks'), Type.Literal('groups')]),
});
export type ChunksOf = Static<typeof ChunksOf>;

/** Body of `POST /updraft/transfer/assemble`: makes a file of what has arrived of it, and of parts of another file, `from`, that begin there at `at`. */
export const AssembleFile = Type.Intersect([
  FileContent,
  Type.Object({
    container: Container,
    from: Type.Optional(FileContent),
    copies: Type.Array(Type.Intersect([RangeOfFile, Type.Object({ at: Bytes })]), { maxItems: mostCopies }),
  }),
]);
export type AssembleFile = Static<typeof AssembleFile>;
export type Copy = AssembleFile['copies'][number];

/** `isThere`: the file is there. Else it is being made: ask again, which waits. Or bytes are `missing`. */
export const AssembledFile = Type.Object({ isThere: Type.Boolean(), missing: Type.Array(RangeOfFile) });
export type AssembledFile = Static<typeof AssembledFile>;

/** A chunk of a file, or a group of chunks: two with the same hash are the same. */
export interface Chunk extends Range {
  /** The first 8 bytes of its SHA-256, in hex: enough to find it, and what is made of chunks is compared as a whole. */
  hash: string;
}

/** Bytes of one chunk in a list of them: its length, four bytes with the greatest first, and its hash. */
export const chunkEntryBytes = 12;
