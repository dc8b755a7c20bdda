import { window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { plural, shortened } from '../../base/text.ts';
import { titleOf } from '../../protocol/job.ts';
import { jobArguments } from './arguments.ts';
import type { Command } from './command.ts';

export const jobArchive: Command = {
  id: 'updraft.job.archive',
  async run(app, argument, selection) {
    const client = await app.plane.client();
    const jobs = await jobArguments(app, argument, selection, 'Archive a job', (job) => !job.properties.isArchived);
    const archive = (isArchived: boolean) => Promise.all(jobs.map((job) => client.patchJob(job.name, { isArchived })));
    if (jobs.length === 0) return;
    await archive(true);
    const what = jobs.length === 1 ? shortened(titleOf(jobs[0]!), 80) : plural(jobs.length, 'job');
    aside(
      'undoing an archive',
      window.showInformationMessage(`Archived ${what}.`, 'Undo').then((chosen) => chosen && archive(false)),
      app.log,
    );
  },
};
