import type { Command } from './command.ts';
import { revealStartedJob } from './revealStartedJob.ts';
import { scheduleArgument } from './scheduleArgument.ts';

/** Starts the job of a schedule at once, whatever its times are. */
export const scheduleTrigger: Command = {
  id: 'updraft.schedule.trigger',
  async run(app, argument) {
    const { name } = await scheduleArgument(app, argument, 'Start the job of a schedule now');
    const client = await app.plane.client();
    const { jobName } = await client.triggerSchedule(name);
    const job = await client.getJob(jobName);
    await revealStartedJob(app, job);
  },
};
