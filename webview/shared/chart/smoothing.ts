/** How a line is smoothed: by points, or by the distance between them, so that lines logged at different rates look alike. */
export type Smoothing = 'points' | 'distance';

/** As many parts of the whole range weigh as much as so many points do. */
const parts = 1000;

/**
 * Exponential moving average with its start bias taken out, as TensorBoard does it. `weight` from 0 (none) up to, not including, 1. With `x` it is weighted by
 * distance. Gaps (NaN and what is not finite) stay gaps and the average goes on behind them.
 */
export function smooth(values: Float64Array, weight: number, x?: Float64Array): Float64Array {
  const smoothed = new Float64Array(values.length);
  const range = x && x.length > 1 ? Math.abs(x.at(-1)! - x[0]!) : 0;
  let sum = 0;
  let weights = 0;
  let before = -1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isFinite(value)) {
      smoothed[at] = Number.NaN;
      continue;
    }
    const keep = range > 0 && before >= 0 ? weight ** ((Math.abs(x![at]! - x![before]!) / range) * parts) : weight;
    sum = sum * keep + (1 - weight) * value;
    weights = weights * keep + (1 - weight);
    smoothed[at] = sum / weights;
    before = at;
  }
  return smoothed;
}
