/**
 * Exponential moving average with its start bias taken out, as TensorBoard does it. `weight` from 0 (none) up to, not including, 1. Gaps (null) stay gaps and
 * the average goes on behind them.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  let last = 0;
  let count = 0;
  return values.map((value) => {
    if (value === null) return null;
    last = last * weight + (1 - weight) * value;
    count++;
    return last / (1 - weight ** count);
  });
}
