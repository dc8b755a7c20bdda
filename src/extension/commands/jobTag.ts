import { titleOf } from '../../protocol/job.ts';
import { jobArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { askForTagChange } from './tags.ts';

export const jobTag: Command = {
  id: 'updraft.job.tag',
  async run(app, argument) {
    const job = await jobArgument(app, argument, 'Edit the tags of a job');
    const tags = await askForTagChange(`Tags of ${titleOf(job)}`, job.properties.tags ?? {});
    await (await app.plane.client()).patchJob(job.name, { tags });
  },
};
