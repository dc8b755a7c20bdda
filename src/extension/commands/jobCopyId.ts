import { env } from 'vscode';
import { jobArgument } from './arguments.ts';
import type { Command } from './command.ts';

export const jobCopyId: Command = {
  id: 'updraft.job.copyId',
  run: async (app, argument) => env.clipboard.writeText((await jobArgument(app, argument, 'Copy the id of a job')).name),
};
