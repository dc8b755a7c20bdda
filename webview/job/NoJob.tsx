import { BarePage, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { JobGone } from './JobGone.tsx';
import type { LiveJob } from './useJob.ts';

/** Whether there is a job to show. What was read before it was deleted is no use any more: nothing can be done with it. */
export const hasJob = (live: LiveJob): live is LiveJob & Required<Pick<LiveJob, 'job'>> =>
  live.job !== undefined && live.error?.code !== 'NotFound';

/** The page of a job that is not there, can't be read, or is being read. */
export function NoJob({ name, live: { job, error } }: { name: string; live: LiveJob }) {
  return (
    <BarePage title={`Job ${name}`}>
      {error?.code === 'NotFound' ? (
        <JobGone name={name} wasThere={job !== undefined} />
      ) : error ? (
        <ReadFailure error={error} />
      ) : (
        <Loading what="the job" />
      )}
    </BarePage>
  );
}
