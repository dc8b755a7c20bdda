import { useMemo, useState } from 'react';
import { isTerminal, type Job } from '../../../src/protocol/job.ts';
import type { MetricSeries, MetricWindow } from '../../../src/protocol/mlflow.ts';
import { Chart } from '../../shared/chart/Chart.tsx';
import { type Axis, axes, type ChartSeries } from '../../shared/chart/chartData.ts';
import { formatNumber } from '../../shared/chart/numbers.ts';
import { usePalette } from '../../shared/chart/palette.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { Checkbox, Select } from '../../shared/ui/fields.tsx';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { chartGroups, isSingleValue, machineGroup } from './chartGroups.ts';
import { KeyChooser } from './KeyChooser.tsx';
import { useMetrics } from './useMetrics.ts';
import { windowOf } from './zoom.ts';

const axisOptions = [
  { value: 'step', label: 'Step' },
  { value: 'relative', label: 'Relative time' },
  { value: 'time', label: 'Wall time' },
];

/** Live charts of a job, or of a pipeline's steps. `jobs` has the job itself first. */
export function MetricsTab({ jobs, labelOf }: { jobs: readonly Job[]; labelOf(job: Job): string }) {
  const [axisName, setAxis] = usePageState<string>('axis', 'step');
  const [smoothing, setSmoothing] = usePageState('smoothing', 0);
  const [logScale, setLogScale] = usePageState('log', false);
  const [chosen, setChosen] = usePageState<string[]>('keys', []);
  const [closed, setClosed] = usePageState<string[]>('closed', [machineGroup]);
  const [range, setRange] = useState<[number, number]>();
  const [windows, setWindows] = useState<ReadonlyMap<string, MetricWindow>>();
  const palette = usePalette();
  const axis: Axis = axes.find((each) => each === axisName) ?? 'step';
  const weight = Math.min(0.99, Math.max(0, smoothing));

  const names = useMemo(() => jobs.map((job) => job.name), [jobs]);
  const { metrics, error } = useMetrics(names, windows);
  const groups = useMemo(() => (metrics ? chartGroups(jobs, metrics, labelOf) : []), [jobs, metrics, labelOf]);
  const keys = groups.flatMap((group) => group.charts.map((chart) => chart.key));
  const shown = groups.flatMap((group) => group.charts).filter((chart) => chosen.length === 0 || chosen.includes(chart.key));
  const sections = groups
    .map(({ name, charts }) => {
      const chosenCharts = charts.filter((chart) => shown.includes(chart));
      return {
        name: name || 'metrics',
        values: chosenCharts.filter(isSingleValue),
        charts: chosenCharts.filter((chart) => !isSingleValue(chart)),
      };
    })
    .filter(({ values, charts }) => values.length + charts.length > 0);
  // What a script logged once stands above all charts; what the runner measured stays with the machine's other figures.
  const values = sections.filter(({ name }) => name !== machineGroup).flatMap((section) => section.values);
  const curves = sections.filter(({ name, charts }) => name === machineGroup || charts.length > 0);
  const lines = useMemo(() => {
    const series = new Map<string, ChartSeries[]>();
    // A job keeps its colour in every chart.
    const withMetrics = jobs.filter((job) => metrics?.get(job.name)?.size);
    const colorOf = (job: Job) => palette.series[Math.max(0, withMetrics.indexOf(job)) % palette.series.length]!;
    for (const chart of groups.flatMap((group) => group.charts)) {
      series.set(
        chart.key,
        chart.lines.map(({ job, label, points: values }) => ({
          label,
          color: colorOf(job),
          points: values,
          startedAt: job.properties.startedAt ? Date.parse(job.properties.startedAt) : (values.times[0] ?? 0),
        })),
      );
    }
    return series;
  }, [jobs, metrics, groups, palette]);

  function zoom(next: [number, number] | undefined) {
    setRange(next);
    setWindows(next && new Map(jobs.map((job) => [job.name, windowOf(next, axis, originOf(job, metrics?.get(job.name)))])));
  }

  if (error && !metrics) return <ReadFailure error={error} />;
  if (!metrics) return <Loading what="metrics" />;
  if (keys.length === 0) {
    const isOver = jobs.every((job) => isTerminal(job.properties.status!));
    return (
      <Empty title={isOver ? 'No metrics were logged.' : 'No metrics yet.'}>
        Metrics that the script logs with <code>mlflow.log_metric</code> {isOver ? 'are drawn' : 'appear'} here
        {isOver ? '' : ' as they come'}.
      </Empty>
    );
  }
  return (
    <div className="metrics">
      <div className="bar" role="toolbar" aria-label="Charts">
        <KeyChooser keys={keys} chosen={chosen} onChange={setChosen} />
        <label className="slider" title="Smoothing: exponential moving average; the raw line stays behind it">
          <span>Smoothing</span>
          <input
            type="range"
            min={0}
            max={0.99}
            step={0.01}
            value={weight}
            aria-label="Smoothing"
            onChange={(event) => setSmoothing(Number(event.target.value))}
          />
          <output>{weight.toFixed(2)}</output>
        </label>
        <Select
          label="Horizontal axis"
          value={axis}
          options={axisOptions}
          onChange={(value) => {
            zoom(undefined);
            setAxis(value);
          }}
        />
        <Checkbox label="Log scale" checked={logScale} onChange={setLogScale} />
        {range && (
          <ToolButton
            icon="screen-normal"
            label="Show all (Escape, or double-click a chart)"
            text="Reset zoom"
            onClick={() => zoom(undefined)}
          />
        )}
      </div>
      {error && <ReadFailure error={error} />}
      <Values charts={values} lines={lines} labelled={jobs.length > 1} />
      {curves.map(({ name, values: own, charts }) => {
        const body = (
          <>
            {name === machineGroup && <Values charts={own} lines={lines} labelled={jobs.length > 1} />}
            <div className="charts">
              {charts.map((chart) => (
                <Chart
                  key={chart.key}
                  title={chart.title}
                  series={lines.get(chart.key)!}
                  axis={axis}
                  smoothing={weight}
                  logScale={logScale}
                  range={range}
                  onRange={zoom}
                  palette={palette}
                  group="metrics"
                />
              ))}
            </div>
          </>
        );
        if (curves.length === 1) return <div key={name}>{body}</div>;
        return (
          <details
            key={name}
            className="group"
            open={!closed.includes(name)}
            onToggle={(event) => {
              const isOpen = event.currentTarget.open;
              if (isOpen === closed.includes(name)) setClosed(isOpen ? closed.filter((each) => each !== name) : [...closed, name]);
            }}
          >
            <summary>
              {name === machineGroup ? 'machine' : name}{' '}
              <span className="count">{charts.length + (name === machineGroup ? own.length : 0)}</span>
            </summary>
            {body}
          </details>
        );
      })}
    </div>
  );
}

/** Metrics of one point, as figures. */
function Values({
  charts,
  lines,
  labelled,
}: {
  charts: readonly { key: string }[];
  lines: ReadonlyMap<string, ChartSeries[]>;
  labelled: boolean;
}) {
  if (charts.length === 0) return null;
  return (
    <div className="values">
      {charts.map(({ key }) => (
        <figure key={key} className="value" aria-label={key}>
          <figcaption title={key}>{key}</figcaption>
          {lines.get(key)!.map((line) => (
            <div key={line.label} className="value-line">
              <strong>{formatNumber(line.points.values[0])}</strong>
              {labelled && <span className="dim">{line.label}</span>}
            </div>
          ))}
        </figure>
      ))}
    </div>
  );
}

/** Where a job's relative time begins, in ms since 1970. */
function originOf(job: Job, series: ReadonlyMap<string, MetricSeries> | undefined): number {
  const started = job.properties.startedAt ? Date.parse(job.properties.startedAt) : Number.POSITIVE_INFINITY;
  return [...(series?.values() ?? [])].reduce((least, { times }) => Math.min(least, times[0] ?? least), started);
}
