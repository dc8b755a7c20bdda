import { useMemo } from 'react';
import { isTerminal, type Job } from '../../../src/protocol/job.ts';
import { useLoggedKeys } from '../../shared/cards/useLoggedKeys.ts';
import { ChartsBoard } from '../../shared/chart/ChartsBoard.tsx';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { useCharted } from './useCharted.ts';

interface MetricsTabProps {
  /** The job itself first. */
  jobs: readonly Job[];
  labelOf(job: Job): string;
  openTab(tab: string): void;
}

/** Live charts of what a job's script logged, or those of a pipeline's steps; with the pictures, tables and texts that it logged. */
export function MetricsTab({ jobs, labelOf, openTab }: MetricsTabProps) {
  const { script, system, error } = useCharted(jobs, labelOf);
  const names = useMemo(() => jobs.map((job) => job.name), [jobs]);
  const { logged, error: loggedError } = useLoggedKeys(names);
  const loggedRuns = useMemo(
    () =>
      jobs.map((job) => ({
        id: job.name,
        label: labelOf(job),
        startedAt: job.properties.startedAt ? Date.parse(job.properties.startedAt) : undefined,
      })),
    [jobs, labelOf],
  );
  if (error && !script) return <ReadFailure error={error} />;
  if (!script || (script.keys.length === 0 && !logged && !loggedError)) return <Loading what="metrics" />;
  // What a script logged once stands above all charts.
  if (script.keys.length > 0 || (logged && logged.length > 0))
    return (
      <ChartsBoard {...script} {...(logged ? { logged } : {})} loggedRuns={loggedRuns}>
        {loggedError && <ReadFailure error={loggedError} />}
      </ChartsBoard>
    );
  return (
    <NoMetrics
      job={jobs[0]!}
      isOver={jobs.every((job) => isTerminal(job.properties.status!))}
      openSystem={system!.keys.length > 0 ? () => openTab('system') : undefined}
    />
  );
}

function NoMetrics({ job, isOver, openSystem }: { job: Job; isOver: boolean; openSystem: (() => void) | undefined }) {
  const system = openSystem && (
    <p>
      <button type="button" className="link" onClick={openSystem}>
        Show what the machine did
      </button>
    </p>
  );
  if (isOver && job.properties.status === 'Failed')
    return (
      <Empty title="This job failed before it logged a metric.">
        What it said is in its log; why it failed stands on the overview.
        {system}
      </Empty>
    );
  return (
    <Empty title={isOver ? 'No metrics were logged.' : 'No metrics yet.'}>
      Metrics that the script logs with <code>mlflow.log_metric</code> {isOver ? 'are drawn' : 'appear'} here
      {isOver ? '' : ' as they come'}.{system}
    </Empty>
  );
}
