import type { PyramidSizes } from './extent.ts';
import { countOf, type Points } from './points.ts';
import { type Chunk, isTile, type Tile } from './sealed.ts';
import { isMemory, type Part } from './series.ts';

/** A run is sealed when its write-ahead part has so many records or points. */
export const fullAt = { records: 2048, points: 16_384 };
/** A shorter series stays in its run's pack; a pack of more points gives its longest series away. */
const shortest = 256;
const packLimit = 65_536;

/** Of the loose series of a run those that get chunks, the longest first; the others are its pack. */
export function longSeries(all: ReadonlyMap<number, Points>): [key: number, points: Points][] {
  let left = 0;
  for (const points of all.values()) left += countOf(points);
  const long: [number, Points][] = [];
  // Longest first, so that what stays is short.
  for (const [key, points] of [...all].sort((a, b) => countOf(b[1]) - countOf(a[1]))) {
    if (countOf(points) < shortest && left <= packLimit) break;
    long.push([key, points]);
    left -= countOf(points);
  }
  return long;
}

/** Parts that become chunks together, and the chunks in whose place these come. */
export interface Join {
  parts: Exclude<Part, Tile>[];
  chunks: Chunk[];
}

/** Joins points in memory with the chunks into whose extent they fall, and with small ones before them: a chunk is rewritten a few times until it is full. */
export function joinsOf(parts: readonly Part[], { chunk }: PyramidSizes): Join[] {
  const joins: Join[] = [];
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i]!;
    if (!isMemory(part)) continue;
    const joined: Exclude<Part, Tile>[] = [part];
    let count = part.count;
    while (i > 0) {
      const before = parts[i - 1]!;
      // What a tile covers is full.
      if (isTile(before) || (!isMemory(before) && (before.count >= chunk / 2 || before.count > 4 * count))) break;
      joined.unshift(before);
      count += before.count;
      i--;
    }
    joins.push({ parts: joined, chunks: joined.flatMap((each) => (isMemory(each) ? each.merged : [each])) });
  }
  return joins;
}

/** Whether the chunks of a series would be fewer when they were packed anew. */
export const isScattered = (chunks: readonly Chunk[], { chunk }: PyramidSizes): boolean =>
  chunks.length >= 2 && !chunks.every(({ count }) => count >= chunk / 2);
