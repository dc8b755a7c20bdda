import { isTerminal } from '../../protocol/job.ts';
import { jobArguments } from './arguments.ts';
import type { Command } from './command.ts';

export const jobCancel: Command = {
  id: 'updraft.job.cancel',
  async run(app, argument, selection) {
    const active = await jobArguments(app, argument, selection, 'Cancel a job', (job) => !isTerminal(job.properties.status ?? 'Unknown'));
    const client = await app.plane.client();
    await Promise.all(active.map((job) => client.cancelJob(job.name)));
  },
};
