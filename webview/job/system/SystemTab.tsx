import { isTerminal, type Job } from '../../../src/protocol/job.ts';
import { ChartsBoard } from '../../shared/chart/ChartsBoard.tsx';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { useCharted } from '../metrics/useCharted.ts';
import { systemGroups } from './systemGroups.ts';

/** Live charts of what the machine did while a job ran, or the steps of a pipeline. `jobs` has the job itself first. */
export function SystemTab({ jobs, labelOf }: { jobs: readonly Job[]; labelOf(job: Job): string }) {
  const { system, error } = useCharted(jobs, labelOf);
  if (error && !system) return <ReadFailure error={error} />;
  if (!system) return <Loading what="system metrics" />;
  // One point is a chart, too: it is soon a line, and a tile would jump.
  if (system.keys.length > 0)
    return <ChartsBoard runs={system.runs} keys={system.keys} groups={systemGroups} axis="relative" scope="system" />;
  if (jobs.every((job) => isTerminal(job.properties.status!)))
    return (
      <Empty title="The machine was not measured.">
        CPU, memory, disk, network and GPUs are measured every few seconds while a command runs. A run of a notebook measures them itself
        after <code>mlflow.enable_system_metrics_logging()</code>.
      </Empty>
    );
  return <Empty title="Nothing was measured yet.">CPU, memory, disk, network and GPUs appear here some seconds after the start.</Empty>;
}
