import type { Place } from './points.ts';

/** Points of a full chunk, of a small and a large unit within it, and how many parts a tile above it covers. */
export interface PyramidSizes {
  chunk: number;
  small: number;
  large: number;
  fan: number;
}

export const usualSizes: PyramidSizes = { chunk: 8192, small: 128, large: 512, fan: 4 };

/** A stretch of a series, in its order. */
export interface Extent {
  first: Place;
  last: Place;
  count: number;
  /** Whether the order by step is an order by time as well. */
  isTimeOrdered: boolean;
}

/** A place as its four columns: SQLite has no NaN, and PostgreSQL another order of it. */
export const orderOf = ({ step, at, value }: Place): [number, number, number, number] =>
  Number.isNaN(value) ? [step, at, 0, 1] : [step, at, value, 0];

/** The columns of an extent, in the order of `extentColumns`. */
export const extentNames = 'step, at, value, nan, count, last_step, last_at, last_value, last_nan, in_time';

export const extentColumns = ({ first, last, count, isTimeOrdered }: Extent): number[] => [
  ...orderOf(first),
  count,
  ...orderOf(last),
  isTimeOrdered ? 1 : 0,
];

export const extentOf = (row: Record<string, any>): Extent => ({
  first: { step: row.step, at: row.at, value: row.nan ? Number.NaN : row.value },
  last: { step: row.last_step, at: row.last_at, value: row.last_nan ? Number.NaN : row.last_value },
  count: row.count,
  isTimeOrdered: row.in_time === 1,
});
