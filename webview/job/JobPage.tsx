import { lazy, useCallback, useEffect, useMemo } from 'react';
import { aside } from '../../src/base/aside.ts';
import { isPipeline, isSweep, type Job } from '../../src/protocol/job.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { Later } from '../shared/ui/Later.tsx';
import { part } from '../shared/ui/part.tsx';
import { Loading } from '../shared/ui/states.tsx';
import { Tabs } from '../shared/ui/Tabs.tsx';
import { JobHeader } from './JobHeader.tsx';
import { hasJob, NoJob } from './NoJob.tsx';
import { Overview } from './overview/Overview.tsx';
import { stepLabel } from './stepLabel.ts';
import { useJob } from './useJob.ts';

// The page is there before what its other tabs need.
const Comments = lazy(async () => ({ default: (await import('../shared/comments/Comments.tsx')).Comments }));
const GraphTab = lazy(async () => ({ default: (await import('./graph/GraphTab.tsx')).GraphTab }));
const LineageTab = lazy(async () => ({ default: (await import('./lineage/LineageTab.tsx')).LineageTab }));
const LogTab = lazy(async () => ({ default: (await import('./log/LogTab.tsx')).LogTab }));
const MetricsTab = part(async () => (await import('./metrics/MetricsTab.tsx')).MetricsTab);
const OutputsTab = lazy(async () => ({ default: (await import('./outputs/OutputsTab.tsx')).OutputsTab }));
const SystemTab = lazy(async () => ({ default: (await import('./system/SystemTab.tsx')).SystemTab }));
const TracesTab = lazy(async () => ({ default: (await import('./traces/TracesTab.tsx')).TracesTab }));
const TrialsTab = lazy(async () => ({ default: (await import('./trials/TrialsTab.tsx')).TrialsTab }));

/** What a tab waits for, in words. */
const what: Record<string, string> = {
  trials: 'the trials',
  metrics: 'metrics',
  graph: 'the graph',
  outputs: 'the files',
  lineage: 'the lineage',
  comments: 'the comments',
  log: 'the log',
  system: 'system metrics',
  traces: 'the traces',
};

/** The tab that is shown when none was chosen. */
const first = 'overview';
/** Milliseconds after the page is there in which what comes first has the network to itself. */
const chartsAfterMs = 500;
/** One and the same while steps are read, so that nothing is drawn anew for it. */
const none: readonly Job[] = [];

/** Everything about one job, live. */
export function JobPage({ name }: { name: string }) {
  const live = useJob(name);
  const [tab] = usePageState('tab', first);
  const isMetrics = tab === 'metrics';
  // The charts come next for most: what they need is there before the click. Where they are shown first, it is read with the job.
  useEffect(() => {
    const timer = setTimeout(() => aside('the charts', MetricsTab.load(), console), isMetrics ? 0 : chartsAfterMs);
    return () => clearTimeout(timer);
  }, [isMetrics]);
  if (!hasJob(live)) return <NoJob name={name} live={live} />;
  const { job, parent, descendants, steps } = live;
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
  const [chosen, choose] = usePageState('tab', first);
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
    { key: 'system', label: 'System' },
    { key: 'traces', label: 'Traces' },
    { key: 'lineage', label: 'Lineage' },
    { key: 'comments', label: 'Comments' },
  ];
  const tab = tabs.find((each) => each.key === chosen)?.key ?? 'overview';
  return (
    <Tabs tabs={tabs} selected={tab} label="Parts of the job" onSelect={choose}>
      {tab === 'overview' && <Overview job={job} steps={steps} parent={parent} openTab={choose} />}
      <Later key={tab} what={what[tab] ?? 'it'}>
        {tab === 'comments' && <Comments on={{ kind: 'jobs', name: job.name }} />}
        {tab !== 'overview' && tab !== 'comments' && !descendants && <Loading what={what[tab] ?? 'it'} />}
        {descendants && tab === 'trials' && isSweep(job) && <TrialsTab sweep={job} steps={steps} />}
        {descendants && tab === 'metrics' && <MetricsTab jobs={withSelf} labelOf={labelOf} openTab={choose} />}
        {descendants && tab === 'system' && <SystemTab jobs={withSelf} labelOf={labelOf} />}
        {descendants && tab === 'traces' && <TracesTab jobs={withSelf} />}
        {descendants && tab === 'graph' && <GraphTab job={job} descendants={descendants} openTab={choose} />}
        {descendants && tab === 'outputs' && <OutputsTab job={job} steps={steps} />}
        {descendants && tab === 'lineage' && <LineageTab job={job} parent={parent} steps={steps} />}
        {descendants && tab === 'log' && <LogTab job={job} steps={steps} labelOf={labelOf} />}
      </Later>
    </Tabs>
  );
}
