import type { Cell } from '../../../src/protocol/runTable.ts';
import { formatNumber } from '../../shared/chart/numbers.ts';

/** Digits after the point that a column has at most. */
const mostDigits = 6;

/** Whether a number is written with a point, not an exponent. */
const isPlain = (value: number): boolean => value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6);

/** Digits after the point that these numbers need for four that count. */
export function digitsOf(values: readonly Cell[]): number {
  let digits = 0;
  for (const value of values) {
    if (typeof value !== 'number' || !isPlain(value) || Number.isInteger(value)) continue;
    const point = String(Number(value.toPrecision(4))).split('.')[1];
    digits = Math.max(digits, point?.length ?? 0);
  }
  return Math.min(mostDigits, digits);
}

/** A metric with as many digits after the point as its column has. */
export function metricText(value: Cell | undefined, digits: number): string {
  if (typeof value !== 'number') return value ?? '';
  return isPlain(value) ? value.toFixed(digits) : formatNumber(value);
}

/** Whether a text is a number as people write parameters, which then stands at the right. */
export const isNumberText = (text: string): boolean => text.length < 40 && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text);
