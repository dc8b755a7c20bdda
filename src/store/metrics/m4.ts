import type { MetricSeries } from '../../protocol/mlflow.ts';
import { concat, countOf, type Points, pick } from './points.ts';

/**
 * M4 reduction (Jugel et al., VLDB 2014): of each bucket the first, last, smallest and greatest point stay, in their order. A value that is not finite is no extreme;
 * the first one of a bucket stays too, so that a gap is drawn where there is one. Reducing what was reduced before gives the same as reducing it at once.
 */
export class Reduction {
  readonly indexes: number[] = [];
  private readonly values: Float64Array;

  constructor(values: Float64Array) {
    this.values = values;
  }

  /** Adds the bucket of the points `start` to `end` (exclusive). */
  bucket(start: number, end: number): void {
    const { values, indexes } = this;
    let min = -1;
    let max = -1;
    let gap = -1;
    for (let i = start; i < end; i++) {
      const value = values[i]!;
      if (value - value !== 0) {
        if (gap < 0) gap = i;
      } else {
        if (min < 0 || value < values[min]!) min = i;
        if (max < 0 || value > values[max]!) max = i;
      }
    }
    let [first, second, third] = [min, max, gap];
    if (first > second) [first, second] = [second, first];
    if (second > third) [second, third] = [third, second];
    if (first > second) [first, second] = [second, first];
    indexes.push(start);
    for (const next of [first, second, third, end - 1]) if (next > indexes.at(-1)!) indexes.push(next);
  }
}

/** A reduced run of points, `sizes[i]` of which stand for the i-th unit of equally many original points. */
export interface Units {
  points: Points;
  sizes: Uint8Array;
}

/** Reduces each `unit` consecutive points. */
export function unitsOf(points: Points, unit: number): Units {
  const count = countOf(points);
  const reduction = new Reduction(points.values);
  const sizes = new Uint8Array(Math.ceil(count / unit));
  for (let i = 0; i < sizes.length; i++) {
    const before = reduction.indexes.length;
    reduction.bucket(i * unit, Math.min(count, (i + 1) * unit));
    sizes[i] = reduction.indexes.length - before;
  }
  return { points: pick(points, reduction.indexes), sizes };
}

/** Makes one unit of each `count` consecutive ones. */
export function reduceUnits({ points, sizes }: Units, count: number): Units {
  const reduction = new Reduction(points.values);
  const reduced = new Uint8Array(Math.ceil(sizes.length / count));
  let start = 0;
  for (let i = 0; i < reduced.length; i++) {
    let end = start;
    for (const size of sizes.subarray(i * count, (i + 1) * count)) end += size;
    const before = reduction.indexes.length;
    reduction.bucket(start, end);
    reduced[i] = reduction.indexes.length - before;
    start = end;
  }
  return { points: pick(points, reduction.indexes), sizes: reduced };
}

/** Units that follow each other, in one. */
export function joinUnits(parts: Units[]): Units {
  const sizes = new Uint8Array(parts.reduce((sum, part) => sum + part.sizes.length, 0));
  let at = 0;
  for (const part of parts) {
    sizes.set(part.sizes, at);
    at += part.sizes.length;
  }
  return { points: concat(parts.map((part) => part.points)), sizes };
}

/** Where each unit begins among the points. */
export function unitStarts({ sizes }: Units): Uint32Array {
  const starts = new Uint32Array(sizes.length);
  for (let i = 1; i < sizes.length; i++) starts[i] = starts[i - 1]! + sizes[i - 1]!;
  return starts;
}

/** Points on an axis, in its order. `units`, where there are some, may not be torn apart: a bucket ends between two of them. */
export function reduceToBuckets(
  points: Points,
  axis: Float64Array,
  from: number,
  to: number,
  buckets: number,
  unitStarts?: Uint32Array,
): Points {
  const count = countOf(points);
  const width = (to - from) / buckets;
  const last = buckets - 1;
  const reduction = new Reduction(points.values);
  // Without any extent of the axis the position in the series is the axis.
  const bucketOf = (index: number) =>
    width > 0 ? Math.min(last, Math.floor((axis[index]! - from) / width)) : Math.floor((index * buckets) / count);
  const total = unitStarts ? unitStarts.length : count;
  const startOf = (unit: number) => (unit === total ? count : unitStarts ? unitStarts[unit]! : unit);
  let unit = 0;
  while (unit < total) {
    const bucket = bucketOf(startOf(unit));
    let next = unit + 1;
    while (next < total && bucketOf(startOf(next)) === bucket) next++;
    reduction.bucket(startOf(unit), startOf(next));
    unit = next;
  }
  return pick(points, reduction.indexes);
}

export function toSeries(key: string, total: number, { steps, ats, values }: Points): MetricSeries {
  return {
    key,
    total,
    steps: Array.from(steps),
    values: Array.from(values, (value) => (Number.isFinite(value) ? value : null)),
    times: Array.from(ats),
  };
}
