import { useCallback, useMemo } from 'react';
import { isPipeline, type Job } from '../../src/protocol/job.ts';
import { useHost } from '../shared/host/host.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useDescendants } from '../shared/live/descendants.ts';
import { useLive } from '../shared/live/useLive.ts';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { Tabs } from '../shared/ui/Tabs.tsx';
import { GraphTab } from './graph/GraphTab.tsx';
import { JobHeader } from './JobHeader.tsx';
import { LineageTab } from './lineage/LineageTab.tsx';
import { LogTab } from './log/LogTab.tsx';
import { MetricsTab } from './metrics/MetricsTab.tsx';
import { OutputsTab } from './outputs/OutputsTab.tsx';
import { Overview } from './overview/Overview.tsx';
import { stepLabel } from './stepLabel.ts';

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

  // What was read before it was deleted is no use any more: nothing can be done with it.
  if (error?.code === 'NotFound') return <Gone name={name} wasThere={job !== undefined} />;
  if (!job) return error ? <ReadFailure error={error} /> : <Loading what="the job" />;
  return (
    <main className="page">
      <JobHeader job={job} parent={parent} steps={steps} />
      <JobTabs job={job} parent={parent} descendants={descendants} steps={steps ?? none} />
    </main>
  );
}

function Gone({ name, wasThere }: { name: string; wasThere: boolean }) {
  const { kind } = useHost();
  return (
    <Empty title={wasThere ? 'This job was deleted.' : 'This job is not there.'}>
      {wasThere ? 'Its' : 'It may have been deleted. Its'} id is <code>{name}</code>.{' '}
      {kind === 'editor' ? 'The Jobs view has all the others.' : <PageLink to={{ page: 'jobs', name: '' }}>Show the others</PageLink>}
    </Empty>
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
      {tab === 'metrics' && (descendants ? <MetricsTab jobs={withSelf} labelOf={labelOf} /> : <Loading what="metrics" />)}
      {tab === 'graph' && (descendants ? <GraphTab job={job} descendants={descendants} openTab={choose} /> : <Loading what="the graph" />)}
      {tab === 'outputs' && (descendants ? <OutputsTab job={job} steps={steps} /> : <Loading what="the files" />)}
      {tab === 'lineage' && (descendants ? <LineageTab job={job} parent={parent} steps={steps} /> : <Loading what="the lineage" />)}
      {tab === 'log' && (descendants ? <LogTab job={job} steps={steps} labelOf={labelOf} /> : <Loading what="the log" />)}
    </Tabs>
  );
}

/** As they were made. */
const inOrder = (jobs: Job[]): Job[] =>
  jobs.sort((a, b) => (a.systemData?.createdAt ?? '').localeCompare(b.systemData?.createdAt ?? '') || a.name.localeCompare(b.name));
