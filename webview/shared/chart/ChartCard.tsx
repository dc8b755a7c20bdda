import { useCallback, useEffect, useMemo, useState } from 'react';
import { plural } from '../../../src/base/text.ts';
import { useHost } from '../host/host.ts';
import { fileName, saveFile } from '../host/saveFile.ts';
import { Failure } from '../ui/states.tsx';
import { useAction } from '../ui/useAction.ts';
import { Bars } from './Bars.tsx';
import { bandOf } from './band.ts';
import { CardFrame, type CardPlace } from './CardFrame.tsx';
import { CardMenu } from './CardMenu.tsx';
import { ChartTable } from './ChartTable.tsx';
import type { ChartCardOf } from './chartSections.ts';
import type { ChartSettings } from './chartSettings.ts';
import type { CursorSync } from './cursorSync.ts';
import { Legend } from './Legend.tsx';
import { bestOf, extremes, type Line } from './line.ts';
import { exactNumber, formatNumber } from './numbers.ts';
import { PlotView } from './PlotView.tsx';
import type { Palette } from './palette.ts';
import { type Picture, pngOf, svgOf } from './picture.ts';
import { notAboveZero, type Plotted } from './scene.ts';
import { seriesCsv } from './seriesCsv.ts';
import type { SeriesSource } from './seriesSource.ts';
import { type ChartRun, useLines } from './useLines.ts';

export interface ChartCardProps extends CardPlace {
  card: ChartCardOf;
  runs: readonly ChartRun[];
  source: SeriesSource;
  settings: ChartSettings;
  palette: Palette;
  sync: CursorSync;
  /** Of the plot, in pixels; undefined: as high as there is room. */
  height: number | undefined;
  legendHeight: number;
  onEdit: (() => void) | undefined;
  onRemove: (() => void) | undefined;
}

/** Places along the axis where the mean of runs is taken. */
const bandPlaces = 300;
/** Points of one series in a CSV, at most, and of all of them. */
const [csvPoints, csvPointsInAll] = [100_000, 2_000_000];

/** A chart with its title, its legend and what can be done with it. */
export function ChartCard(props: ChartCardProps) {
  const { card, runs, source, settings, palette, sync, height, legendHeight, isFull } = props;
  const { axis, weight, smoothing, isLog, isBand, xMetric, xRange } = settings;
  const host = useHost();
  const { error, run } = useAction();
  const [pointed, setPointed] = useState<string>();
  const [near, setNear] = useState<string>();
  const choice = settings.choiceOf(card.id);
  const { yRange, best } = choice;
  const { lines, isSettled, want } = useLines(source, runs, card.keys, { axis, weight, smoothing, xMetric, xRange, palette });
  const isBars =
    isSettled && lines.length > 0 && axis !== 'metric' && lines.every(({ series }) => series.total === 1) && card.keys.length === 1;
  const band = useMemo(
    () =>
      isBand && lines.length > 1 && !isBars
        ? bandOf(
            lines.map(({ curve }) => curve),
            bandPlaces,
          )
        : undefined,
    [isBand, lines, isBars],
  );
  const [yFrom, yTo] = yRange ?? [];
  const plotted = useMemo<Plotted>(
    () => ({
      lines,
      band,
      axis,
      isSmoothed: weight > 0,
      isLog,
      xRange,
      yRange: yFrom === undefined || yTo === undefined ? undefined : [yFrom, yTo],
      best,
      palette,
    }),
    [lines, band, axis, weight, isLog, xRange, yFrom, yTo, best, palette],
  );
  // A page that is read in parts tells of other runs' pointers too.
  useEffect(() => {
    const subscription = sync.onDidHighlight(setPointed);
    return () => subscription.dispose();
  }, [sync]);
  const highlight = useCallback((id: string | undefined) => sync.highlight(id), [sync]);
  const hidden = useMemo(() => notAboveZero({ lines, isLog }), [lines, isLog]);
  const note = noteOf(lines, hidden, isSettled, isBand, card.keys.length);

  const picture = (): Picture => ({ ...plotted, title: card.name, width: 900, height: 420 });
  const save = async (name: string, content: Blob) => saveFile(host, name, content);
  const actions = {
    choice,
    choose: (next: typeof choice) => settings.choose(card.id, next),
    isWide: props.isWide,
    onWide: props.onWide,
    moveBy: props.onMoveBy,
    copyPicture: () => run(async () => navigator.clipboard.write([new ClipboardItem({ 'image/png': pngOf(picture()) })])),
    savePicture: (kind: 'png' | 'svg') =>
      run(async () =>
        save(fileName(card.name, kind), kind === 'png' ? await pngOf(picture()) : new Blob([svgOf(picture())], { type: 'image/svg+xml' })),
      ),
    saveCsv: () =>
      run(async () => {
        const points = Math.min(csvPoints, Math.max(4, Math.floor(csvPointsInAll / Math.max(1, lines.length))));
        const { window: shown } = want;
        const parts = [];
        for await (const part of host.client.series({ jobs: [...want.jobs], keys: [...card.keys], points, ...shown })) parts.push(part);
        const labels = new Map(runs.map((each) => [each.id, each.label]));
        const order = new Map(want.jobs.map((job, at) => [job, at]));
        parts.sort((a, b) => a.key.localeCompare(b.key) || order.get(a.job)! - order.get(b.job)!);
        await save(fileName(card.name, 'csv'), new Blob([seriesCsv(parts, (job) => labels.get(job) ?? job)], { type: 'text/csv' }));
      }),
    edit: props.onEdit,
    remove: props.onRemove,
  };

  return (
    <CardFrame id={card.id} name={card.name} place={props} menu={<CardMenu name={card.name} actions={actions} />}>
      {isBars ? (
        <Bars lines={lines} height={(height ?? 400) + legendHeight} isNamed={runs.length > 1} />
      ) : (
        <>
          <PlotView
            plotted={plotted}
            height={height}
            label={`Chart of ${card.name}. ${summaryOf(lines)}`}
            highlighted={pointed}
            sync={sync}
            nothing={
              <Nothing
                isSettled={isSettled}
                lines={lines}
                axis={axis}
                xMetric={xMetric}
                source={source}
                hidden={hidden}
                onReset={() => settings.reset(card.id)}
              />
            }
            onRange={(x, y) => {
              if (x) settings.setXRange(x);
              if (y) settings.choose(card.id, { ...choice, yRange: y });
            }}
            onReset={() => settings.reset(card.id)}
            onNear={setNear}
          />
          <div style={isFull ? undefined : { height: legendHeight }} className="chart-below">
            <Legend lines={lines} best={best} highlighted={pointed ?? near} onHighlight={highlight} />
          </div>
        </>
      )}
      <p className="chart-note chart-foot" title={note}>
        {note}
      </p>
      {error && <Failure error={error} />}
      {isSettled && <ChartTable name={card.name} lines={lines} axis={axis} />}
      {best && <BestSteps lines={lines} best={best} />}
    </CardFrame>
  );
}

