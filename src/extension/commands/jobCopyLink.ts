import { env } from 'vscode';
import { jobArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { linkTo } from './pageLinks.ts';

/** What opens the job in the VS Code of a colleague. */
export const jobCopyLink: Command = {
  id: 'updraft.job.copyLink',
  async run(app, argument) {
    const { name } = await jobArgument(app, argument, 'Copy a link to a job');
    await env.clipboard.writeText(linkTo(app, { page: 'job', name }));
  },
};

/** The page of the job in the Studio of its plane. */
export const jobCopyStudioLink: Command = {
  id: 'updraft.job.copyStudioLink',
  async run(app, argument) {
    const { name } = await jobArgument(app, argument, 'Copy the address of a job in the Studio');
    await env.clipboard.writeText(linkTo(app, { page: 'job', name }, 'studio'));
  },
};
