import { useMemo, useState } from 'react';
import { plural } from '../../../src/base/text.ts';
import { csvLine } from '../csv.ts';
import { usePageState } from '../host/pageState.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { PageLink } from '../ui/PageLink.tsx';
import { type Brushes, withinBrushes } from './brushes.ts';
import { Contour } from './Contour.tsx';
import { type Dimension, varies } from './dimension.ts';
import { ImportanceBars, useImportance } from './ImportanceBars.tsx';
import { useLook } from './look.ts';
import { ParallelCoordinates } from './ParallelCoordinates.tsx';
import { Scatter } from './Scatter.tsx';
import { shortLabel, valueText } from './valueText.ts';

/** Axes of the parallel coordinates: the most important parameters. */
const mostAxes = 12;
/** Rows of the table behind the charts. */
const mostRows = 200;

/** A run by its name (id) and how it is called. */
export interface AnalysedRun {
  id: string;
  label: string;
}

/** Charts of what parameters have to do with an objective. Values of the dimensions are in the order of `runs`. */
export function AnalysisCharts({
  runs,
  parameters: all,
  objective,
  goal,
}: {
  runs: readonly AnalysedRun[];
  parameters: readonly Dimension[];
  objective: Dimension;
  /** Which way the objective is better, where that is known. */
  goal?: 'minimize' | 'maximize';
}) {
  const look = useLook(goal);
  const [brushes, setBrushes] = useState<Brushes>({});
  const [pointed, setPointed] = useState<number>();
  const [scatter, setScatter] = usePageState('scatter', '');
  const [across, setAcross] = usePageState('contourX', '');
  const [up, setUp] = usePageState('contourY', '');
  const parameters = useMemo(() => all.filter(varies), [all]);
  const importance = useImportance(parameters, objective);
  const order = importance && importance !== 'running' ? importance.rows.map(({ key }) => key).join('\n') : undefined;
  const ranked = useMemo(() => {
    const places = new Map(order?.split('\n').map((key, place) => [key, place]));
    return [...parameters].sort((a, b) => (places.get(a.key) ?? 0) - (places.get(b.key) ?? 0));
  }, [parameters, order]);
  const shown = useMemo(() => {
    const first = new Set(ranked.slice(0, mostAxes));
    return parameters.filter((each) => first.has(each));
  }, [parameters, ranked]);
  const within = useMemo(() => withinBrushes([...shown, objective], brushes), [shown, objective, brushes]);
  const labels = useMemo(() => runs.map(({ label }) => label), [runs]);
  const inOrder = useMemo(
    () => [...objective.values.keys()].filter((run) => within[run]).sort((a, b) => byValue(objective.values[a]!, objective.values[b]!)),
    [objective, within],
  );
  const chosen = (key: string, fallback: number) => ranked.find((each) => each.key === key) ?? ranked[fallback];
  const [inScatter, x, y] = [chosen(scatter, 0), chosen(across, 0), chosen(up, 1)];
  const step = pointed === undefined ? -1 : inOrder.indexOf(pointed);
  if (parameters.length === 0)
    return <p className="state dim">These runs have the same parameters, so there is nothing to set them against.</p>;
  return (
    <div className="analysis">
      <div className="analysis-bar">
        <span role="status">
          {inOrder.length < runs.length
            ? `${inOrder.length} of ${plural(runs.length, 'run')} within the marked ranges`
            : plural(runs.length, 'run')}
        </span>
        {Object.keys(brushes).length > 0 && (
          <button type="button" className="link" onClick={() => setBrushes({})}>
            Clear the ranges
          </button>
        )}
        <label className="slider">
          Step through the runs
          <input
            type="range"
            min={0}
            max={Math.max(0, inOrder.length - 1)}
            value={Math.max(0, step)}
            aria-valuetext={step < 0 ? 'none' : spoken(runs, [...shown, objective], inOrder[step]!)}
            onChange={(event) => setPointed(inOrder[Number(event.target.value)])}
          />
        </label>
        {pointed !== undefined && runs[pointed] && (
          <span className="analysis-run">
            <PageLink to={{ page: 'job', name: runs[pointed].id }}>{shortLabel(runs[pointed].label, 60)}</PageLink>{' '}
            <span className="number dim">{valueText(objective, pointed)}</span>
          </span>
        )}
        <span className="bar-rest" />
        <CopyButton text={() => csv(runs, [...parameters, objective], inOrder)} label="Copy these runs as CSV" />
      </div>
      {shown.length < parameters.length && (
        <p className="dim">
          The axes are the {shown.length} most important of {parameters.length} parameters that differ.
        </p>
      )}
      <ParallelCoordinates
        labels={labels}
        parameters={shown}
        objective={objective}
        look={look}
        brushes={brushes}
        within={within}
        pointed={pointed}
        onBrush={setBrushes}
        onPoint={setPointed}
      />
      <div className="analysis-grid">
        <ImportanceBars importance={importance} objective={objective} onChoose={setScatter} />
        {inScatter && (
          <Scatter
            labels={labels}
            parameters={parameters}
            chosen={inScatter}
            objective={objective}
            look={look}
            within={within}
            pointed={pointed}
            onChoose={setScatter}
            onPoint={setPointed}
          />
        )}
        {x && y && (
          <Contour
            labels={labels}
            parameters={parameters}
            x={x}
            y={y}
            objective={objective}
            look={look}
            within={within}
            pointed={pointed}
            onChoose={(axis, key) => (axis === 'x' ? setAcross : setUp)(key)}
            onPoint={setPointed}
          />
        )}
      </div>
      <details className="analysis-table">
        <summary>The values as a table</summary>
        <div className="scrolls">
          <table className="list" aria-label="Values of the runs">
            <thead>
              <tr>
                <th scope="col">Run</th>
                {[...shown, objective].map(({ key, label }) => (
                  <th key={key} scope="col">
                    {shortLabel(label, 40)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {inOrder.slice(0, mostRows).map((run) => (
                <tr key={runs[run]!.id}>
                  <th scope="row">
                    <PageLink to={{ page: 'job', name: runs[run]!.id }}>{shortLabel(runs[run]!.label, 60)}</PageLink>
                  </th>
                  {[...shown, objective].map((dimension) => (
                    <td key={dimension.key} className="number">
                      {valueText(dimension, run)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {inOrder.length > mostRows && (
          <p className="dim">
            The first {mostRows} of {inOrder.length}. Copied as CSV they are all there.
          </p>
        )}
      </details>
    </div>
  );
}

/** Runs without a value come last. */
const byValue = (a: number, b: number): number => (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0) || a - b || 0;

const spoken = (runs: readonly AnalysedRun[], dimensions: readonly Dimension[], run: number): string =>
  [runs[run]!.label, ...dimensions.map((dimension) => `${dimension.label} ${valueText(dimension, run)}`)].join(', ');

const csv = (runs: readonly AnalysedRun[], dimensions: readonly Dimension[], order: readonly number[]): string =>
  [
    ['run', 'name', ...dimensions.map(({ label }) => label)],
    ...order.map((run) => [
      runs[run]!.id,
      runs[run]!.label,
      ...dimensions.map(({ values, categories }) => {
        const value = values[run]!;
        return Number.isNaN(value) ? '' : categories ? categories[value]! : String(value);
      }),
    ]),
  ]
    .map(csvLine)
    .join('');
