import { type Job, titleOf } from '../../src/protocol/job.ts';

/** How a step is called beside its pipeline, `outer/inner` for a step of a nested one. */
export function stepLabel(job: Job, jobs: ReadonlyMap<string, Job>): string {
  const parent = job.properties.parentJobName ? jobs.get(job.properties.parentJobName) : undefined;
  const name = titleOf(job);
  return parent ? `${stepLabel(parent, jobs)}/${name}` : name;
}
