import type { Band } from './band.ts';
import { type Axis, type Line, lastAtOrBefore } from './line.ts';
import type { Palette } from './palette.ts';
import { roomy, type Scale } from './scale.ts';
import { durationTicks, numberTicks, type Tick, timeTicks } from './ticks.ts';

export type Range = readonly [number, number];

/** What a chart is to show. Ranges are in the axis' own unit (seconds for times); undefined: all there is. */
export interface Plotted {
  lines: readonly Line[];
  /** Drawn in place of the lines. */
  band: Band | undefined;
  axis: Axis;
  isSmoothed: boolean;
  isLog: boolean;
  xRange: Range | undefined;
  yRange: Range | undefined;
  best: 'min' | 'max' | undefined;
  palette: Palette;
}

/** What is shown, laid out in `width` times `height` pixels. */
export interface Scene extends Plotted {
  width: number;
  height: number;
  xScale: Scale;
  yScale: Scale;
  xTicks: Tick[];
  yTicks: Tick[];
}

/** Room above the plot. */
export const topRoom = 8;
const right = 12;
const bottom = 20;

/** The first and last place of a curve that matter to a range: one further out on both sides, for the line to leave the picture. */
export function visible(x: Float64Array, [from, to]: Range): [number, number] {
  return [Math.max(0, lastAtOrBefore(x, from)), Math.min(x.length - 1, lastAtOrBefore(x, to) + 1)];
}

export function layOut(plotted: Plotted, width: number, height: number, widthOf: (label: string) => number, top = topRoom): Scene {
  const xRange = plotted.xRange ?? wholeX(plotted);
  const yRange =
    plotted.yRange && (!plotted.isLog || plotted.yRange[0] > 0) ? plotted.yRange : roomy(...extentY(plotted, xRange), plotted.isLog);
  const yScale: Scale = {
    min: yRange[0],
    max: yRange[1],
    start: top,
    size: Math.max(10, height - top - bottom),
    isLog: plotted.isLog,
    isDown: true,
  };
  const yTicks = numberTicks(yScale, 26);
  const left = Math.ceil(Math.max(12, ...yTicks.map(({ label }) => widthOf(label)))) + 8;
  const xScale: Scale = {
    min: xRange[0],
    max: xRange[1],
    start: left,
    size: Math.max(10, width - left - right),
    isLog: false,
    isDown: false,
  };
  const xTicks =
    plotted.axis === 'time'
      ? timeTicks(xScale, 70)
      : plotted.axis === 'relative'
        ? durationTicks(xScale, 60)
        : numberTicks(xScale, 60, plotted.axis === 'step');
  return { ...plotted, width, height, xScale, yScale, xTicks, yTicks };
}

function wholeX({ lines, band, axis }: Plotted): Range {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const x of band ? [band.x] : lines.map(({ curve }) => curve.x))
    if (x.length > 0) {
      min = Math.min(min, x[0]!);
      max = Math.max(max, x.at(-1)!);
    }
  if (min > max) return [0, 1];
  // A single place is in the middle.
  const room = axis === 'metric' ? Math.abs(min) * 0.1 || 1 : 1;
  return min === max ? [min - room, max + room] : [min, max];
}

function extentY({ lines, band, isLog, isSmoothed }: Plotted, range: Range): [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (x: Float64Array, y: Float64Array) => {
    const [from, to] = visible(x, range);
    for (let at = from; at <= to; at++) {
      const value = y[at]!;
      if (!Number.isFinite(value) || (isLog && value <= 0)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  };
  if (band) for (const y of [band.min, band.max]) take(band.x, y);
  else
    for (const { curve } of lines) {
      take(curve.x, curve.raw);
      if (isSmoothed) take(curve.x, curve.y);
    }
  return [min, max];
}

/** Values that a logarithmic axis can't show. */
export function notAboveZero({ lines, isLog }: Pick<Plotted, 'lines' | 'isLog'>): number {
  let count = 0;
  if (isLog) for (const { curve } of lines) for (const value of curve.raw) if (value <= 0 && Number.isFinite(value)) count++;
  return count;
}

/** Whether no value within the range that is shown can be drawn. */
export function isEmpty({ lines, xScale, isLog }: Scene): boolean {
  return lines.every(({ curve: { x, raw } }) => {
    for (let at = lastAtOrBefore(x, xScale.min - Number.EPSILON) + 1; at < x.length && x[at]! <= xScale.max; at++)
      if (Number.isFinite(raw[at]!) && (!isLog || raw[at]! > 0)) return false;
    // A line may pass through without a point.
    return x.length === 0 || x[0]! >= xScale.min || x.at(-1)! <= xScale.max;
  });
}
