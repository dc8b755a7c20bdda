import type { Extremes } from '../runQuery.ts';
import type { Extent } from './extent.ts';
import { joinUnits, reduceToBuckets, type Units, unitStarts, unitsOf } from './m4.ts';
import type { ReducedSeries, SeriesRange } from './metricStore.ts';
import {
  byTime,
  concat,
  countOf,
  indexOf,
  isBeforeInTime,
  isTimeOrdered,
  merge,
  noPoints,
  type Points,
  pick,
  placeAt,
  slice,
} from './points.ts';
import { type Chunk, type ChunkReader, isTile, type LooseReader, type Sealed, type TileReader } from './sealed.ts';

/** Points in memory, into which the chunks `merged` went. */
export interface Memory extends Extent {
  points: Points;
  merged: Chunk[];
}

/** Runs of which it is remembered how much is sealed. */
const mostRuns = 2000;

/** A stretch of a series: as it lies on the disk, or in memory. */
export type Part = Sealed | Memory;

export const isMemory = (part: Part): part is Memory => 'points' in part;

/** Reads a series, whatever of it is sealed, packed or only logged. */
export class SeriesReader {
  private readonly chunks: ChunkReader;
  private readonly pyramid: TileReader;
  private readonly loose: LooseReader;
  private sorted: { run: number; key: number; points: Points } | undefined;
  /** By run and key: how many points are sealed, and the last step of these. */
  private readonly sealed = new Map<number, Map<number, { count: number; lastStep: number }>>();

  constructor(chunks: ChunkReader, pyramid: TileReader, loose: LooseReader) {
    this.chunks = chunks;
    this.pyramid = pyramid;
    this.loose = loose;
  }

  /** Something of the run, or of any, was written. */
  forget(run?: number): void {
    if (run === undefined || this.sorted?.run === run) this.sorted = undefined;
  }

  /** Points of a run, or of any, were sealed, or sealed ones were moved or removed. */
  forgetSealed(run?: number): void {
    if (run === undefined) this.sealed.clear();
    else this.sealed.delete(run);
  }

  /** The whole series in parts that follow each other; a chunk into which loose points fall comes merged with them. */
  parts(run: number, key: number, loose = this.loose.of(run, key)): Part[] {
    const parts: Part[] = [];
    let memory: Points[] = [];
    let merged: Chunk[] = [];
    const settle = () => {
      if (memory.length) parts.push(memoryOf(concat(memory), merged));
      memory = [];
      merged = [];
    };
    let at = 0;
    const place = (sealed: Sealed) => {
      const start = indexOf(loose, sealed.first, false, at);
      if (start > at) memory.push(slice(loose, at, start));
      at = start;
      const end = indexOf(loose, sealed.last, true, start);
      if (end === start) {
        settle();
        parts.push(sealed);
      } else if (isTile(sealed)) {
        for (const child of this.pyramid.children(run, key, sealed)) place(child);
      } else {
        memory.push(merge(this.chunks.points(sealed), slice(loose, start, end)));
        merged.push(sealed);
        at = end;
      }
    };
    for (const root of this.pyramid.roots(run, key)) place(root);
    if (at < countOf(loose)) memory.push(slice(loose, at, countOf(loose)));
    settle();
    return parts;
  }

  /** Points `offset` to `offset + limit` by time, then step, then value. */
  history(run: number, key: number, offset: number, limit: number): Points {
    const parts = this.parts(run, key);
    if (!followTime(parts)) {
      if (this.sorted?.run !== run || this.sorted.key !== key) this.sorted = { run, key, points: byTime(this.whole(run, key, parts)) };
      return slice(this.sorted.points, offset, offset + limit);
    }
    const found: Points[] = [];
    let at = 0;
    const read = (part: Part) => {
      if (at >= offset + limit || at + part.count <= offset) at += part.count;
      else if (isTile(part)) this.pyramid.children(run, key, part).forEach(read);
      else {
        found.push(slice(this.pointsOf(part), Math.max(0, offset - at), Math.min(part.count, offset + limit - at)));
        at += part.count;
      }
    };
    parts.forEach(read);
    return concat(found);
  }

