import type { MetricSeries } from '../../protocol/mlflow.ts';
import { countOf, type Points, pick } from './points.ts';

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
    const chosen = [start, min, max, gap, end - 1].sort((a, b) => a - b);
    for (let i = 0; i < chosen.length; i++) if (chosen[i]! >= 0 && (i === 0 || chosen[i] !== chosen[i - 1])) indexes.push(chosen[i]!);
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
