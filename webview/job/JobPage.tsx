import { lazy, Suspense, useCallback, useMemo } from 'react';
import { isPipeline, isSweep, type Job } from '../../src/protocol/job.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useDescendants } from '../shared/live/descendants.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { Tabs } from '../shared/ui/Tabs.tsx';
import { JobHeader } from './JobHeader.tsx';
import { LineageTab } from './lineage/LineageTab.tsx';
import { LogTab } from './log/LogTab.tsx';
import { MetricsTab } from './metrics/MetricsTab.tsx';
import { OutputsTab } from './outputs/OutputsTab.tsx';
import { Overview } from './overview/Overview.tsx';
import { stepLabel } from './stepLabel.ts';

/** Most jobs are no pipelines and no sweeps, and what draws graphs is large. */
const GraphTab = lazy(async () => ({ default: (await import('./graph/GraphTab.tsx')).GraphTab }));

const TrialsTab = lazy(async () => ({ default: (await import('./trials/TrialsTab.tsx')).TrialsTab }));

/** One and the same while steps are read, so that nothing is drawn anew for it. */
const none: readonly Job[] = [];

/** Everything about one job, live. */
export function JobPage({ name }: { name: string }) {
  const { value: job, error } = useLive(
    `job ${name}`,
    (client) => client.getJob(name),
    (change) => change.kind === 'job' && change.id === name,
  );
  const parentName = job?.properties.parentJobName;
  const { value: parent } = useLive(
    `parent ${parentName ?? ''}`,
    async (client) => (parentName ? client.getJob(parentName) : undefined),
    (change) => change.kind === 'job' && change.id === parentName,
  );
  const descendants = useDescendants(job);
  const steps = useMemo(() => descendants && inOrder([...descendants.values()]), [descendants]);

  if (!job) {
    if (error?.code === 'NotFound') return <Empty title="This job is not there.">It may have been deleted. Its id is {name}.</Empty>;
    return error ? <ReadFailure error={error} /> : <Loading what="the job" />;
  }
  return (
    <main className="page">
      <JobHeader job={job} parent={parent} steps={steps} />
      <JobTabs job={job} parent={parent} descendants={descendants} steps={steps ?? none} />
    </main>
  );
}

interface JobTabsProps {
  job: Job;
  parent: Job | undefined;
  descendants: ReadonlyMap<string, Job> | undefined;
  steps: readonly Job[];
}

function JobTabs({ job, parent, descendants, steps }: JobTabsProps) {
  const [chosen, choose] = usePageState('tab', 'overview');
  const withSelf = useMemo(() => [job, ...steps], [job, steps]);
  const labelOf = useCallback(
    (each: Job) => (each.name === job.name ? 'this job' : stepLabel(each, descendants ?? new Map())),
    [job.name, descendants],
  );

  const tabs = [
    { key: 'overview', label: 'Overview' },
    ...(isSweep(job) ? [{ key: 'trials', label: 'Trials' }] : []),
    { key: 'metrics', label: 'Metrics' },
    ...(isPipeline(job) ? [{ key: 'graph', label: 'Graph' }] : []),
    { key: 'outputs', label: 'Outputs' },
    { key: 'log', label: 'Log' },
    { key: 'lineage', label: 'Lineage' },
  ];
  const tab = tabs.find((each) => each.key === chosen)?.key ?? 'overview';
  return (
    <Tabs tabs={tabs} selected={tab} label="Parts of the job" onSelect={choose}>
      {tab === 'overview' && <Overview job={job} steps={steps} parent={parent} openTab={choose} />}
      {tab === 'trials' && isSweep(job) && (
        <Suspense fallback={<Loading what="the trials" />}>
          {descendants ? <TrialsTab sweep={job} steps={steps} /> : <Loading what="the trials" />}
        </Suspense>
      )}
      {tab === 'metrics' && (descendants ? <MetricsTab jobs={withSelf} labelOf={labelOf} /> : <Loading what="metrics" />)}
      {tab === 'graph' && (
        <Suspense fallback={<Loading what="the graph" />}>
          {descendants ? <GraphTab job={job} descendants={descendants} openTab={choose} /> : <Loading what="the graph" />}
        </Suspense>
      )}
      {tab === 'outputs' && (descendants ? <OutputsTab job={job} steps={steps} /> : <Loading what="the files" />)}
      {tab === 'lineage' && (descendants ? <LineageTab job={job} parent={parent} steps={steps} /> : <Loading what="the lineage" />)}
      {tab === 'log' && (descendants ? <LogTab job={job} steps={steps} labelOf={labelOf} /> : <Loading what="the log" />)}
    </Tabs>
  );
}

/** As they were made. */
const inOrder = (jobs: Job[]): Job[] =>
  jobs.sort((a, b) => (a.systemData?.createdAt ?? '').localeCompare(b.systemData?.createdAt ?? '') || a.name.localeCompare(b.name));
