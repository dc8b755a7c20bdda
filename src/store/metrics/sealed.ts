import { compress, encodePoints, encodeUnits } from './columnCodec.ts';
import type { Extent, PyramidSizes } from './extent.ts';
import { joinUnits, reduceUnits, type Units, unitsOf } from './m4.ts';
import { countOf, isBeforeInTime, isTimeOrdered, type Points, placeAt, slice } from './points.ts';

/** A sealed chunk: sorted points of one series, none of which lies inside another chunk's extent. Small units lie beside its points, large ones in its row. */
export interface Chunk extends Extent {
  /** Row of its bytes. */
  data: number;
  large: Uint8Array;
}

/**
 * What stands above the chunks of a series: a tile of level 1 covers `fan` of them that follow each other and has all their large units, a tile of level n covers as many
 * of the level below, and each of its units is `fan` of theirs. So a chart of any zoom reads some dozens of rows, however long the series is.
 */
export interface Tile extends Extent {
  level: number;
  units: Uint8Array;
}

export type Sealed = Tile | Chunk;

export const isTile = <T extends Extent>(part: T | Tile): part is Tile => 'level' in part;

export const levelOf = (sealed: Sealed): number => (isTile(sealed) ? sealed.level : 0);

/** The chunks of all series, as they are read. */
export interface ChunkReader {
  readonly sizes: PyramidSizes;
  points(chunk: Chunk): Points;
  smallUnits(chunk: Chunk): Units;
  largeUnits(chunk: Chunk): Units;
}

/** The tiles over the chunks, as they are read. */
export interface TileReader {
  /** A sealed series in its order, in the fewest parts. */
  roots(run: number, key: number): Sealed[];
  /** What a tile covers, in order. */
  children(run: number, key: number, tile: Tile): Sealed[];
  units(tile: Tile): Units;
  /** How many points one unit of a tile stands for. */
  unitOf(tile: Tile): number;
}

/** Points that are in no chunk. */
export interface LooseReader {
  /** Of one series, in order, each point once. */
  of(run: number, key: number): Points;
}

/** A chunk to be written. */
export interface NewChunk extends Extent {
  small: Uint8Array;
  data: Uint8Array;
  large: Uint8Array;
}

/** Points in order as the chunks that they need. */
export function chunksOf(points: Points, { chunk, small, large }: PyramidSizes, level?: number): NewChunk[] {
  const count = countOf(points);
  const pieces = Math.ceil(count / chunk);
  return Array.from({ length: pieces }, (_, piece) => {
    const part = slice(points, Math.floor((piece * count) / pieces), Math.floor(((piece + 1) * count) / pieces));
    return {
      first: placeAt(part, 0),
      last: placeAt(part, countOf(part) - 1),
      count: countOf(part),
      isTimeOrdered: isTimeOrdered(part),
      small: compress(encodeUnits(unitsOf(part, small))),
      data: encodePoints(part, level),
      large: encodeUnits(unitsOf(part, large)),
    };
  });
}

/** Parts that follow each other and have as many neighbours of their level as a tile takes. Chunks that may still grow are in none. */
export function fullGroups(roots: readonly Sealed[], { chunk, fan }: PyramidSizes): Sealed[][] {
  const groups: Sealed[][] = [];
  let group: Sealed[] = [];
  for (const root of roots) {
    const isReady = isTile(root) || root.count >= chunk / 2;
    if (!isReady || (group.length > 0 && levelOf(group[0]!) !== levelOf(root))) group = [];
    if (isReady) group.push(root);
    if (group.length === fan) {
      groups.push(group);
      group = [];
    }
  }
  return groups;
}

/** The tile over a full group. */
export function tileOver(
  group: readonly Sealed[],
  chunks: Pick<ChunkReader, 'sizes' | 'largeUnits'>,
  tiles: Pick<TileReader, 'units'>,
): Tile {
  const units = joinUnits(group.map((each) => (isTile(each) ? reduceUnits(tiles.units(each), chunks.sizes.fan) : chunks.largeUnits(each))));
  return {
    level: levelOf(group[0]!) + 1,
    first: group[0]!.first,
    last: group.at(-1)!.last,
    count: group.reduce((sum, { count }) => sum + count, 0),
    isTimeOrdered: group.every((each, i) => each.isTimeOrdered && (i === 0 || isBeforeInTime(group[i - 1]!.last, each.first))),
    units: encodeUnits(units),
  };
}
