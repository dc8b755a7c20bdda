import { ask, jobArgument } from './arguments.ts';
import type { Command } from './command.ts';

export const jobRename: Command = {
  id: 'updraft.job.rename',
  async run(app, argument) {
    const job = await jobArgument(app, argument, 'Rename a job');
    const displayName = await ask('Rename the job', {
      value: job.properties.displayName ?? job.name,
      prompt: 'The display name; the id stays.',
      check: (text) => (text.trim() ? undefined : 'Give a name.'),
    });
    await (await app.plane.client()).patchJob(job.name, { displayName: displayName.trim() });
  },
};
