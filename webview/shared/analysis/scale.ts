import { formatNumber } from '../chart/numbers.ts';
import type { Dimension } from './dimension.ts';

export interface Tick {
  /** 0 at the start of the axis, 1 at its end. */
  at: number;
  label: string;
}

/** Where values lie on an axis. */
export interface Scale {
  /** 0 at the start of the axis, 1 at its end; NaN for what has no place. */
  at(value: number): number;
  /** The other way round; between two categories a broken number. */
  valueAt(share: number): number;
  ticks: Tick[];
}

/** An axis of about `count` ticks. `margin` is a share of it that stays free at each end. */
export function scaleOf({ values: all, min, max, isLog, categories }: Dimension, count: number, margin = 0): Scale {
  if (categories) return ofCategories(categories, count);
  const [inner, outer] = isLog ? [Math.log10, (x: number) => 10 ** x] : [(x: number) => x, (x: number) => x];
  let [from, to] = [inner(min), inner(max)];
  if (!(to > from)) {
    // A single value stands in the middle.
    const half = isLog ? 0.5 : Math.abs(from) / 2 || 0.5;
    [from, to] = [from - half, from + half];
  }
  const free = (to - from) * margin;
  [from, to] = [from - free, to + free];
  const at = (value: number) => (inner(value) - from) / (to - from);
  const values = isLog
    ? decades(outer(from), outer(to), count)
    : steps(from, to, count, all.every((value) => Number.isNaN(value) || Number.isInteger(value)) ? 1 : 0);
  return {
    at,
    valueAt: (share) => outer(from + share * (to - from)),
    ticks: values.map((value) => ({ at: at(value), label: formatNumber(value) })),
  };
}

function ofCategories(categories: readonly string[], count: number): Scale {
  const size = categories.length;
  const at = (place: number) => (place + 0.5) / size;
  const every = Math.ceil(size / Math.max(1, count * 2));
  return {
    at,
    valueAt: (share) => share * size - 0.5,
    ticks: categories.flatMap((label, place) => (place % every === 0 ? [{ at: at(place), label }] : [])),
  };
}

/** Round numbers from `from` to `to`: steps of 1, 2 or 5 of a power of ten, and at least `least`. */
function steps(from: number, to: number, count: number, least = 0): number[] {
  const rough = (to - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(least, power * (rough / power > 7 ? 10 : rough / power > 3.2 ? 5 : rough / power > 1.4 ? 2 : 1));
  const values: number[] = [];
  // Whole numbers of steps, so that errors of addition do not grow.
  for (let at = Math.ceil(from / step - 1e-9); at * step <= to + step * 1e-9; at++) values.push(Number((at * step).toPrecision(12)));
  return values;
}

/** Powers of ten; with 2 and 5 between them where there are few. */
function decades(from: number, to: number, count: number): number[] {
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const every = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
  const within = (values: number[]) => values.filter((value) => value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9));
  const powers: number[] = [];
  for (let power = first; power <= last; power += every) powers.push(Number(`1e${power}`));
  const found = within(powers);
  if (found.length > 2) return found;
  const finer = within(powers.flatMap((power) => [power, 2 * power, 5 * power].map((value) => Number(value.toPrecision(3)))));
  return finer.length > 1 ? finer : steps(from, to, count);
}
