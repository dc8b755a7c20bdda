import type { MetricSeries } from '../../../protocol/mlflow.ts';
import { reduceToBuckets, toSeries, type Units, unitsOf } from '../../metrics/m4.ts';
import {
  byTime,
  concat,
  countOf,
  indexOf,
  isBeforeInTime,
  isTimeOrdered,
  merge,
  type Place,
  type Points,
  pick,
  placeAt,
  slice,
} from '../../metrics/points.ts';
import type { SeriesRange } from '../../store.ts';
import { type Chunk, type Chunks, largeUnit, smallUnit } from './chunks.ts';
import type { LoosePoints } from './loose.ts';

/** A run of a series in its order: a chunk as it lies on the disk, or points in memory, into which the chunks `merged` went. */
export type Part = { count: number; first: Place; last: Place } & ({ chunk: Chunk } | { points: Points; merged: Chunk[] });

/** Reads a series, whatever of it is sealed, packed or only logged. */
export class SeriesReader {
  private readonly chunks: Chunks;
  private readonly loose: LoosePoints;
  private sorted: { run: number; key: number; points: Points } | undefined;

  constructor(chunks: Chunks, loose: LoosePoints) {
    this.chunks = chunks;
    this.loose = loose;
  }

  /** Something of the run was written. */
  forget(run: number): void {
    if (this.sorted?.run === run) this.sorted = undefined;
  }

  /** The whole series in parts that follow each other; a chunk into which loose points fall comes merged with them. */
  parts(run: number, key: number, loose = this.loose.of(run, key)): Part[] {
    const parts: Part[] = [];
    let memory: Points[] = [];
    let merged: Chunk[] = [];
    const settle = () => {
      if (memory.length) parts.push(partOf(concat(memory), merged));
      memory = [];
      merged = [];
    };
    let at = 0;
    for (const chunk of this.chunks.list(run, key)) {
      const start = indexOf(loose, chunk.first, false, at);
      if (start > at) memory.push(slice(loose, at, start));
      const end = indexOf(loose, chunk.last, true, start);
      if (end > start) {
        memory.push(merge(this.chunks.points(chunk), slice(loose, start, end)));
        merged.push(chunk);
      } else {
        settle();
        parts.push({ chunk, count: chunk.count, first: chunk.first, last: chunk.last });
      }
      at = end;
    }
    if (at < countOf(loose)) memory.push(slice(loose, at, countOf(loose)));
    settle();
    return parts;
  }

  pointsOf(part: Part): Points {
    return 'chunk' in part ? this.chunks.points(part.chunk) : part.points;
  }

  /** Points `offset` to `offset + limit` by time, then step, then value. */
  history(run: number, key: number, offset: number, limit: number): Points {
    const parts = this.parts(run, key);
    if (!this.followTime(parts)) {
      if (this.sorted?.run !== run || this.sorted.key !== key) this.sorted = { run, key, points: byTime(this.whole(parts)) };
      return slice(this.sorted.points, offset, offset + limit);
    }
    const found: Points[] = [];
    let at = 0;
    for (const part of parts) {
      if (at < offset + limit && at + part.count > offset)
        found.push(slice(this.pointsOf(part), Math.max(0, offset - at), Math.min(part.count, offset + limit - at)));
      at += part.count;
    }
    return concat(found);
  }

