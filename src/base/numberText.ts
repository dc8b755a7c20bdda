/** Larger and smaller numbers are written with an exponent. */
export const most = 1e6;
export const least = 1e-3;

/** How what is no finite number is written; undefined for a number. */
export const withoutNumber = (value: number | null | undefined): string | undefined => {
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

/** A finite number in the way that suits one as large as `scale`. */
export function plainOrExponential(value: number, scale: number): string {
  if (value === 0) return '0';
  if (scale < least || scale >= most) return exponential(value, 2);
  if (Number.isInteger(value)) return String(value);
  const digits = Math.min(20, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))));
  return trimmed(value.toFixed(digits));
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
