import type { Job } from '../../src/protocol/job.ts';

/** How a job is called on a page. */
export const titleOf = (job: Job): string => job.properties.displayName || job.name;

/** How a step is called beside its pipeline, `outer/inner` for a step of a nested one. */
export function stepLabel(job: Job, jobs: ReadonlyMap<string, Job>): string {
  const parent = job.properties.parentJobName ? jobs.get(job.properties.parentJobName) : undefined;
  const name = job.properties.nodeName ?? titleOf(job);
  return parent ? `${stepLabel(parent, jobs)}/${name}` : name;
}