  /** The first point of each of `most` equally large groups of the steps from `from` to `to`, and the last point: MLflow's sampling. */
  sample(run: number, key: number, most: number, { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: SeriesRange): Points {
    const inside = this.parts(run, key).filter((part) => part.last.step >= from && part.first.step <= to);
    const whole = this.whole(inside);
    const [start, end] = [firstFrom(whole.steps, from, false), firstFrom(whole.steps, to, true)];
    const count = end - start;
    const groups = Math.min(most, count);
    const indexes: number[] = [];
    // The first groups are larger by one where the count is no multiple.
    for (let group = 0; group < groups; group++) indexes.push(start + group * Math.floor(count / groups) + Math.min(group, count % groups));
    if (count && indexes.at(-1) !== end - 1) {
      if (indexes.length === most) indexes.pop();
      indexes.push(end - 1);
    }
    return pick(whole, indexes);
  }

  /** Reduced by M4 to about `most` points. A long series is read from its reduced units, so it costs no more than a short one. */
  reduced(key: string, run: number, keyId: number, most: number, range: SeriesRange): MetricSeries {
    const parts = this.parts(run, keyId);
    const total = parts.reduce((sum, part) => sum + part.count, 0);
    if (total === 0) return toSeries(key, 0, concat([]));
    const time = range.axis === 'time';
    const axisOf = (points: Points) => (time ? points.ats : points.steps);
    const lower = range.from ?? Number.NEGATIVE_INFINITY;
    const upper = range.to ?? Number.POSITIVE_INFINITY;
    const clip = (points: Points) => {
      const axis = axisOf(points);
      return slice(points, firstFrom(axis, lower, false), firstFrom(axis, upper, true));
    };
    const buckets = Math.max(1, Math.floor(most / 4));
    const atOnce = (points: Points) => {
      if (countOf(points) <= most) return toSeries(key, total, points);
      const axis = axisOf(points);
      return toSeries(key, total, reduceToBuckets(points, axis, axis[0]!, axis.at(-1)!, buckets));
    };
    if (time && !this.followTime(parts)) return atOnce(clip(byTime(this.whole(parts))));

    const at = (place: Place) => (time ? place.at : place.step);
    const inside = parts.filter((part) => at(part.last) >= lower && at(part.first) <= upper);
    const count = inside.reduce((sum, part) => sum + part.count, 0);
    if (count === 0) return toSeries(key, total, concat([]));
    if (count <= Math.max(most, buckets * 2 * smallUnit)) return atOnce(clip(this.whole(inside)));

    const from = Math.max(lower, at(inside[0]!.first));
    const to = Math.min(upper, at(inside.at(-1)!.last));
    const width = (to - from) / buckets;
    const coarse = count > buckets * 1.5 * largeUnit;
    const found: Units[] = [];
    // Where points are far apart, a unit may stand for several buckets: there the smaller units, or the points, are read.
    const isFine = (units: Units) => width === 0 || widest(units, axisOf(units.points)) <= width;
    for (const part of inside) {
      const isCut = at(part.first) < from || at(part.last) > to;
      let units: Units | undefined;
      if (isCut || !('chunk' in part)) units = unitsOf(clip(this.pointsOf(part)), smallUnit);
      else {
        if (coarse) units = this.chunks.largeUnits(part.chunk);
        if (!units || !isFine(units)) units = this.chunks.smallUnits(part.chunk);
      }
      found.push(isFine(units) ? units : unitsOf(clip(this.pointsOf(part)), 1));
    }
    const points = concat(found.map((units) => units.points));
    const starts = new Uint32Array(found.reduce((sum, { sizes }) => sum + sizes.length, 0));
    let [unit, start] = [0, 0];
    for (const { sizes } of found) {
      for (const size of sizes) {
        starts[unit++] = start;
        start += size;
      }
    }
    return toSeries(key, total, reduceToBuckets(points, axisOf(points), from, to, buckets, starts));
  }

  whole(parts: Part[]): Points {
    return concat(parts.map((part) => this.pointsOf(part)));
  }

  private followTime(parts: Part[]): boolean {
    return parts.every(
      (part, index) =>
        ('chunk' in part ? part.chunk.isTimeOrdered : isTimeOrdered(part.points)) &&
        (index === 0 || isBeforeInTime(parts[index - 1]!.last, part.first)),
    );
  }
}

const partOf = (points: Points, merged: Chunk[]): Part => ({
  points,
  merged,
  count: countOf(points),
  first: placeAt(points, 0),
  last: placeAt(points, countOf(points) - 1),
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
