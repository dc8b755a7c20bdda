import type { MetricSeries } from '../../protocol/mlflow.ts';
import type { Point } from '../store.ts';

/**
 * M4 reduction (Jugel et al., VLDB 2014): the step axis is cut into buckets of equal width, and of each the first, last, smallest and greatest point stay.
 * `sorted` is ordered by step and time. A point that is not finite always becomes null and stays, so that a gap is drawn where there is one.
 */
export function m4(key: string, sorted: Point[], points: number): MetricSeries {
  const keep = sorted.length <= points ? sorted : reduce(sorted, Math.max(1, Math.floor(points / 4)));
  return {
    key,
    total: sorted.length,
    steps: keep.map((point) => point.step),
    values: keep.map((point) => (Number.isFinite(point.value) ? point.value : null)),
    times: keep.map((point) => point.at),
  };
}

function reduce(sorted: Point[], buckets: number): Point[] {
  const from = sorted[0]!.step;
  const width = (sorted.at(-1)!.step - from) / buckets;
  // Without any extent of steps the position in the series is the axis.
  const bucketOf = (point: Point, index: number) =>
    width > 0 ? Math.min(buckets - 1, Math.floor((point.step - from) / width)) : Math.floor((index * buckets) / sorted.length);
  const keep: Point[] = [];
  let start = 0;
  while (start < sorted.length) {
    const bucket = bucketOf(sorted[start]!, start);
    let end = start;
    let min = start;
    let max = start;
    const gaps: number[] = [];
    while (end < sorted.length && bucketOf(sorted[end]!, end) === bucket) {
      const { value } = sorted[end]!;
      if (!Number.isFinite(value)) {
        if (gaps.length === 0) gaps.push(end);
      } else {
        if (!(sorted[min]!.value <= value)) min = end;
        if (!(sorted[max]!.value >= value)) max = end;
      }
      end++;
    }
    const indexes = [...new Set([start, min, max, ...gaps, end - 1])].sort((a, b) => a - b);
    for (const index of indexes) keep.push(sorted[index]!);
    start = end;
  }
  return keep;
}
