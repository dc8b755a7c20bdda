import { isTerminal, type Job, titleOf } from '../../src/protocol/job.ts';

/** What a job is about; of one that is made of steps, what the first of those says that has something to say. */
export function progressOf(job: Job, steps: readonly Job[] = []): string | undefined {
  if (isTerminal(job.properties.status ?? 'Unknown')) return undefined;
  if (job.properties.progress) return job.properties.progress;
  const step = steps.find(({ properties }) => properties.progress && !isTerminal(properties.status ?? 'Unknown'));
  return step && `${titleOf(step)}: ${step.properties.progress}`;
}
