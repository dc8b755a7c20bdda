import { jobArguments } from './arguments.ts';
import type { Command } from './command.ts';

/** Brings an archived job back. */
export const jobRestore: Command = {
  id: 'updraft.job.restore',
  async run(app, argument, selection) {
    const client = await app.plane.client();
    const jobs = await jobArguments(app, argument, selection, 'Restore an archived job', (job) => job.properties.isArchived === true);
    await Promise.all(jobs.map((job) => client.patchJob(job.name, { isArchived: false })));
  },
};
