/** Larger and smaller numbers are written with an exponent. */
const most = 1e6;
const least = 1e-3;

const withoutNumber = (value: number | null | undefined): string | undefined => {
  if (value === null || value === undefined) return '–';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  return undefined;
};

const exponential = (value: number, digits: number): string =>
  value
    .toExponential(digits)
    .replace(/(\.\d*?)0+e/, '$1e')
    .replace('.e', 'e')
    .replace('e+', 'e');

/** A metric's value for people: four significant digits, exponents only where zeros would be counted. */
export function formatNumber(value: number | null | undefined): string {
  return withoutNumber(value) ?? plainOrExponential(value!, Math.abs(value!));
}

function plainOrExponential(value: number, scale: number): string {
  if (value === 0) return '0';
  if (scale < least || scale >= most) return exponential(value, 2);
  if (Number.isInteger(value)) return String(value);
  const digits = Math.min(20, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))));
  return trimmed(value.toFixed(digits));
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

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
