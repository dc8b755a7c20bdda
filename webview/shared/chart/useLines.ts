import { useEffect, useMemo, useRef, useState } from 'react';
import type { SeriesPart } from '../../../src/protocol/seriesParts.ts';
import { type Curve, curveOf, type Line, type LineStyle, originOf } from './line.ts';
import type { SeriesWindow } from './mergeSeries.ts';
import { dashes, type Palette } from './palette.ts';
import type { Range } from './scene.ts';
import type { SeriesSource, Want } from './seriesSource.ts';

/** A run whose metrics are drawn. `startedAt` in ms since 1970. */
export interface ChartRun {
  id: string;
  label: string;
  color: string;
  dash: readonly number[];
  startedAt?: number | undefined;
}

/** Points of a chart, over all of its lines, and the most and fewest of one. */
const pointsOfChart = 200_000;
const [fewest, most] = [16, 2000];

/** Lines that a chart draws. */
export const mostLines = 1000;

interface Lines {
  lines: readonly Line[];
  /** All that was asked for has come. */
  isSettled: boolean;
  source: SeriesSource;
  want: Want;
}

/** The lines of a chart, as they come and as long as it is mounted. */
export function useLines(
  source: SeriesSource,
  runs: readonly ChartRun[],
  keys: readonly string[],
  style: LineStyle & { xMetric: string; xRange: Range | undefined; palette: Palette },
): Lines {
  const [version, setVersion] = useState(0);
  const { axis, weight, smoothing, xMetric, xRange, palette } = style;
  const names = keys.join('\n');
  const shown = useMemo(() => runs.slice(0, Math.max(1, Math.floor(mostLines / Math.max(1, keys.length)))), [runs, keys.length]);
  const known = useRef<ReadonlyMap<string, number>>(new Map());
  const [from, to] = xRange ?? [];

  // biome-ignore lint/correctness/useExhaustiveDependencies: the names are the keys
  const want = useMemo<Want>(() => {
    const count = Math.max(1, shown.length * keys.length);
    const points = Math.min(most, Math.max(fewest, Math.floor(pointsOfChart / count)));
    const asked = axis === 'metric' && xMetric && !keys.includes(xMetric) ? [...keys, xMetric] : keys;
    return { jobs: shown.map(({ id }) => id), keys: asked, points, window: windowOf(from, to, axis, shown, known.current) };
  }, [shown, names, axis, xMetric, from, to]);

  useEffect(() => {
    let frame = 0;
    let hasAny = false;
    const watch = source.watch(want, () => {
      // The first does not wait for the next frame.
      if (!hasAny) {
        hasAny = true;
        return setVersion((before) => before + 1);
      }
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        setVersion((before) => before + 1);
      });
    });
    setVersion((before) => before + 1);
    return () => {
      watch.dispose();
      cancelAnimationFrame(frame);
    };
  }, [source, want]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another version has other series
  const lines = useMemo(() => {
    const found: Line[] = [];
    const origins = new Map<string, number>();
    for (const run of shown) {
      const along = axis === 'metric' ? source.series(run.id, xMetric, want.window) : undefined;
      for (const [index, key] of keys.entries()) {
        const series = source.series(run.id, key, want.window);
        if (!series || (axis === 'metric' && !along)) continue;
        const origin = originOf(series, run.startedAt);
        origins.set(run.id, Math.min(origin, origins.get(run.id) ?? origin));
        found.push({
          ...lookOf(run, key, index, keys.length, shown.length, palette),
          series,
          curve: curve(series, { axis, weight, smoothing }, origin, along),
        });
      }
    }
    known.current = origins;
    return found;
  }, [version, shown, names, axis, weight, smoothing, xMetric, want, palette]);

  return { lines, isSettled: source.isSettled(want), source, want };
}

/** Several metrics of one run have a colour each; of several runs each has its colour, and each metric its pattern. */
function lookOf(
  run: ChartRun,
  key: string,
  index: number,
  keys: number,
  runs: number,
  palette: Palette,
): Pick<Line, 'id' | 'label' | 'color' | 'dash'> {
  const id = keys === 1 ? run.id : `${run.id}\n${key}`;
  if (keys === 1) return { id, label: run.label, color: run.color, dash: run.dash };
  if (runs === 1) {
    const count = palette.series.length;
    return { id, label: key, color: palette.series[index % count]!, dash: dashes[Math.floor(index / count) % dashes.length]! };
  }
  return { id, label: `${run.label} · ${key}`, color: run.color, dash: dashes[index % dashes.length]! };
}

/** The part of the series that a range of the axis shows. */
function windowOf(
  from: number | undefined,
  to: number | undefined,
  axis: LineStyle['axis'],
  runs: readonly ChartRun[],
  origins: ReadonlyMap<string, number>,
): SeriesWindow | undefined {
  if (from === undefined || to === undefined || axis === 'metric') return undefined;
  if (axis === 'step') return { axis, from, to };
  if (axis === 'time') return { axis: 'time', from: from * 1000, to: to * 1000 };
  // Runs began at different times: what is shown of any of them.
  const known = runs.flatMap(({ id, startedAt }) => origins.get(id) ?? startedAt ?? []);
  if (known.length === 0) return undefined;
  return { axis: 'time', from: Math.min(...known) + from * 1000, to: Math.max(...known) + to * 1000 };
}

const curves = new WeakMap<SeriesPart, { style: string; along: SeriesPart | undefined; curve: Curve }>();

/** One and the same for one series and style: a chart of a thousand runs makes those anew that are new. */
function curve(series: SeriesPart, style: LineStyle, origin: number, along: SeriesPart | undefined): Curve {
  const name = `${style.axis} ${style.weight} ${style.smoothing} ${style.axis === 'relative' ? origin : ''}`;
  const before = curves.get(series);
  if (before?.style === name && before.along === along) return before.curve;
  const made = curveOf(series, style, origin, along);
  curves.set(series, { style: name, along, curve: made });
  return made;
}
