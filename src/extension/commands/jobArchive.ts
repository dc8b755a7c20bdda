import { jobArguments } from './arguments.ts';
import type { Command } from './command.ts';

export const jobArchive: Command = {
  id: 'updraft.job.archive',
  async run(app, argument, selection) {
    const client = await app.plane.client();
    const jobs = await jobArguments(app, argument, selection, 'Archive a job', (job) => !job.properties.isArchived);
    await Promise.all(jobs.map((job) => client.patchJob(job.name, { isArchived: true })));
  },
};
