import { useMemo } from 'react';
import type { Job } from '../../../src/protocol/job.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { TraceList } from './TraceList.tsx';
import { TraceView } from './TraceView.tsx';

/** Runs that one filter names: of a pipeline with more steps, the traces of the first ones are shown. */
const mostRuns = 200;

/** MLflow's traces of a job, and those of a pipeline's steps: the list, or one of them. `jobs` has the job itself first. */
export function TracesTab({ jobs }: { jobs: readonly Job[] }) {
  const [trace, open] = usePageState('trace', '');
  const name = jobs[0]!.name;
  const { value: experiment, error } = useLive(
    `experiment of ${name}`,
    async (client) => (await client.getRun(name)).run.info.experiment_id,
    (change) => change.kind === 'job' && change.id === name,
  );
  const runs = useMemo(() => jobs.slice(0, mostRuns).map((job) => job.name), [jobs]);
  if (trace) return <TraceView id={trace} onBack={() => open('')} />;
  if (experiment === undefined) return error ? <ReadFailure error={error} /> : <Loading what="the traces" />;
  return <TraceList experiment={experiment} runs={runs} onOpen={open} />;
}
