import { lazy, useMemo } from 'react';
import { mostTableRows, type RunColumn, type RunTable } from '../../../src/protocol/runTable.ts';
import { isSystemMetric } from '../../../src/protocol/systemMetric.ts';
import { dimensionOf } from '../../shared/analysis/dimension.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { Select } from '../../shared/ui/fields.tsx';
import { Later } from '../../shared/ui/Later.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { useRunKeys } from '../table/useRunKeys.ts';
import type { RunsView } from '../useRunsView.ts';

/** Only who looks into what matters needs these charts. */
const AnalysisCharts = lazy(async () => ({ default: (await import('../../shared/analysis/AnalysisCharts.tsx')).AnalysisCharts }));

/** Parameters that are looked at. */
const mostParameters = 60;

const goals = [
  { value: '', label: 'No direction' },
  { value: 'maximize', label: 'Larger is better' },
  { value: 'minimize', label: 'Smaller is better' },
];

/** What parameters have to do with a metric, over all runs that the filter leaves. */
export function AnalysisTab({ view: { scope } }: { view: RunsView }) {
  const { keys } = useRunKeys(scope.experiments);
  const [asked, setMetric] = usePageState('objective', '');
  const [goal, setGoal] = usePageState('objectiveGoal', '');
  // What a script logged comes before what the machine did.
  const metrics = useMemo(() => [...(keys?.metrics ?? [])].sort((a, b) => Number(isSystemMetric(a)) - Number(isSystemMetric(b))), [keys]);
  const metric = metrics.includes(asked) ? asked : metrics[0];
  const parameters = useMemo(() => keys?.params.slice(0, mostParameters) ?? [], [keys]);
  const columns: RunColumn[] = [
    { of: 'attribute', key: 'run_name' },
    ...(metric === undefined ? [] : [{ of: 'metric' as const, key: metric }]),
    ...parameters.map((key) => ({ of: 'param' as const, key })),
  ];
  const { value: table, error } = useLive(
    `analysis ${JSON.stringify([scope, columns])}`,
    async (client): Promise<RunTable> =>
      metric === undefined
        ? { total: 0, runs: [], columns: [] }
        : client.runTable({ ...scope, columns, offset: 0, limit: mostTableRows, orderBy: [] }),
    (change) => change.kind === 'job' || change.kind === 'metric',
    3000,
  );
  const analysed = useMemo(
    () => (table && metric !== undefined ? analysedOf(table, metric, parameters) : undefined),
    [table, metric, parameters],
  );

  if (keys && metric === undefined)
    return <Empty title="No metric has been logged.">Runs are analysed by a metric and their parameters, as soon as there are some.</Empty>;
  if (keys && parameters.length === 0)
    return <Empty title="No parameter has been logged.">A script logs them with mlflow.log_param, a sweep by itself.</Empty>;
  return (
    <div className="analysis-tab">
      <div className="analysis-bar">
        <Select
          label="Metric to be explained"
          value={metric ?? ''}
          options={metrics.map((value) => ({ value, label: plainText(value, 100) }))}
          onChange={setMetric}
        />
        <Select label="Which values are better" value={goal} options={goals} onChange={setGoal} />
        {table && analysed && (
          <span className="dim">
            {analysed.runs.length} of {Math.min(table.total, mostTableRows)} runs have it
            {table.total > mostTableRows && `; the newest ${mostTableRows} of ${table.total} are looked at`}
          </span>
        )}
        {keys && keys.params.length > mostParameters && (
          <span className="dim">
            The first {mostParameters} of {keys.params.length} parameters by name
          </span>
        )}
      </div>
      {error && <ReadFailure error={error} />}
      {!analysed && !error && <Loading what="the runs" />}
      {analysed?.runs.length === 0 && <Empty title="No run has this metric.">Choose another one, or change the filter in the table.</Empty>}
      {analysed && analysed.runs.length > 0 && (
        <Later what="the charts">
          <AnalysisCharts
            runs={analysed.runs}
            parameters={analysed.parameters}
            objective={analysed.objective}
            {...(goal === 'minimize' || goal === 'maximize' ? { goal } : {})}
          />
        </Later>
      )}
    </div>
  );
}

/** The runs that have the metric, and their values. */
function analysedOf({ runs, columns }: RunTable, metric: string, parameters: readonly string[]) {
  const [names = [], values = [], ...rest] = columns;
  const rows = [...runs.keys()].filter((row) => values[row] !== null && values[row] !== undefined);
  return {
    runs: rows.map((row) => ({ id: runs[row]!, label: String(names[row] ?? runs[row]!) })),
    objective: dimensionOf(
      'objective',
      metric,
      rows.map((row) => values[row]!),
    ),
    parameters: parameters.map((key, index) =>
      dimensionOf(
        key,
        key,
        rows.map((row) => rest[index]?.[row] ?? null),
      ),
    ),
  };
}
