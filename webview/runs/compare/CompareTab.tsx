import { lazy, useMemo, useState } from 'react';
import { titleOf } from '../../../src/protocol/job.ts';
import { useHost } from '../../shared/host/host.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { CopyButton } from '../../shared/ui/CopyButton.tsx';
import { Checkbox, Select } from '../../shared/ui/fields.tsx';
import { Later } from '../../shared/ui/Later.tsx';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import type { RunsView } from '../useRunsView.ts';
import { CompareTable } from './CompareTable.tsx';
import { comparisonCsv } from './comparisonCsv.ts';
import type { Goal } from './delta.ts';
import type { ComparedFile } from './FileDiff.tsx';
import { type MetricValue, metricValues, sectionsOf } from './sections.ts';
import { useCompared, useRunFiles, useSweepGoals } from './useCompared.ts';
import { mostExtremes, useExtremes } from './useExtremes.ts';

/** Only who looks into a file needs what compares texts. */
const FileDiff = lazy(() => import('./FileDiff.tsx'));

/** Columns that people still see. */
const mostRuns = 20;

const valueLabels: Record<MetricValue, string> = {
  latest: 'Latest values',
  smallest: 'Smallest values',
  largest: 'Largest values',
};

/** The selected runs beside each other. */
export function CompareTab({ view }: { view: RunsView }) {
  const { command } = useHost();
  const { selected, setSelected } = view;
  const ids = useMemo(() => [...new Set(selected)].slice(0, mostRuns), [selected]);
  const [onlyDifferences, setOnly] = usePageState('onlyDifferences', false);
  const [baselineId, setBaseline] = usePageState('baseline', '');
  const [asked, setValues] = usePageState<string>('values', 'latest');
  const [ownGoals, setOwnGoals] = usePageState<string[]>('goals', []);
  const [file, setFile] = useState<ComparedFile>();
  const { value: runs = [], error } = useCompared(ids);
  const { value: files } = useRunFiles(runs);
  const sweepGoals = useSweepGoals(runs);
  const values = metricValues.find((each) => each === asked) ?? 'latest';
  const keys = useMemo(() => [...new Set(runs.flatMap(({ run }) => run?.data.metrics?.map(({ key }) => key) ?? []))].sort(), [runs]);
  const { value: extremes } = useExtremes(ids, keys, values);
  const sections = useMemo(() => sectionsOf(runs, files, values, extremes), [runs, files, values, extremes]);

  if (ids.length === 0)
    return <Empty title="No runs are selected.">Select two runs or more in the table: they are laid beside each other here.</Empty>;
  if (runs.length === 0) return error ? <ReadFailure error={error} /> : <Loading what="the runs" />;

  const names = runs.map(({ id, job }) => (job ? titleOf(job) : id));
  const at = runs.findIndex(({ id, job }) => job && id === baselineId);
  const baseline =
    at < 0
      ? Math.max(
          0,
          runs.findIndex(({ job }) => job),
        )
      : at;
  const goalOf = (metric: string): Goal | undefined => {
    const own = ownGoals.find((each) => each.endsWith(` ${metric}`) && each.indexOf(' ') + 1 + metric.length === each.length);
    return own ? (own.startsWith('max') ? 'maximize' : own.startsWith('min') ? 'minimize' : undefined) : sweepGoals.get(metric);
  };
  function nextGoal(metric: string): void {
    const next = { none: 'maximize', maximize: 'minimize', minimize: 'none' }[goalOf(metric) ?? 'none'];
    setOwnGoals([...ownGoals.filter((each) => each.slice(each.indexOf(' ') + 1) !== metric), `${next} ${metric}`]);
  }
  const codeOf = (run: number) => files?.get(runs[run]!.id)?.code;
  const differingCode = (run: number): boolean => {
    const [before, after] = [codeOf(baseline), codeOf(run)].map((code) => new Map(code?.map(({ path, sha256 }) => [path, sha256])));
    return [...new Set([...before!.keys(), ...after!.keys()])].some((path) => before!.get(path) !== after!.get(path));
  };
  const place = (run: number, path: string) => {
    const found = codeOf(run)?.find((each) => each.path === path);
    return found && { label: names[run]!, container: found.container, blob: found.blob };
  };
  function compareCode(run: number, path: string): void {
    if (command) command('job.compareCode', { before: runs[baseline]!.id, after: runs[run]!.id, path });
    else setFile({ path, before: place(baseline, path), after: place(run, path) });
  }

  return (
    <div className="compare-tab">
      <div className="bar">
        <Checkbox label="Only differences" checked={onlyDifferences} onChange={setOnly} />
        <Select
          label="Values of metrics"
          value={values}
          options={metricValues.map((value) => ({ value, label: valueLabels[value] }))}
          onChange={setValues}
        />
        {selected.length > mostRuns && (
          <span className="dim">
            The first {mostRuns} of {selected.length} selected runs.
          </span>
        )}
        {ids.length === 1 && <span className="dim">Select a second run in the table to compare this one with it.</span>}
        {values !== 'latest' && keys.length > mostExtremes && (
          <span className="dim">
            Of the first {mostExtremes} metrics by name: there are {keys.length}.
          </span>
        )}
        <span className="bar-rest" />
        <CopyButton text={() => comparisonCsv(sections, names, onlyDifferences)} label="Copy the comparison as CSV" />
      </div>
      {error && <ReadFailure error={error} />}
      <CompareTable
        runs={runs}
        names={names}
        baseline={baseline}
        sections={sections}
        onlyDifferences={onlyDifferences}
        goalOf={goalOf}
        onGoal={nextGoal}
        onBaseline={setBaseline}
        onRemove={(id) => setSelected(selected.filter((each) => each !== id))}
        actionsOf={(section, run) => {
          if (!command || run === baseline || !runs[run]!.job || !runs[baseline]!.job) return null;
          const pair = { before: runs[baseline]!.id, after: runs[run]!.id };
          if (section === 'details') return <Action label="Compare YAML" onClick={() => command('job.compareYaml', pair)} />;
          if (section !== 'code' || !differingCode(run)) return null;
          return <Action label="Compare code" onClick={() => command('job.compareCode', pair)} />;
        }}
        openOf={(section, row, run) => {
          if (section !== 'code' || run === baseline || !runs[run]!.job) return undefined;
          const [before, after] = [row.cells[baseline], row.cells[run]];
          return (before?.same ?? '') === (after?.same ?? '') ? undefined : () => compareCode(run, row.key);
        }}
      />
      {file && (
        <Later what="the differences">
          <FileDiff file={file} onClose={() => setFile(undefined)} />
        </Later>
      )}
    </div>
  );
}

const Action = ({ label, onClick }: { label: string; onClick(): void }) => (
  <button type="button" className="link" onClick={onClick}>
    {label}
  </button>
);