/** Where the best value of each line is: the mark in words. */
function BestSteps({ lines, best }: { lines: readonly Line[]; best: 'min' | 'max' }) {
  let top: { line: Line; at: number } | undefined;
  for (const line of lines) {
    const at = bestOf(line.series, best);
    if (at < 0) continue;
    const [value, before] = [line.series.values[at]!, top?.line.series.values[top.at]];
    if (before === undefined || (best === 'min' ? value < before : value > before)) top = { line, at };
  }
  if (!top) return null;
  const { series, label } = top.line;
  return (
    <p className="chart-best">
      {best === 'min' ? 'Lowest' : 'Highest'}: <b title={exactNumber(series.values[top.at]!)}>{formatNumber(series.values[top.at]!)}</b> at
      step {series.steps[top.at]}
      {lines.length > 1 ? ` (${label})` : ''}
    </p>
  );
}

/** Why a plot is empty. */
function Nothing({
  isSettled,
  lines,
  axis,
  xMetric,
  source,
  hidden,
  onReset,
}: {
  isSettled: boolean;
  lines: readonly Line[];
  axis: string;
  xMetric: string;
  source: SeriesSource;
  /** Values that a log scale can't show. */
  hidden: number;
  onReset(): void;
}) {
  if (!isSettled) return <p>{source.error ? source.error.message : 'Loading…'}</p>;
  if (axis === 'metric' && !xMetric) return <p>Choose the metric of the horizontal axis.</p>;
  if (lines.length > 0 && lines.every(({ curve }) => curve.oddities.length === curve.raw.length))
    return <p>No value is a finite number.</p>;
  if (hidden > 0) return <p>No value in this range is above 0, as a log scale needs it.</p>;
  if (lines.length === 0) return <p>None of these runs logged {axis === 'metric' ? 'both metrics' : 'it'}.</p>;
  return (
    <p>
      Nothing was logged in this range.{' '}
      <button type="button" className="link" onClick={onReset}>
        Show all
      </button>
    </p>
  );
}

function noteOf(lines: readonly Line[], hidden: number, isSettled: boolean, isBand: boolean, keys: number): string {
  const notes: string[] = [];
  let nans = 0;
  let infinite = 0;
  let isAllOdd = lines.length > 0;
  for (const { series, curve } of lines) {
    nans += extremes(series).nans;
    infinite += curve.oddities.length - extremes(series).nans;
    isAllOdd &&= curve.oddities.length === curve.raw.length;
  }
  if (isAllOdd) notes.push(infinite > 0 ? 'No value is a finite number.' : 'All values are NaN.');
  else {
    if (nans > 0) notes.push(`${nans} NaN (×)`);
    if (infinite > 0) notes.push(`${infinite} infinite (▲▼)`);
  }
  if (hidden > 0) notes.push(`${plural(hidden, 'value')} not above 0 can't be shown on a log scale.`);
  if (isBand && lines.length > 1) notes.push(`Mean and range of ${lines.length} lines`);
  if (!isSettled && lines.length > 0 && keys > 0) notes.push('Loading…');
  return notes.join(' · ');
}

function summaryOf(lines: readonly Line[]): string {
  const few = lines.slice(0, 5).map(({ label, series }) => {
    const { last, min, max } = extremes(series);
    return `${label}: latest ${formatNumber(last)}, from ${formatNumber(min)} to ${formatNumber(max)}, ${series.total} points`;
  });
  return `${few.join('; ')}${lines.length > few.length ? `; and ${lines.length - few.length} more lines` : ''}`;
}
