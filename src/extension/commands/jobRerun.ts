import { resubmit } from '../../client/resubmit.ts';
import { jobArgument, requireTrust } from './arguments.ts';
import type { Command } from './command.ts';
import { revealJob } from './jobReveal.ts';

/** Runs a job again: the same snapshot and inputs under a new name. */
export const jobRerun: Command = {
  id: 'updraft.job.rerun',
  async run(app, argument) {
    requireTrust('Rerunning a job');
    const again = await resubmit(await app.plane.client(), await jobArgument(app, argument, 'Rerun a job'));
    app.started.add(again);
    await revealJob(app, again);
  },
};
