import { least, most, plainOrExponential, withoutNumber } from '../../../src/base/numberText.ts';

export { formatNumber } from '../../../src/base/numberText.ts';

/** How to write numbers that stand beside each other: all of them in the way that suits the largest, so that no `9e-4` is beside a `0.001`. */
export function commonFormat(values: Iterable<number | null | undefined>): (value: number | null | undefined) => string {
  let largest = 0;
  for (const value of values) if (typeof value === 'number' && Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  return (value) => withoutNumber(value) ?? plainOrExponential(value!, largest);
}

/** Marks of an axis: with as many digits as tell neighbours apart, all the same. */
export function formatTicks(ticks: readonly number[]): string[] {
  if (ticks.length === 0) return [];
  const largest = Math.max(...ticks.map(Math.abs));
  const step = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : largest || 1;
  if (largest >= most || (largest > 0 && largest < least)) {
    const digits = Math.min(15, Math.max(0, Math.floor(Math.log10(largest)) - Math.floor(Math.log10(step) + 1e-9)));
    return ticks.map((tick) => (tick === 0 ? '0' : tick.toExponential(digits).replace('e+', 'e')));
  }
  const decimals = Math.min(20, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return ticks.map((tick) => (tick === 0 ? '0' : tick.toFixed(decimals)));
}

/** All digits of a number, as they are for copying. */
export const exactNumber = (value: number): string =>
  withoutNumber(value) === undefined ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
