import { type Job, titleOf } from '../../protocol/job.ts';
import type { App } from './command.ts';

/** Shows a job that was just started: its line in the Jobs view, opened, and its dashboard beside the editor. Its end is told where the dashboard is no longer on screen. */
export async function revealStartedJob(app: App, job: Job): Promise<void> {
  // The dashboard first: a short job may have ended already, and its dashboard says so itself.
  app.panels.open({ page: 'job', name: job.name }, titleOf(job), { preserveFocus: true });
  app.started.add(job);
  const node = await app.jobs.find(job.name, job);
  await app.jobsView.reveal(node, { select: true, focus: false, expand: true });
}
