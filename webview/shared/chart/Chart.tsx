import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { formatDuration } from '../../../src/base/text.ts';
import { type Axis, type ChartSeries, type Column, columnOf, extremes } from './chartData.ts';
import { formatNumber } from './numbers.ts';
import type { Palette } from './palette.ts';

export interface ChartProps {
  title: string;
  series: readonly ChartSeries[];
  axis: Axis;
  /** 0 to below 1. */
  smoothing: number;
  logScale: boolean;
  /** The part of the horizontal axis that is shown, in its own unit (seconds for times); undefined: all. */
  range: readonly [number, number] | undefined;
  onRange(range: [number, number] | undefined): void;
  palette: Palette;
  /** Charts of one group show the cursor at the same place. */
  group: string;
}

const height = 168;

/** A live chart of one metric with its legend. The canvas is painted by uPlot; React only hands it data. */
export function Chart(props: ChartProps) {
  const { title, series, axis, smoothing, logScale, range, onRange, palette, group } = props;
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [cursor, setCursor] = useState<number>();
  const callbacks = useRef({ onRange });
  callbacks.current = { onRange };
  const isSmoothed = smoothing > 0;
  const columns = useMemo(() => series.map((each) => columnOf(each, axis, smoothing, logScale)), [series, axis, smoothing, logScale]);
  const data = useMemo(() => aligned(columns, isSmoothed), [columns, isSmoothed]);
  const latest = useRef({ data, range });
  latest.current = { data, range };
  const colors = series.map((each) => each.color).join('|');

  // Another look needs another plot; new data does not.
  useEffect(() => {
    const element = holder.current!;
    const lines: uPlot.Series[] = colors.split('|').flatMap((color) => {
      const line: uPlot.Series = { stroke: color, width: 1.5, spanGaps: false, points: { size: 4 } };
      return isSmoothed
        ? [
            { ...line, stroke: faint(color), width: 1, points: { show: false } },
            { ...line, points: { show: false } },
          ]
        : [line];
    });
    const chart = new uPlot(
      {
        width: Math.max(120, element.clientWidth),
        height,
        padding: [8, 16, 0, 0],
        legend: { show: false },
        scales: { x: { time: axis === 'time', range: xRange }, y: logScale ? { distr: 3 } : { range: yRange } },
        axes: axesOf(axis, palette),
        series: [{}, ...lines],
        cursor: {
          sync: { key: `${group} ${axis}`, scales: ['x', null] },
          points: { size: 6 },
          drag: { x: true, y: false, setScale: false },
          bind: {
            dblclick: () => () => {
              callbacks.current.onRange(undefined);
              return null;
            },
          },
        },
        hooks: {
          setCursor: [(self) => setCursor(self.cursor.idx ?? undefined)],
          setSelect: [
            (self) => {
              const { left, width } = self.select;
              if (width < 5) return;
              const from = self.posToVal(left, 'x');
              const to = self.posToVal(left + width, 'x');
              self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              callbacks.current.onRange([from, to]);
            },
          ],
        },
      },
      latest.current.data,
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: Math.max(120, element.clientWidth), height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };

    function xRange(_self: uPlot, min: number, max: number): uPlot.Range.MinMax {
      const shown = latest.current.range;
      if (shown) return [shown[0], shown[1]];
      return min === max ? [min - 1, max + 1] : [min, max];
    }
  }, [colors, axis, logScale, isSmoothed, palette, group]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the plot asks for the range itself when it is scaled anew
  useEffect(() => {
    plot.current?.setData(latest.current.data);
  }, [range]);

  const hidden = columns.reduce((sum, column) => sum + column.hidden, 0);
  const summary = series.map((each) => `${each.label}: ${describe(each)}`).join('; ');

  function move(event: React.KeyboardEvent) {
    const chart = plot.current;
    if (!chart || !['ArrowLeft', 'ArrowRight', 'Escape'].includes(event.key)) return;
    event.preventDefault();
    if (event.key === 'Escape') return onRange(undefined);
    const count = data[0].length;
    const at = Math.min(count - 1, Math.max(0, (chart.cursor.idx ?? count) + (event.key === 'ArrowLeft' ? -1 : 1)));
    chart.setCursor({ left: chart.valToPos(data[0][at]!, 'x'), top: 10 });
  }

  return (
    <figure className="chart" aria-label={title}>
      <figcaption title={title}>{title}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move the cursor through the points */}
      <div className="chart-plot" ref={holder} role="img" tabIndex={0} aria-label={`Chart of ${title}. ${summary}`} onKeyDown={move} />
      <Legend
        series={series}
        columns={columns}
        x={cursor === undefined ? undefined : data[0][cursor]}
        axis={axis}
        isSmoothed={isSmoothed}
      />
      {hidden > 0 && <p className="chart-note">{hidden} values that are not above 0 can't be shown on a log scale.</p>}
    </figure>
  );
}

function Legend({
  series,
  columns,
  x,
  axis,
  isSmoothed,
}: {
  series: readonly ChartSeries[];
  columns: readonly Column[];
  x: number | undefined;
  axis: Axis;
  isSmoothed: boolean;
}) {
  return (
    <table className="legend">
      <thead>
        <tr>
          <th scope="col">{x === undefined ? '' : formatX(x, axis)}</th>
          <th scope="col">{x === undefined ? 'latest' : 'value'}</th>
          <th scope="col">min</th>
          <th scope="col">max</th>
        </tr>
      </thead>
      <tbody>
        {series.map((each, index) => {
          const { last, min, max } = extremes(each.points);
          const column = columns[index]!;
          const at = x === undefined ? -1 : indexAt(column.x, x);
          const value = x === undefined ? last : at < 0 ? null : (isSmoothed ? column.smoothed : column.raw)[at];
          return (
            <tr key={each.label}>
              <th scope="row" title={each.label}>
                <span className="swatch" style={{ background: each.color }} />
                <span className="swatch-label">{each.label}</span>
              </th>
              <td>{formatNumber(value)}</td>
              <td>{formatNumber(min)}</td>
              <td>{formatNumber(max)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const describe = ({ points }: ChartSeries) => {
  const { last, min, max } = extremes(points);
  return `latest ${formatNumber(last)}, from ${formatNumber(min)} to ${formatNumber(max)}, ${points.total} points`;
};

/** All series on one x axis. Where a series has no point it has no gap either: gaps are its own nulls. */
function aligned(columns: readonly Column[], isSmoothed: boolean): uPlot.AlignedData {
  const tables = columns.map((column) => [column.x, column.raw, ...(isSmoothed ? [column.smoothed] : [])] as uPlot.AlignedData);
  return tables.length === 1 ? tables[0]! : uPlot.join(tables);
}

/** The last point at or before `x`. */
function indexAt(xs: readonly number[], x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function yRange(_self: uPlot, min: number, max: number): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, 1];
  const room = min === max ? Math.abs(min) * 0.1 || 1 : (max - min) * 0.06;
  return [min - room, max + room];
}

function formatX(x: number, axis: Axis): string {
  if (axis === 'time') return new Date(x * 1000).toLocaleTimeString('en', { hour12: false });
  return axis === 'relative' ? formatDuration(x * 1000) : `step ${formatNumber(x)}`;
}

function axesOf(axis: Axis, palette: Palette): uPlot.Axis[] {
  const common: uPlot.Axis = {
    stroke: palette.text,
    font: palette.font,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...common,
      size: 24,
      gap: 2,
      grid: { show: false },
      space: 60,
      ...(axis === 'relative' ? { values: (_self, splits) => splits.map((split) => shortDuration(split)) } : {}),
      ...(axis === 'step' ? { values: (_self, splits) => splits.map((split) => formatNumber(split)), incrs: wholeIncrements } : {}),
    },
    {
      ...common,
      gap: 4,
      space: 32,
      size: (_self, values) => 12 + 6.5 * Math.max(2, ...(values ?? []).map((value) => (value ?? '').length)),
      values: (_self, splits) => splits.map((split) => (split === null ? '' : formatNumber(split))),
    },
  ];
}

/** Steps are whole numbers. */
const wholeIncrements = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

function shortDuration(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  if (seconds < 3600) return `${Number((seconds / 60).toPrecision(3))} min`;
  return `${Number((seconds / 3600).toPrecision(3))} h`;
}

/** The same colour at a quarter of its strength, over whatever is behind. */
const faint = (color: string) => `color-mix(in srgb, ${color} 28%, transparent)`;
