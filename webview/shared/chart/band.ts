import type { Curve } from './line.ts';

/** Mean of several curves, and what lies between the least and the greatest of them, at places along the axis. */
export interface Band {
  x: Float64Array;
  mean: Float64Array;
  min: Float64Array;
  max: Float64Array;
}

/** Where a curve has no point its neighbours are joined by a line; before its first and behind its last point it counts for nothing. */
export function bandOf(curves: readonly Pick<Curve, 'x' | 'y'>[], places: number): Band {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x } of curves)
    if (x.length > 0) {
      from = Math.min(from, x[0]!);
      to = Math.max(to, x.at(-1)!);
    }
  const count = from > to ? 0 : from === to ? 1 : places;
  const x = Float64Array.from({ length: count }, (_, at) => from + ((to - from) * at) / Math.max(1, count - 1));
  const sum = new Float64Array(count);
  const among = new Float64Array(count);
  const min = new Float64Array(count).fill(Number.NaN);
  const max = new Float64Array(count).fill(Number.NaN);
  for (const curve of curves) {
    let at = 0;
    for (let place = 0; place < count; place++) {
      const here = x[place]!;
      while (at + 1 < curve.x.length && curve.x[at + 1]! <= here) at++;
      if (curve.x.length === 0 || here < curve.x[0]! || here > curve.x.at(-1)!) continue;
      const next = Math.min(at + 1, curve.x.length - 1);
      const width = curve.x[next]! - curve.x[at]!;
      const value = width > 0 ? curve.y[at]! + ((curve.y[next]! - curve.y[at]!) * (here - curve.x[at]!)) / width : curve.y[at]!;
      if (!Number.isFinite(value)) continue;
      sum[place]! += value;
      among[place]!++;
      if (!(value >= min[place]!)) min[place] = value;
      if (!(value <= max[place]!)) max[place] = value;
    }
  }
  return { x, mean: sum.map((value, at) => (among[at]! > 0 ? value / among[at]! : Number.NaN)), min, max };
}
