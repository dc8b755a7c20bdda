import { Uri, window } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { titleOf } from '../../protocol/job.ts';
import type { Command } from './command.ts';

/** The page of the job that runs from the file of an editor. */
export const jobOpenRunning: Command = {
  id: 'updraft.job.openRunning',
  async run(app, argument) {
    const uri = argument instanceof Uri ? argument : window.activeTextEditor?.document.uri;
    const name = uri && app.active.jobOf(uri.fsPath);
    if (!name) throw new UserError('NotFound', 'No job of this file is running.', 'Submit it; its page opens then.');
    const job = await (await app.plane.client()).getJob(name);
    app.panels.open({ page: 'job', name }, titleOf(job));
  },
};
