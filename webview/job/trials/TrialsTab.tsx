import { lazy, useMemo, useState } from 'react';
import { plural } from '../../../src/base/text.ts';
import type { Job, SweepJob } from '../../../src/protocol/job.ts';
import { dimensionOf } from '../../shared/analysis/dimension.ts';
import { formatNumber } from '../../shared/chart/numbers.ts';
import { csvLine } from '../../shared/csv.ts';
import { useHost } from '../../shared/host/host.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { CopyButton } from '../../shared/ui/CopyButton.tsx';
import { useNow } from '../../shared/ui/Duration.tsx';
import { Button } from '../../shared/ui/fields.tsx';
import { Later } from '../../shared/ui/Later.tsx';
import { LoadMore } from '../../shared/ui/LoadMore.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { Section } from '../../shared/ui/Section.tsx';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { TrialTable } from './TrialTable.tsx';
import { bestFirst, goalOf, hyperparametersOf, isLogarithmic, sortedTrials, type TrialRow, tally, trialRows } from './trialRows.ts';
import { useObjectives } from './useObjectives.ts';

/** Only who looks at trials needs their charts. */
const AnalysisCharts = lazy(async () => ({ default: (await import('../../shared/analysis/AnalysisCharts.tsx')).AnalysisCharts }));

const pageRows = 100;
/** Runs that are compared at most. */
const mostCompared = 20;

/** The trials of a sweep: a table, the best first, and charts of what the hyperparameters have to do with the objective. */
export function TrialsTab({ sweep, steps }: { sweep: SweepJob; steps: readonly Job[] }) {
  const { open } = useHost();
  const { value: objectives, error } = useObjectives(sweep, steps);
  const isRunning = steps.some(({ properties }) => properties.startedAt && !properties.endedAt);
  const now = useNow(isRunning);
  const goal = goalOf(sweep);
  const names = useMemo(() => hyperparametersOf(sweep), [sweep]);
  const { primaryMetric } = sweep.properties.objective;
  const usual = bestFirst(goal);
  const [by, setBy] = usePageState('trialsBy', usual.by);
  const [isDescending, setDescending] = usePageState('trialsDescending', usual.isDescending);
  const [count, setCount] = useState(pageRows);
  const [selected, setSelected] = useState<string[]>([]);
  const rows = useMemo(() => trialRows(sweep, steps, objectives ?? new Map(), now), [sweep, steps, objectives, now]);
  const sorted = useMemo(() => sortedTrials(rows, names, { by, isDescending }), [rows, names, by, isDescending]);

  if (!objectives) return error ? <ReadFailure error={error} /> : <Loading what="the trials" />;
  if (rows.length === 0) return <Empty title="No trial has been made yet.">They are listed here as soon as the sweep makes them.</Empty>;
  const best = rows.find(({ isBest }) => isBest);
  const most = sweep.properties.limits?.maxTotalTrials;
  return (
    <div className="trials-tab">
      {error && <ReadFailure error={error} />}
      <div className="analysis-bar">
        <span role="status">
          {plural(rows.length, 'trial')}
          {most !== undefined && most > rows.length && ` of at most ${most}`}: {tally(rows)}
        </span>
        {best && (
          <span>
            Best: <strong>{plainText(best.label, 60)}</strong>, {plainText(primaryMetric, 60)}{' '}
            <strong className="number">{formatNumber(best.objective)}</strong>
          </span>
        )}
        <span className="dim">
          {plainText(primaryMetric, 60)} is to be {goal === 'maximize' ? 'as large' : 'as small'} as possible
        </span>
        <span className="bar-rest" />
        <Button
          secondary
          disabled={selected.length < 2 || selected.length > mostCompared}
          onClick={() => open({ page: 'runs', name: sweep.properties.experimentName ?? '', tab: 'compare', state: { selected } })}
        >
          {selected.length < 2 ? 'Compare' : `Compare ${selected.length}`}
        </Button>
        <CopyButton text={() => trialsCsv(sorted, names, primaryMetric)} label="Copy the trials as CSV" />
      </div>
      <TrialTable
        rows={sorted.slice(0, count)}
        names={names}
        metric={primaryMetric}
        order={{ by, isDescending }}
        onSort={(order) => {
          setBy(order.by);
          setDescending(order.isDescending);
        }}
        selected={selected}
        onSelect={setSelected}
      />
      {sorted.length > count && <LoadMore onClick={() => setCount(count + pageRows)} />}
      <Section title="Analysis">
        <Later what="the charts">
          <TrialCharts sweep={sweep} steps={steps} objectives={objectives} />
        </Later>
      </Section>
    </div>
  );
}

/** Drawn anew when a trial or an objective changes, not with every second that passes. */
function TrialCharts({ sweep, steps, objectives }: { sweep: SweepJob; steps: readonly Job[]; objectives: ReadonlyMap<string, number> }) {
  const { primaryMetric } = sweep.properties.objective;
  // What else of a trial changes is not drawn.
  const key = JSON.stringify(steps.map(({ name, properties }) => [name, properties.displayName]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that the charts need of the trials
  const { runs, parameters, objective } = useMemo(() => {
    const rows = trialRows(sweep, steps, objectives, 0);
    return {
      runs: rows.map(({ job, label }) => ({ id: job.name, label })),
      parameters: hyperparametersOf(sweep).map((name, index) =>
        dimensionOf(
          name,
          name,
          rows.map(({ values }) => values[index]!),
          isLogarithmic(sweep, name),
        ),
      ),
      objective: dimensionOf(
        'objective',
        primaryMetric,
        rows.map((row) => row.objective ?? null),
      ),
    };
  }, [sweep.name, key, objectives]);
  return <AnalysisCharts runs={runs} parameters={parameters} objective={objective} goal={goalOf(sweep)} />;
}

const trialsCsv = (rows: readonly TrialRow[], names: readonly string[], metric: string): string =>
  [
    ['trial', 'name', metric, ...names, 'duration_seconds', 'status', 'why'],
    ...rows.map(({ job, label, values, objective, duration, why }) => [
      job.name,
      label,
      objective === undefined ? '' : String(objective),
      ...values.map((value) => (value === null ? '' : String(value))),
      duration === undefined ? '' : String(duration / 1000),
      job.properties.status ?? '',
      why ?? '',
    ]),
  ]
    .map(csvLine)
    .join('');
