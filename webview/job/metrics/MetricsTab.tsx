import { useMemo } from 'react';
import { isTerminal, type Job } from '../../../src/protocol/job.ts';
import { ChartsBoard, type SingleValue } from '../../shared/chart/ChartsBoard.tsx';
import { machineGroup } from '../../shared/chart/chartSections.ts';
import { formatNumber } from '../../shared/chart/numbers.ts';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { useMetricKeys } from './useMetricKeys.ts';

/** Live charts of a job, or of a pipeline's steps. `jobs` has the job itself first. */
export function MetricsTab({ jobs, labelOf }: { jobs: readonly Job[]; labelOf(job: Job): string }) {
  const names = useMemo(() => jobs.map((job) => job.name), [jobs]);
  const { metrics, error } = useMetricKeys(names);
  const { runs, keys, singles } = useMemo(() => {
    const found = new Map<string, SingleValue & { values: { label: string; value: string }[]; isCurve: boolean }>();
    const withMetrics = jobs.filter((job) => metrics?.get(job.name)?.size);
    for (const job of withMetrics)
      for (const [key, { total, values }] of metrics!.get(job.name)!) {
        const each = found.get(key) ?? { key, values: [], isCurve: false };
        each.isCurve ||= total > 1;
        each.values.push({ label: labelOf(job), value: formatNumber(values[0] ?? Number.NaN) });
        found.set(key, each);
      }
    return {
      runs: withMetrics.map((job) => ({
        id: job.name,
        label: labelOf(job),
        startedAt: job.properties.startedAt ? Date.parse(job.properties.startedAt) : undefined,
      })),
      keys: [...found.keys()].sort((a, b) => a.localeCompare(b)),
      // What a script logged once stands above all charts; what the runner measured stays with the machine's other figures.
      singles: [...found.values()].filter(({ key, isCurve }) => !isCurve && !key.startsWith(`${machineGroup}/`)),
    };
  }, [jobs, metrics, labelOf]);

  if (error && !metrics) return <ReadFailure error={error} />;
  if (!metrics) return <Loading what="metrics" />;
  if (keys.length === 0) return <NoMetrics job={jobs[0]!} isOver={jobs.every((job) => isTerminal(job.properties.status!))} />;
  return <ChartsBoard runs={runs} keys={keys} singles={singles} />;
}

function NoMetrics({ job, isOver }: { job: Job; isOver: boolean }) {
  if (isOver && job.properties.status === 'Failed')
    return (
      <Empty title="This job failed before it logged a metric.">What it said is in its log; why it failed stands on the overview.</Empty>
    );
  return (
    <Empty title={isOver ? 'No metrics were logged.' : 'No metrics yet.'}>
      Metrics that the script logs with <code>mlflow.log_metric</code> {isOver ? 'are drawn' : 'appear'} here
      {isOver ? '' : ' as they come'}.
    </Empty>
  );
}
