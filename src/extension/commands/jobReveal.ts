import { type Job, titleOf } from '../../protocol/job.ts';
import type { App } from './command.ts';

/** Shows a job that was just made: its line in the Jobs view, opened, and its dashboard beside the editor. */
export async function revealJob(app: App, job: Job): Promise<void> {
  app.panels.open({ page: 'job', name: job.name }, titleOf(job), { preserveFocus: true });
  const node = await app.jobs.find(job.name, job);
  await app.jobsView.reveal(node, { select: true, focus: false, expand: true });
}
