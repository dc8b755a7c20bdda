import { comparePlaces, countOf, type Place, placeAt, sortedSet } from './points.ts';
import { type Chunk, type ChunkReader, isTile, type Sealed, type TileReader } from './sealed.ts';

/** Reads all that is sealed of a series; says what is wrong with it, a sentence each. */
export function checkSeries(
  chunks: readonly Chunk[],
  reader: ChunkReader,
  tiles: TileReader,
  run: number,
  key: number,
): { problems: string[]; points: number } {
  const problems: string[] = [];
  let points = 0;
  let before: Place | undefined;
  for (const chunk of chunks) {
    points += chunk.count;
    const problem = problemOf(chunk, reader);
    if (problem) problems.push(`a chunk of ${chunk.count} points ${problem}`);
    if (before && comparePlaces(before, chunk.first) >= 0) problems.push('two chunks overlap');
    before = chunk.last;
  }
  const checkTile = (sealed: Sealed): void => {
    if (!isTile(sealed)) return;
    const children = tiles.children(run, key, sealed);
    const count = children.reduce((sum, child) => sum + child.count, 0);
    const isRight = count === sealed.count && comparePlaces(children[0]!.first, sealed.first) === 0;
    if (!isRight || comparePlaces(children.at(-1)!.last, sealed.last) !== 0 || tiles.units(sealed).sizes.length === 0)
      problems.push(`a tile of ${sealed.count} points does not cover what its row says`);
    children.forEach(checkTile);
  };
  tiles.roots(run, key).forEach(checkTile);
  return { problems, points };
}

function problemOf(chunk: Chunk, reader: ChunkReader): string | undefined {
  try {
    const points = reader.points(chunk);
    const [first, last] = [placeAt(points, 0), placeAt(points, countOf(points) - 1)];
    const isRight = countOf(points) === chunk.count && comparePlaces(first, chunk.first) === 0 && comparePlaces(last, chunk.last) === 0;
    reader.smallUnits(chunk);
    reader.largeUnits(chunk);
    return isRight && sortedSet(points) === points ? undefined : 'does not hold what its row says';
  } catch (error) {
    return `can't be read (${(error as Error).message})`;
  }
}
