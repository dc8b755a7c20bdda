import { formatNumber } from '../../shared/chart/numbers.ts';

/** The values of a row for people: short, yet values that differ look different. */
export function metricTexts(values: readonly (number | undefined)[]): (string | undefined)[] {
  const finite = [...new Set(values.filter((value) => value !== undefined && Number.isFinite(value)))] as number[];
  const short = new Set(finite.map(formatNumber));
  if (short.size === finite.length) return values.map((value) => (value === undefined ? undefined : textOf(value, formatNumber)));
  for (let digits = 5; digits < 17; digits++) {
    const format = (value: number) => String(Number(value.toPrecision(digits)));
    if (new Set(finite.map(format)).size === finite.length)
      return values.map((value) => (value === undefined ? undefined : textOf(value, format)));
  }
  return values.map((value) => (value === undefined ? undefined : textOf(value, String)));
}

const textOf = (value: number, format: (value: number) => string): string =>
  Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? format(value) : formatNumber(value);
