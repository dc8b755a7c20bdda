import type { MetricSeries } from '../../../src/protocol/mlflow.ts';
import { smooth } from './smoothing.ts';

export const axes = ['step', 'time', 'relative'] as const;
/** What the horizontal axis shows: the step, the time of day, or the time since the job's start. */
export type Axis = (typeof axes)[number];

/** One line of a chart. `startedAt` in ms since 1970 is where relative time begins; `color` is a resolved colour. */
export interface ChartSeries {
  label: string;
  color: string;
  points: MetricSeries;
  startedAt: number;
}

/** x values with the raw and the smoothed values at them, ordered by x. Times in seconds, as the chart library wants them. */
export interface Column {
  x: number[];
  raw: (number | null)[];
  smoothed: (number | null)[];
  /** Points that a logarithmic axis can't show. */
  hidden: number;
}

/** True when every point has the same step, as scripts that never name one write them: such a series is drawn by position. */
export const isWithoutSteps = ({ steps }: MetricSeries): boolean => steps.length > 1 && steps[0] === steps.at(-1);

/** What is drawn of a series. */
export function columnOf({ points, startedAt }: ChartSeries, axis: Axis, smoothing: number, logScale: boolean): Column {
  const { steps, times, values } = points;
  // A script may log points of a time before its job began, such as those of an earlier run that it goes on with.
  const origin = axis === 'relative' ? times.reduce((least, time) => Math.min(least, time), startedAt) : 0;
  const xAt = (index: number) => {
    if (axis === 'time') return times[index]! / 1000;
    if (axis === 'relative') return (times[index]! - origin) / 1000;
    return isWithoutSteps(points) ? index : steps[index]!;
  };
  const order = values.map((_, index) => index);
  if (axis !== 'step' || isWithoutSteps(points)) order.sort((a, b) => times[a]! - times[b]! || a - b);
  const x = order.map((index, position) => (axis === 'step' && isWithoutSteps(points) ? position : xAt(index)));
  let hidden = 0;
  const visible = (value: number | null) => {
    if (!logScale || value === null || value > 0) return value;
    hidden++;
    return null;
  };
  const ordered = order.map((index) => values[index]!);
  const raw = ordered.map(visible);
  return {
    x,
    raw,
    smoothed: smoothing > 0 ? smooth(ordered, smoothing).map((value) => (logScale && value !== null && value <= 0 ? null : value)) : raw,
    hidden,
  };
}

/** Latest, least and greatest value that a series has; nulls where it has none. */
export function extremes({ values }: MetricSeries): { last: number | null; min: number | null; max: number | null } {
  let min: number | null = null;
  let max: number | null = null;
  for (const value of values) {
    if (value === null) continue;
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
  }
  return { last: values.at(-1) ?? null, min, max };
}
