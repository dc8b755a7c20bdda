import { fileArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { submitFile } from './submission.ts';

export const jobSubmit: Command = {
  id: 'updraft.job.submit',
  run: async (app, argument) => submitFile(app, await fileArgument(app, argument, 'Submit a job')),
};