  /** The first point of each of `most` equally large groups of the steps from `from` to `to`, and the last point: MLflow's sampling. */
  sample(run: number, key: number, most: number, { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: SeriesRange): Points {
    const whole = this.whole(run, key, this.inside(run, key, this.parts(run, key), 'step', from, to));
    const count = countOf(whole);
    const groups = Math.min(most, count);
    const indexes: number[] = [];
    // The first groups are larger by one where the count is no multiple.
    for (let group = 0; group < groups; group++) indexes.push(group * Math.floor(count / groups) + Math.min(group, count % groups));
    if (count && indexes.at(-1) !== count - 1) {
      if (indexes.length === most) indexes.pop();
      indexes.push(count - 1);
    }
    return pick(whole, indexes);
  }

  /** Reduced by M4 to about `most` points. A long series is read from its units, some for each bucket, so it costs no more than a short one. */
  reduced(run: number, keyId: number, most: number, range: SeriesRange): ReducedSeries {
    const newest = range.axis === 'time' ? undefined : this.newest(run, keyId, most, range);
    if (newest) return newest;
    const parts = this.parts(run, keyId);
    const total = countOfAll(parts);
    const axis: Axis = range.axis === 'time' ? 'at' : 'step';
    const axisOf = (points: Points) => (axis === 'at' ? points.ats : points.steps);
    const lower = range.from ?? Number.NEGATIVE_INFINITY;
    const upper = range.to ?? Number.POSITIVE_INFINITY;
    const buckets = Math.max(1, Math.floor(most / 4));
    const atOnce = (points: Points) => {
      if (countOf(points) <= most) return { total, points };
      const along = axisOf(points);
      return { total, points: reduceToBuckets(points, along, along[0]!, along.at(-1)!, buckets) };
    };
    if (axis === 'at' && !followTime(parts)) return atOnce(clip(byTime(this.whole(run, keyId, parts)), axis, lower, upper));

    const inside = this.inside(run, keyId, parts, axis, lower, upper);
    const count = countOfAll(inside);
    const { small, large } = this.chunks.sizes;
    if (count <= most || count < buckets * leastUnits * small) return atOnce(this.whole(run, keyId, inside));
    const perUnit = count / (buckets * usualUnits);

    const from = inside[0]!.first[axis];
    const to = inside.at(-1)!.last[axis];
    const widestUnit = (to - from) / (buckets * leastUnits);
    const found: Units[] = [];
    // Where points are far apart, a unit may stand for several buckets: there smaller units, or the points, are read.
    const take = (units: Units): boolean => {
      const isFine = widestUnit === 0 || widest(units, axisOf(units.points)) <= widestUnit;
      if (isFine) found.push(units);
      return isFine;
    };
    const read = (part: Part): void => {
      if (isTile(part)) {
        if (this.pyramid.unitOf(part) > perUnit || !take(this.pyramid.units(part))) this.pyramid.children(run, keyId, part).forEach(read);
        return;
      }
      if (!isMemory(part) && ((large <= perUnit && take(this.chunks.largeUnits(part))) || take(this.chunks.smallUnits(part)))) return;
      const points = this.pointsOf(part);
      if (!isMemory(part) || !take(unitsOf(points, small))) found.push(unitsOf(points, 1));
    };
    inside.forEach(read);
    const units = joinUnits(found);
    return { total, points: reduceToBuckets(units.points, axisOf(units.points), from, to, buckets, unitStarts(units)) };
  }

  /** What a page that follows a run asks for: only points which are not sealed yet, and few of them. Undefined where it is more. Nothing sealed is read, but once how much there is. */
  private newest(run: number, key: number, most: number, { from, to = Number.POSITIVE_INFINITY }: SeriesRange): ReducedSeries | undefined {
    if (from === undefined) return undefined;
    const { count, lastStep } = this.sealedOf(run, key);
    if (from <= lastStep) return undefined;
    const loose = this.loose.of(run, key);
    // A late point may be one of the sealed ones, once more.
    if (countOf(loose) > 0 && loose.steps[0]! <= lastStep) return undefined;
    const points = clip(loose, 'step', from, to);
    return countOf(points) > most ? undefined : { total: count + countOf(loose), points };
  }

  private sealedOf(run: number, key: number): { count: number; lastStep: number } {
    let ofRun = this.sealed.get(run);
    if (!ofRun) {
      if (this.sealed.size >= mostRuns) this.sealed.clear();
      this.sealed.set(run, (ofRun = new Map()));
    }
    let found = ofRun.get(key);
    if (!found) {
      const roots = this.pyramid.roots(run, key);
      ofRun.set(key, (found = { count: countOfAll(roots), lastStep: roots.at(-1)?.last.step ?? Number.NEGATIVE_INFINITY }));
    }
    return found;
  }

  /** Where the series is smallest and greatest, of the values that are finite. The topmost units have these points, so nothing below them is read. */
  extremes(run: number, key: number): Extremes | undefined {
    let found: Extremes | undefined;
    for (const part of this.parts(run, key)) {
      const { steps, values } = isMemory(part)
        ? part.points
        : (isTile(part) ? this.pyramid.units(part) : this.chunks.largeUnits(part)).points;
      for (let i = 0; i < values.length; i++) {
        const [value, step] = [values[i]!, steps[i]!];
        if (value - value !== 0) continue;
        found ??= { min: { value, step }, max: { value, step } };
        if (value < found.min.value) found.min = { value, step };
        if (value > found.max.value) found.max = { value, step };
      }
    }
    return found;
  }

  /** All points of the parts. */
  whole(run: number, key: number, parts: Part[]): Points {
    const found: Points[] = [];
    const read = (part: Part): void => {
      if (isTile(part)) this.pyramid.children(run, key, part).forEach(read);
      else found.push(this.pointsOf(part));
    };
    parts.forEach(read);
    return found.length ? concat(found) : noPoints;
  }

  private pointsOf(part: Chunk | Memory): Points {
    return isMemory(part) ? part.points : this.chunks.points(part);
  }

  /** What of the parts lies between two places of an axis, in whose order they are. */
  private inside(run: number, key: number, parts: Part[], axis: Axis, from: number, to: number): Part[] {
    return parts.flatMap((part) => {
      if (part.last[axis] < from || part.first[axis] > to) return [];
      if (part.first[axis] >= from && part.last[axis] <= to) return [part];
      if (isTile(part)) return this.inside(run, key, this.pyramid.children(run, key, part), axis, from, to);
      const points = clip(this.pointsOf(part), axis, from, to);
      return countOf(points) ? [memoryOf(points, [])] : [];
    });
  }
}

type Axis = 'step' | 'at';

/** The points between two places of an axis, in whose order they are. */
function clip(points: Points, axis: Axis, from: number, to: number): Points {
  const along = axis === 'at' ? points.ats : points.steps;
  return slice(points, firstFrom(along, from, false), firstFrom(along, to, true));
}

/** Units for a bucket of a chart: with fewer than one there are fewer buckets than were asked for, with fewer than two their edges are not where they belong. */
const leastUnits = 0.75;
const usualUnits = 1.5;

const countOfAll = (parts: Extent[]): number => parts.reduce((sum, part) => sum + part.count, 0);

const followTime = (parts: Part[]): boolean =>
  parts.every((part, index) => part.isTimeOrdered && (index === 0 || isBeforeInTime(parts[index - 1]!.last, part.first)));

const memoryOf = (points: Points, merged: Chunk[]): Memory => ({
  points,
  merged,
  count: countOf(points),
  first: placeAt(points, 0),
  last: placeAt(points, countOf(points) - 1),
  isTimeOrdered: isTimeOrdered(points),
});

/** Index of the first number that is at least `bound`, or, with `after`, greater. */
function firstFrom(axis: Float64Array, bound: number, after: boolean): number {
  let [low, high] = [0, axis.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (axis[middle]! < bound || (after && axis[middle] === bound)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function widest({ sizes }: Units, axis: Float64Array): number {
  let most = 0;
  let start = 0;
  for (const size of sizes) {
    most = Math.max(most, axis[start + size - 1]! - axis[start]!);
    start += size;
  }
  return most;
}
