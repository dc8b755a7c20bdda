import { UserError } from '../../base/userError.ts';
import { resubmit } from '../../client/resubmit.ts';
import { hasWork, isTerminal, titleOf } from '../../protocol/job.ts';
import { jobArgument, requireTrust } from './arguments.ts';
import type { Command } from './command.ts';
import { revealStartedJob } from './revealStartedJob.ts';

/** Runs a job again: the same snapshot and inputs under a new name. */
export const jobRerun: Command = {
  id: 'updraft.job.rerun',
  async run(app, argument) {
    requireTrust('Rerunning a job');
    const job = await jobArgument(app, argument, 'Rerun a job', (each) => hasWork(each) && isTerminal(each.properties.status ?? 'Unknown'));
    if (!hasWork(job))
      throw new UserError(
        'InvalidArgument',
        `${titleOf(job)} has no command, so there is nothing to run again.`,
        'A script made it: run that script again, or the job that started it.',
      );
    const again = await resubmit(await app.plane.client(), job);
    await revealStartedJob(app, again);
  },
};
