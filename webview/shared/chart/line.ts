import type { SeriesPart } from '../../../src/protocol/seriesParts.ts';
import { type Smoothing, smooth } from './smoothing.ts';

export const axes = ['step', 'relative', 'time', 'metric'] as const;
/** What the horizontal axis shows: the step, the time since the start of each run, the time of day, or another metric at the same step. */
export type Axis = (typeof axes)[number];

/** How series become lines. */
export interface LineStyle {
  axis: Axis;
  /** 0 to below 1. */
  weight: number;
  smoothing: Smoothing;
}

/** A value that is not a number or not finite, where the line has a gap. */
export interface Oddity {
  x: number;
  kind: 'nan' | 'above' | 'below';
}

/** What is drawn of a series. `x` is in order; times in seconds, as axes have them. */
export interface Curve {
  x: Float64Array;
  y: Float64Array;
  /** What lies behind a smoothed line. */
  raw: Float64Array;
  /** Places in the series, where `x` has another order. */
  order: Uint32Array | undefined;
  oddities: readonly Oddity[];
}

/** One line of a chart. */
export interface Line {
  id: string;
  label: string;
  color: string;
  dash: readonly number[];
  series: SeriesPart;
  curve: Curve;
}

/** True when every point has the same step, as scripts that never name one write them: such a series is drawn by position. */
export const isWithoutSteps = ({ steps }: SeriesPart): boolean => steps.length > 1 && steps[0] === steps.at(-1);

/** Where relative time begins: a script may log points of a time before its job began, such as those of an earlier run that it goes on with. */
export const originOf = ({ times }: SeriesPart, startedAt: number | undefined): number =>
  times.reduce((least, time) => Math.min(least, time), startedAt ?? Number.POSITIVE_INFINITY);

/** What is drawn of a series. `origin` is where its relative time begins, in ms since 1970; `along` the series of the metric that is the axis. */
export function curveOf(series: SeriesPart, { axis, weight, smoothing }: LineStyle, origin: number, along?: SeriesPart): Curve {
  const { steps, times, values } = series;
  const count = values.length;
  const byPosition = axis === 'step' && isWithoutSteps(series);
  let x: Float64Array;
  if (axis === 'step') x = byPosition ? times : steps;
  else if (axis === 'metric') x = along ? valuesAt(along, steps) : new Float64Array(count).fill(Number.NaN);
  else x = times.map((time) => (axis === 'relative' ? time - origin : time) / 1000);
  const order = orderOf(x);
  let [orderedX, orderedY] = [x, values];
  if (order) {
    orderedX = Float64Array.from(order, (at) => x[at]!);
    orderedY = Float64Array.from(order, (at) => values[at]!);
  }
  if (byPosition) orderedX = Float64Array.from({ length: count }, (_, at) => at);
  const oddities: Oddity[] = [];
  for (let at = 0; at < orderedY.length; at++) {
    const value = orderedY[at]!;
    if (!Number.isFinite(value)) oddities.push({ x: orderedX[at]!, kind: Number.isNaN(value) ? 'nan' : value > 0 ? 'above' : 'below' });
  }
  const y = weight > 0 ? smooth(orderedY, weight, smoothing === 'distance' ? orderedX : undefined) : orderedY;
  return { x: orderedX, y, raw: orderedY, order, oddities };
}

/** Undefined where they are in order already. What has no place on the axis is left out. */
function orderOf(x: Float64Array): Uint32Array | undefined {
  let isOrdered = true;
  for (let at = 0; at < x.length && isOrdered; at++) isOrdered = !Number.isNaN(x[at]!) && (at === 0 || x[at]! >= x[at - 1]!);
  if (isOrdered) return undefined;
  const places: number[] = [];
  for (let at = 0; at < x.length; at++) if (Number.isFinite(x[at]!)) places.push(at);
  return Uint32Array.from(places.sort((a, b) => x[a]! - x[b]! || a - b));
}

/** Values of a series at steps: the last at or before each. */
function valuesAt({ steps, values }: SeriesPart, wanted: Float64Array): Float64Array {
  return wanted.map((step) => values[lastAtOrBefore(steps, step)] ?? Number.NaN);
}

/** The last place of an ordered column at or before `x`; -1 where all are after it. */
export function lastAtOrBefore(column: Float64Array, x: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The place nearest to `x`; -1 where there is none. */
export function nearest(column: Float64Array, x: number): number {
  const at = lastAtOrBefore(column, x);
  if (at < 0) return column.length > 0 ? 0 : -1;
  return at + 1 < column.length && column[at + 1]! - x < x - column[at]! ? at + 1 : at;
}

/** What a series has: its latest value whatever it is, its least and greatest, infinite ones too, and how many are no numbers. */
export interface Extremes {
  last: number | undefined;
  min: number | undefined;
  max: number | undefined;
  nans: number;
}

const known = new WeakMap<SeriesPart, Extremes>();

export function extremes(series: SeriesPart): Extremes {
  const found = known.get(series);
  if (found) return found;
  const { values } = series;
  let [min, max]: [number | undefined, number | undefined] = [undefined, undefined];
  let nans = 0;
  for (const value of values) {
    if (Number.isNaN(value)) nans++;
    else {
      if (min === undefined || value < min) min = value;
      if (max === undefined || value > max) max = value;
    }
  }
  const answer = { last: values.at(-1), min, max, nans };
  known.set(series, answer);
  return answer;
}

/** The place of the best value of a series, the first where there are several; -1 for none. */
export function bestOf({ values }: SeriesPart, best: 'min' | 'max'): number {
  let found = -1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (Number.isFinite(value) && (found < 0 || (best === 'min' ? value < values[found]! : value > values[found]!))) found = at;
  }
  return found;
}
