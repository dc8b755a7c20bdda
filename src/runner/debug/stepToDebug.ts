import { UserError } from '../../base/userError.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { type CommandJob, hasWork, isCommand, type Job, titleOf } from '../../protocol/job.ts';

/** The command to debug of a job: the job itself, or of one made of others the first that failed. */
export async function stepToDebug(client: PlaneClient, job: Job): Promise<CommandJob> {
  if (isCommand(job)) {
    if (hasWork(job)) return job;
    throw new UserError(
      'InvalidArgument',
      `${titleOf(job)} has no command, so there is nothing to run again.`,
      'A script made it: debug that script itself, or the job that started it.',
    );
  }
  const failed: Job[] = [];
  for await (const step of allPages((next) => client.listJobs({ parent: job.name, status: ['Failed'], top: 1000 }, next)))
    failed.unshift(step);
  const [first] = failed.sort((a, b) => (a.properties.endedAt ?? '').localeCompare(b.properties.endedAt ?? ''));
  if (!first)
    throw new UserError('InvalidArgument', `None of the steps of ${titleOf(job)} has failed.`, 'Name the step that you want to debug.');
  return stepToDebug(client, first);
}
