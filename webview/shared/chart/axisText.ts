import { formatDuration } from '../../../src/base/text.ts';
import type { Axis } from './line.ts';
import { formatNumber } from './numbers.ts';

/** A place of the horizontal axis in words. Times in seconds. */
export function formatX(x: number, axis: Axis): string {
  if (axis === 'time') return new Date(x * 1000).toLocaleString('en', { dateStyle: 'short', timeStyle: 'medium', hour12: false });
  if (axis === 'relative') return formatDuration(x * 1000);
  return axis === 'step' ? `step ${Number.isInteger(x) ? x : formatNumber(x)}` : formatNumber(x);
}
